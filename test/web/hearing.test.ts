import { afterEach, describe, expect, it, vi } from 'vitest';
import { listen } from '../simulator/eventsub/subscriber.ts';
import type { TestApp } from '../support/app.ts';
import { type ListeningApp, type ListenOptions, startListening } from '../support/listening.ts';

let app: ListeningApp;

afterEach(async () => await app.close());

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

const covered = async () =>
  await soon(() => {
    expect(app.hearing.status().coverage).toMatchObject({ part: 0, poll: 0 });
    expect(app.hearing.status().coverage.push).toBeGreaterThan(0);
    for (const login of ['otto', 'fernhollow']) expect(app.hearing.hasPromised(app.idOf(login))).toBe(true);
  });

async function begin(options: ListenOptions): Promise<void> {
  app = await startListening(options);
  await covered();
}

/** All sockets were closed, and all is well again. */
async function heardAgainAfter(code: number): Promise<void> {
  await soon(() => {
    for (const socket of app.hearing.status().sockets)
      expect(socket).toMatchObject({ status: 'open', lastClose: { code } });
    for (const shard of app.hearing.status().shards) expect(shard.status).toBe('enabled');
  });
  await covered();
}

/** What was sent to us at least once, but what is about the app itself. */
function delivered(type: string): string[] {
  return app.simulator.eventSub
    .deliveries()
    .filter((delivery) => delivery.type === type && delivery.sent > 0)
    .map(({ id }) => id);
}

async function expectAllStored(type: string, atLeast: number): Promise<void> {
  const ids = delivered(type);
  expect(ids.length).toBeGreaterThanOrEqual(atLeast);
  await soon(async () =>
    expect((await app.stored(type)).map(({ messageId }) => messageId).toSorted()).toEqual(ids.toSorted()),
  );
}

const creations = () =>
  app.simulator.calls.all().filter(({ method, path }) => method === 'POST' && path.endsWith('/subscriptions'))
    .length;

const raiders = () =>
  app.simulator.world
    .everybody()
    .map(({ login }) => login)
    .filter((login) => login !== 'otto' && login !== 'fernhollow');

const enabledOnes = () => app.simulator.eventSub.subscriptions().filter(({ status }) => status === 'enabled');

const enabled = () => enabledOnes().length;

/** At how many sockets or conduits the enabled ones are. */
const places = () => new Set(enabledOnes().map(({ transport }) => JSON.stringify(transport))).size;

const settled = () => new Promise((resolve) => setTimeout(resolve, 300));

/** As a listener that was killed does: a watch of the viewer on a socket that is gone. */
async function leaveBehind(made: TestApp, type: string, login: string): Promise<void> {
  const { eventSub, world } = made.simulator;
  const userId = world.find('ada_follows')?.id ?? '';
  const { accessToken = '' } = (await made.store.tokens.find(userId)) ?? {};
  const { sessionId, closed } = await listen(`${made.twitchUrl.replace('http', 'ws')}/eventsub/ws`);
  await made.twitch.eventSub.create(
    { kind: 'user', accessToken },
    {
      type,
      version: '1',
      condition: { broadcaster_user_id: world.find(login)?.id ?? '' },
      transport: { method: 'websocket', sessionId },
    },
  );
  eventSub.dropSockets();
  await closed;
}

describe.each(['conduit', 'websocket'] as const)('Hearing by %s', (transport) => {
  const start = (options: ListenOptions = {}) =>
    begin({ ...options, environment: { EVENTSUB_TRANSPORT: transport } });

  it('stores what Twitch tells, once, and knows when it is told twice', async () => {
    await start();
    app.simulator.eventSub.duplicateNext(20);
    for (const raider of raiders().slice(0, 20)) app.simulator.eventSub.raid(raider, 'otto', 12);
    await expectAllStored('channel.raid', 20);
    expect((await app.stored()).every(({ isLate, source }) => !isLate && source === transport)).toBe(true);
  });

  it('comes back after each close code, hears again, and finds what was missed', async () => {
    await start({ prepare: ({ simulator }) => void simulator.world.goLive('otto', { title: 'before' }) });
    const { eventSub, world } = app.simulator;
    const codes = [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007];
    for (const [index, code] of codes.entries()) {
      eventSub.closeSockets(code);
      world.setTitle('otto', `unheard ${code}`);
      await heardAgainAfter(code);
      await soon(async () =>
        expect(await app.stored('found')).toContainEqual(
          expect.objectContaining({
            kind: 'update',
            isLate: true,
            payload: expect.objectContaining({ title: `unheard ${code}` }),
          }),
        ),
      );
      eventSub.raid(raiders()[index] ?? '', 'otto', 12);
      await expectAllStored('channel.raid', index + 1);
    }
    expect(await app.stored('found')).toHaveLength(codes.length);
  });

  it('notices silence, comes back and finds a title that has changed', async () => {
    await start({
      eventSub: { keepaliveS: 1 },
      prepare: ({ simulator }) => void simulator.world.goLive('otto', { title: 'before' }),
    });
    app.simulator.eventSub.silence();
    app.simulator.world.setTitle('otto', 'while silent');
    await soon(async () =>
      expect(await app.stored()).toContainEqual(
        expect.objectContaining({
          kind: 'update',
          isLate: true,
          payload: expect.objectContaining({ title: 'while silent' }),
        }),
      ),
    );
    await heardAgainAfter(1006);
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await expectAllStored('channel.raid', 1);
  });

  it('moves to another socket when asked, and loses and doubles nothing', async () => {
    await start({ eventSub: { reconnectMs: 500 } });
    const before = creations();
    const raid = raiders().slice(0, 40).entries();
    for (const [index, raider] of raid) {
      if (index === 10) app.simulator.eventSub.reconnectSockets();
      if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      app.simulator.eventSub.duplicateNext(1);
      app.simulator.eventSub.raid(raider, 'otto', 12);
    }
    await expectAllStored('channel.raid', 40);
    expect(delivered('channel.raid')).toHaveLength(40);
    expect(creations()).toBe(before);
  });

  it('does not storm Twitch when its watches are revoked', async () => {
    await start();
    const before = creations();
    expect(app.simulator.eventSub.revokeSubscriptions('channel.raid', 'user_removed')).toBeGreaterThan(0);
    await soon(() => expect(app.hearing.status().coverage.part).toBe(2));
    await settled();
    expect(creations() - before).toBe(0);
    expect(await app.status()).toMatch(/Twitch has ended it, and it is not asked for again for a day/);
  });
});

