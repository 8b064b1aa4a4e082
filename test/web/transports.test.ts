import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ListeningApp, type ListenOptions, startListening } from '../support/listening.ts';

let app: ListeningApp;

afterEach(async () => {
  await app.close();
  vi.restoreAllMocks();
});

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 12_000, interval: 20 });

async function begin(options: ListenOptions = {}): Promise<void> {
  app = await startListening(options);
}

const hearsBy = (name: string) => soon(() => expect(app.hearing.status().present).toBe(name));
const hearsAllBy = (name: string) =>
  soon(() =>
    expect(app.hearing.status()).toMatchObject({
      present: name,
      coverage: { part: 0, poll: 0 },
      problems: [],
    }),
  );

const refuseConduits = () =>
  app.simulator.faults.add({ path: '/helix/eventsub/conduits', kind: 'status', status: 403 });

describe('The choice of a transport by itself', () => {
  it('takes a conduit where there is no public address, and says why', async () => {
    await begin();
    await hearsAllBy('conduit');
    const words = await app.status();
    expect(words).toMatch(/through a conduit, which needs no public address/);
    expect(words).toMatch(/webhook: Twitch calls only a PUBLIC_URL that begins with https/);
  });

  it('falls back to the sockets of users, and comes back by itself', { timeout: 30_000 }, async () => {
    await begin({
      prepare: ({ simulator }) =>
        simulator.faults.add({ path: '/helix/eventsub/conduits', kind: 'status', status: 403 }),
    });
    await hearsAllBy('websocket');
    const words = await app.status();
    expect(words).toMatch(/through the sockets of users who are signed in/);
    expect(words).toMatch(/conduit: Twitch gives us no conduit/);
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await soon(async () => expect(await app.stored('channel.raid')).toMatchObject([{ source: 'websocket' }]));
    app.simulator.faults.clear();
    await hearsAllBy('conduit');
    app.simulator.eventSub.raid('thimblewick', 'otto', 12);
    await soon(async () => expect(await app.stored('channel.raid')).toHaveLength(2));
  });

  it('leaves a conduit that fails while it is used', { timeout: 30_000 }, async () => {
    await begin();
    await hearsAllBy('conduit');
    refuseConduits();
    app.simulator.eventSub.dropSockets();
    app.simulator.world.goLive('otto', { title: 'in between' });
    await hearsAllBy('websocket');
    await soon(async () =>
      expect(await app.stored()).toContainEqual(expect.objectContaining({ kind: 'live', isLate: true })),
    );
    app.simulator.faults.clear();
    await hearsAllBy('conduit');
  });

  it(
    'is left with the poll when nobody has a token, says so, and climbs again',
    { timeout: 30_000 },
    async () => {
      await begin({
        async prepare({ simulator, store }) {
          simulator.faults.add({ path: '/helix/eventsub/conduits', kind: 'status', status: 403 });
          for (const userId of await store.watches.tokenHolders()) await store.tokens.remove(userId);
        },
      });
      await soon(() => expect(app.hearing.status().why).toMatch(/Nobody has signed in yet/));
      await hearsBy('poll');
      const words = await app.status();
      expect(words).toMatch(/Nothing is pushed: Twitch’s lists are compared/);
      expect(words).toMatch(/websocket: Nobody has signed in yet/);
      expect(words).not.toMatch(/heard as it happens/);
      await app.addUser('ada_follows');
      await hearsAllBy('websocket');
    },
  );
});

describe('A transport that is asked for', () => {
  it('says that Twitch gives no conduit', async () => {
    await begin({
      environment: { EVENTSUB_TRANSPORT: 'conduit' },
      prepare: ({ simulator }) =>
        simulator.faults.add({ path: '/helix/eventsub/conduits', kind: 'status', status: 403 }),
    });
    await soon(() => expect(app.hearing.status().problems.join()).toMatch(/Twitch gives us no conduit/));
    expect(await app.status()).toMatch(/Warning:.*Twitch gives us no conduit/);
  });

  it('asks for nothing when it is the poll', async () => {
    await begin({ environment: { EVENTSUB_TRANSPORT: 'poll' } });
    await soon(() => expect(app.hearing.status().present).toBe('poll'));
    expect(await app.status()).toMatch(/Nothing is pushed/);
    expect(app.simulator.calls.count('/helix/eventsub')).toBe(0);
  });
});

