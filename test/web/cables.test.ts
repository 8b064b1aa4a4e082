import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ListeningApp, type ListenOptions, startListening } from '../support/listening.ts';

let app: ListeningApp;

afterEach(async () => await app.close());

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 12_000, interval: 30 });

/** Waits until the page says all of it, and answers its words. */
async function reads(...sentences: RegExp[]): Promise<string> {
  let words = '';
  await soon(async () => {
    words = await app.status();
    for (const sentence of sentences) expect(words).toMatch(sentence);
  });
  return words;
}

const well = [/Events arrive as they happen/, /All of them: heard as it happens/];

async function begin(environment: Record<string, string> = {}, options: ListenOptions = {}) {
  app = await startListening({ ...options, environment });
}

describe('The status page, with each cable pulled', () => {
  it('says that all is well', async () => {
    await begin();
    await reads(
      ...well,
      /through a conduit/,
      /2 of 2 shards/,
      /10 of the 10,000/,
      /12 of 12 subscriptions to events are in place/,
    );
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    expect(await reads(/Last event Heard just now; 1 since the listener started/)).not.toMatch(
      /Warning|Problem/,
    );
  });

  it('says that no socket is open while Twitch takes none', async () => {
    await begin({ EVENTSUB_TRANSPORT: 'conduit' });
    await reads(...well);
    app.simulator.faults.add({ path: '/eventsub/ws', kind: 'status', status: 503 });
    app.simulator.eventSub.dropSockets();
    const words = await reads(
      /No socket to Twitch is open/,
      /Waiting to connect again/,
      /last closed with 1006/,
      /0 of 2 shards of the conduit are up/,
      /otto Asked about every 3,600 seconds ?: No socket to Twitch is open/,
    );
    expect(words).not.toMatch(/heard as it happens|Events arrive as they happen/);
    app.simulator.faults.clear();
    await reads(...well);
  });

  it('notices sockets that have fallen silent', async () => {
    await begin({}, { eventSub: { keepaliveS: 1 } });
    await reads(...well);
    app.simulator.faults.add({ path: '/eventsub/ws', kind: 'status', status: 503 });
    app.simulator.eventSub.silence();
    const words = await reads(
      /No socket to Twitch is open/,
      /last closed with 1006 refused with 503|last closed with 1006 silence/,
    );
    expect(words).not.toMatch(/heard as it happens/);
  });

  it('says that one shard is down, and that everybody is heard all the same', async () => {
    await begin();
    await reads(...well);
    app.simulator.faults.add({ path: '/helix/eventsub/conduits/shards', kind: 'status', status: 503 });
    app.simulator.eventSub.disableShard();
    const words = await reads(
      /Twitch does not answer when it is asked about the conduit/,
      /All of them: heard as it happens/,
    );
    expect(words).not.toMatch(/Events arrive as they happen/);
    app.simulator.faults.clear();
    await reads(...well, /2 of 2 shards/);
  });

  it('says that watches cannot be made while EventSub does not answer', async () => {
    await begin(
      { EVENTSUB_TRANSPORT: 'conduit' },
      {
        prepare: ({ simulator }) =>
          simulator.faults.add({ path: '/helix/eventsub', kind: 'status', status: 503 }),
      },
    );
    const words = await reads(
      /Twitch gives us no conduit|watches are not made/,
      /otto Asked about every 3,600 seconds/,
    );
    expect(words).not.toMatch(/Events arrive as they happen|heard as it happens/);
    app.simulator.faults.clear();
    await reads(...well);
  });

  it('does not say that all is well when a new favourite cannot be watched', async () => {
    await begin({ EVENTSUB_TRANSPORT: 'conduit' });
    await reads(...well);
    app.simulator.faults.add({ path: '/helix/eventsub', kind: 'status', status: 503 });
    await app.favour('ada_follows', 'hazelrove');
    const words = await reads(
      /HazelRove Asked about every 3,600 seconds/,
      /All others: heard as it happens/,
      /Twitch does not answer when it is asked for watches/,
    );
    expect(words).not.toMatch(/Events arrive as they happen/);
  });

  it('says who is heard by push and who is not when the budget ends', async () => {
    await begin(
      {},
      {
        eventSub: { maxTotalCost: 4 },
        viewer: { favourites: ['otto', 'fernhollow', 'hazelrove', 'thimblewick'] },
      },
    );
    const words = await reads(
      /Twitch allows this app no more watches/,
      /4 of the 4 points that Twitch allows are used/,
      /2 only in part, 2 asked about every 3,600 seconds/,
    );
    expect(words).toMatch(/\w+ , \w+ Only in part/);
    expect(words).not.toMatch(/Events arrive as they happen/);
  });

  it('says that a token is gone on which the sockets rest', async () => {
    await begin({ EVENTSUB_TRANSPORT: 'websocket' }, { viewer: { favourites: ['otto'] } });
    await reads(...well, /through the sockets of users/);
    app.simulator.tokens.expireAccess(app.idOf('ada_follows'));
    await app.store.tokens.remove(app.idOf('ada_follows'));
    app.simulator.eventSub.dropSockets();
    await reads(/nobody with a token|has to sign in again/, /otto Asked about every 3,600 seconds/);
    await app.addUser('ada_follows');
    app.hearing.readersChanged(app.idOf('ada_follows'));
    expect(await reads(...well)).not.toMatch(/Warning|Problem/);
  });

  it('says that Twitch has ended the watches of a streamer', async () => {
    await begin();
    await reads(...well);
    app.simulator.eventSub.revokeSubscriptions('stream.online', 'user_removed');
    const words = await reads(/otto Asked about every 3,600 seconds ?: Twitch has ended it/);
    expect(words).not.toMatch(/Events arrive as they happen/);
  });

  it('says that Twitch does not answer at all', async () => {
    await begin();
    await reads(...well);
    app.simulator.faults.outage(true);
    app.simulator.eventSub.dropSockets();
    const words = await reads(
      /Nothing is pushed|No socket to Twitch is open/,
      /Twitch Problem: Does not answer/,
    );
    expect(words).not.toMatch(/heard as it happens|Events arrive as they happen/);
    app.simulator.faults.outage(false);
    await reads(...well);
  }, 30_000);

  it('says that the listener is gone', async () => {
    await begin();
    await reads(...well);
    await app.stopDuties();
    app.clock.advance(120_000);
    const words = await app.page();
    expect(words).toMatch(/The listener last reported 2 minutes ago/);
    expect(words).not.toMatch(/heard as it happens|Events arrive as they happen/);
  });
});
