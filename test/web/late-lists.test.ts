import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ListeningApp, startListening } from '../support/listening.ts';

let app: ListeningApp;

afterEach(async () => await app.close());

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** A look at Get Streams, more than half a poll after the one before. */
async function round(): Promise<void> {
  app.clock.advance(31_000);
  await app.listener.round(new AbortController().signal);
}

/** What was told of broadcasts, titles aside. */
const kinds = async () =>
  (await app.stored()).map(({ kind }) => kind).filter((kind) => kind === 'live' || kind === 'offline');
const isLive = async () => {
  const { text } = await app.viewer.get('/twitch/streamers/otto').expect(200);
  return text.includes('class="live-mark"');
};

async function begin(transport: string): Promise<void> {
  app = await startListening({ environment: { EVENTSUB_TRANSPORT: transport, POLL_INTERVAL_S: '60' } });
  const isPushed = transport !== 'poll';
  await soon(() => expect(app.hearing.hasPromised(app.idOf('otto'))).toBe(isPushed));
}

describe.each(['conduit', 'poll'])('A list that blinks, beside %s', (transport) => {
  it('ends no broadcast and begins none', async () => {
    await begin(transport);
    app.simulator.world.goLive('otto');
    await round();
    await soon(async () => expect(await kinds()).toEqual(['live']));
    for (let blinks = 0; blinks < 3; blinks += 1) {
      // Push is right for some minutes, whatever the list says.
      app.clock.advance(10 * 60_000);
      app.simulator.streamList.blink('otto');
      await round();
      expect(await isLive()).toBe(true);
      await round();
    }
    expect(await kinds()).toEqual(['live']);
  });

  it('ends none when two looks in a row meet the same blink', async () => {
    await begin(transport);
    app.simulator.world.goLive('otto');
    await round();
    app.clock.advance(10 * 60_000);
    app.simulator.streamList.blink('otto', 2);
    await round();
    await app.listener.look([app.idOf('otto')]);
    expect(await isLive()).toBe(true);
    await round();
    await soon(async () => expect(await kinds()).toEqual(['live']));
  });
});

describe('A list that lags behind push', () => {
  const lagMs = 600_000;

  it('ends no broadcast that push has told', async () => {
    await begin('conduit');
    const { world, streamList } = app.simulator;
    streamList.setLag(lagMs);
    world.goLive('otto');
    await soon(async () => expect(await kinds()).toEqual(['live']));
    for (let rounds = 0; rounds < 3; rounds += 1) await round();
    expect(await isLive()).toBe(true);
    streamList.setLag(0);
    await round();
    expect(await kinds()).toEqual(['live']);
  });

  it('begins none again that push has ended', async () => {
    await begin('conduit');
    const { world, streamList } = app.simulator;
    world.goLive('otto', { startedAt: new Date(Date.now() - 2 * lagMs) });
    await round();
    await soon(async () => expect(await kinds()).toEqual(['live']));
    streamList.setLag(lagMs);
    world.goOffline('otto');
    await soon(async () => expect(await kinds()).toEqual(['live', 'offline']));
    expect(await app.twitch.streamsByUserIds([app.idOf('otto')])).toHaveLength(1);
    for (let rounds = 0; rounds < 3; rounds += 1) await round();
    expect(await isLive()).toBe(false);
    expect(await kinds()).toEqual(['live', 'offline']);
  });
});