describe('Hearing by webhook', () => {
  const publicUrl = 'https://followspot.example';

  /** Twitch finds the public address here, as it would behind a proxy that ends https. */
  async function beginPublic(options: ListenOptions = {}): Promise<void> {
    const real = globalThis.fetch;
    let origin = '';
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      return await real(
        address.startsWith(publicUrl) ? origin + address.slice(publicUrl.length) : input,
        init,
      );
    });
    await begin({
      ...options,
      environment: { PUBLIC_URL: publicUrl, EVENTSUB_TRANSPORT: 'webhook', ...options.environment },
      eventSub: { retryMs: [20, 40, 80, 160, 320, 640], ...options.eventSub },
      async prepare(made) {
        origin = made.origin;
        await options.prepare?.(made);
      },
    });
  }

  it('answers the challenge and stores what Twitch tells', async () => {
    await beginPublic();
    await hearsAllBy('webhook');
    expect(await app.status()).toMatch(/Twitch calls us \(webhook\)/);
    app.simulator.eventSub.duplicateNext(5);
    for (const raider of ['hazelrove', 'thimblewick', 'nightferryman', 'mossandmarble', 'quietcorner'])
      app.simulator.eventSub.raid(raider, 'otto', 12);
    await soon(async () => expect(await app.stored('channel.raid')).toHaveLength(5));
    expect((await app.stored()).every(({ source }) => source === 'webhook')).toBe(true);
    expect(await app.status()).toMatch(/Last event Heard/);
  });

  it('is the best that there is by itself', async () => {
    await beginPublic({ environment: { EVENTSUB_TRANSPORT: 'auto' } });
    await hearsAllBy('webhook');
    expect(await app.status()).toMatch(/It is the best way, and it works/);
  });

  it('loses nothing when the database was away for some deliveries', async () => {
    await beginPublic();
    await hearsAllBy('webhook');
    await app.knex.schema.renameTable('stream_events', 'stream_events_away');
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await soon(() => expect(app.simulator.eventSub.deliveries().some(({ sent }) => sent > 1)).toBe(true));
    await app.knex.schema.renameTable('stream_events_away', 'stream_events');
    await soon(async () => expect(await app.stored('channel.raid')).toHaveLength(1));
  });

  it('takes note of a revocation, and does not ask again', async () => {
    await beginPublic();
    await hearsAllBy('webhook');
    app.simulator.eventSub.revokeSubscriptions('channel.raid', 'user_removed');
    await soon(() => expect(app.hearing.status().coverage).toMatchObject({ push: 0, part: 2 }));
    expect(await app.status()).toMatch(/Twitch has ended it/);
  });

  it('replaces watches that were made with an earlier secret', { timeout: 30_000 }, async () => {
    await beginPublic({ pace: { inspectEveryMs: 100 } });
    await hearsAllBy('webhook');
    const before = app.simulator.eventSub.subscriptions();
    for (const { transport } of before) {
      if (transport.method !== 'webhook') continue;
      transport.callback = `${publicUrl}/twitch/webhooks/eventsub`;
      transport.secret = 'the secret before';
    }
    const old = new Set(before.map(({ id }) => id));
    await soon(() =>
      expect(app.simulator.eventSub.subscriptions().some(({ id }) => old.has(id))).toBe(false),
    );
    await hearsAllBy('webhook');
    app.simulator.eventSub.raid('hazelrove', 'otto', 12);
    await soon(async () => expect(await app.stored('channel.raid')).toHaveLength(1));
  });

  it(
    'notices soon that Twitch has given up on the address, and begins again',
    { timeout: 30_000 },
    async () => {
      await beginPublic({ pace: { inspectEveryMs: 300 } });
      await hearsAllBy('webhook');
      for (const each of app.simulator.eventSub.subscriptions())
        each.status = 'notification_failures_exceeded';
      await soon(() =>
        expect(
          app.simulator.eventSub.subscriptions().filter(({ status }) => status === 'enabled').length,
        ).toBeGreaterThanOrEqual(10),
      );
      await hearsAllBy('webhook');
    },
  );

  it('is left for a conduit when the address cannot be reached', { timeout: 30_000 }, async () => {
    await beginPublic({
      environment: { EVENTSUB_TRANSPORT: 'auto', PUBLIC_URL: 'https://nowhere.invalid' },
    });
    await hearsAllBy('conduit');
    expect(await app.status()).toMatch(/webhook: Twitch has not confirmed our address/);
  });
});