describe('Hearing by the sockets of users', () => {
  const environment = { EVENTSUB_TRANSPORT: 'websocket' };

  it('does not wait until Twitch has noticed that a socket is gone', async () => {
    await begin({ environment, eventSub: { lostSocketMs: 600_000 } });
    app.simulator.eventSub.dropSockets();
    await heardAgainAfter(1006);
    expect(places()).toBe(1);
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await expectAllStored('channel.raid', 1);
  });

  it('asks again until Twitch has noticed that a socket from before the start is gone', async () => {
    app = await startListening({
      environment,
      eventSub: { lostSocketMs: 1_500 },
      viewer: { favourites: ['otto'] },
      prepare: async (made) => await leaveBehind(made, 'stream.online', 'otto'),
    });
    const why = /otto Asked about every 3,600 seconds ?: Twitch still keeps it for a socket that is gone/;
    await soon(async () => expect(await app.status()).toMatch(why));
    await soon(() => expect(app.hearing.status().coverage).toMatchObject({ push: 1, poll: 0 }));
    app.simulator.world.goLive('otto');
    await expectAllStored('stream.online', 1);
  });
});

describe('A conduit', () => {
  it('loses nothing of a burst in the middle of which a socket breaks', async () => {
    await begin({ environment: { EVENTSUB_TRANSPORT: 'conduit' } });
    const { eventSub } = app.simulator;
    for (const [index, raider] of raiders().slice(0, 50).entries()) {
      eventSub.raid(raider, 'otto', 12);
      eventSub.raid(raider, 'fernhollow', 12);
      if (index === 20) eventSub.disableShard();
      if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await expectAllStored('channel.raid', 100);
    expect(delivered('channel.raid')).toHaveLength(100);
    await soon(() =>
      expect(app.hearing.status().shards).toEqual([
        { id: '0', status: 'enabled' },
        { id: '1', status: 'enabled' },
      ]),
    );
  });

  it('loses nothing that was delivered when all sockets break, and finds the rest', async () => {
    await begin({ environment: { EVENTSUB_TRANSPORT: 'conduit' } });
    const { eventSub, world } = app.simulator;
    for (const [index, raider] of raiders().slice(0, 60).entries()) {
      eventSub.raid(raider, 'otto', 12);
      if (index === 30) {
        eventSub.dropSockets();
        world.goLive('fernhollow', { title: 'unheard' });
      }
    }
    await heardAgainAfter(1006);
    await soon(async () =>
      expect((await app.stored()).map(({ kind, isLate }) => ({ kind, isLate }))).toContainEqual({
        kind: 'live',
        isLate: true,
      }),
    );
    eventSub.raid('hazelrove', 'fernhollow', 5);
    await soon(async () =>
      expect((await app.stored('channel.raid')).map(({ streamerId }) => streamerId)).toContain(
        app.idOf('fernhollow'),
      ),
    );
  });

  it('of another program is left alone, with what it watches', async () => {
    const foreign: object[] = [];
    let watch = '';
    await begin({
      environment: { EVENTSUB_TRANSPORT: 'conduit' },
      pace: { inspectEveryMs: 50 },
      prepare({ simulator }) {
        foreign.push(simulator.eventSub.addForeignConduit('otto'));
        watch = simulator.eventSub.subscriptions()[0]?.id ?? '';
      },
    });
    const { eventSub, calls } = app.simulator;
    const looks = () => calls.count('/helix/eventsub/subscriptions');
    const before = looks();
    await soon(() => expect(looks()).toBeGreaterThan(before + 2));
    eventSub.dropSockets();
    await heardAgainAfter(1006);
    expect(foreign).toMatchObject([{ shardCount: 1, shards: new Map() }]);
    expect(eventSub.subscriptions()[0]).toMatchObject({ id: watch, status: 'enabled' });
  });

  it('is made anew when Twitch has deleted it', async () => {
    await begin({ environment: { EVENTSUB_TRANSPORT: 'conduit' }, pace: { inspectEveryMs: 300 } });
    app.simulator.eventSub.removeConduit();
    expect(enabled()).toBe(0);
    await soon(() => expect(enabled()).toBeGreaterThanOrEqual(10));
    await covered();
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await expectAllStored('channel.raid', 1);
  });
});
