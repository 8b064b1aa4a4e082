import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConduitMemory } from '../../src/domain/conduit-slots.ts';
import type { EventSub, EventSubMessage, Heard } from '../../src/domain/event-sub.ts';
import { createHearing, type HearingParts } from '../../src/domain/hearing.ts';
import type { HearingStatus } from '../../src/domain/hearing-status.ts';
import type { Broadcaster } from '../../src/domain/own-channel.ts';
import type { Reader } from '../../src/domain/reader-assignment.ts';
import type { EventOutcome, NewStreamEvent } from '../../src/domain/stream-event.ts';
import type { UserToken } from '../../src/domain/user-token.ts';
import { keyOf, watchesOf } from '../../src/domain/watch.ts';
import { conduitMemory, fakeEventSub, fakeSockets, quickPace, refusal, silent } from './fake-event-sub.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

/** Listeners who share a Twitch share a database, too. */
const memories = new WeakMap<EventSub, ConduitMemory>();

function memoryBeside(eventSub: EventSub): ConduitMemory {
  const memory = memories.get(eventSub) ?? conduitMemory();
  memories.set(eventSub, memory);
  return memory;
}

function hearing(options: Partial<HearingParts> & { confirms?: boolean; max?: number } = {}) {
  const twitch = fakeEventSub(options);
  const sockets = fakeSockets();
  const database = {
    favourites: ['1', '2'],
    live: [] as string[],
    readers: [] as Reader[],
    broadcasters: [] as Broadcaster[],
    holders: [] as string[],
    reports: [] as HearingStatus[],
  };
  const tokens = new Map<string, UserToken>();
  const done = { compared: 0, looked: [] as string[][], revoked: [] as string[], refreshed: [] as string[] };
  let take: (event: NewStreamEvent) => Promise<EventOutcome> = storing;
  const made = createHearing({
    wanted: 'auto',
    clientId: 'me',
    webhook: null,
    eventSub: twitch.eventSub,
    openSocket: sockets.openSocket,
    readMessage: ({ messageId, type }) => meanings.get(messageId) ?? { what: 'unknown', type },
    tokens: {
      fresh: async (userId) => tokens.get(userId) ?? null,
      async refresh({ userId }) {
        done.refreshed.push(userId);
        return tokens.get(userId) ?? null;
      },
    },
    store: {
      favoured: async () =>
        database.favourites.map((streamerId) => ({
          streamerId,
          favouredBy: 1,
          isLive: database.live.includes(streamerId),
          lastLiveAt: null,
        })),
      readers: async () => database.readers,
      broadcasters: async () => database.broadcasters,
      tokenHolders: async () => database.holders,
      conduit: memoryBeside(options.eventSub ?? twitch.eventSub),
      saveReport: async (status) => void database.reports.push(status),
    },
    intake: { take: (event) => take(event), pending: () => 0 },
    freshen: async (ids) => void done.looked.push(ids),
    compare: async () => void (done.compared += 1),
    onAuthorizationRevoked: async (userId) => void done.revoked.push(userId),
    rateLimit: () => null,
    now: () => new Date(),
    log: silent,
    ...options,
    pace: {
      errand: quickPace,
      debounceMs: 5,
      wishesEveryMs: 20,
      lookEveryMs: 5,
      patienceMs: 10_000,
      retryBetterMs: 400,
      freshenAfterMs: [5, 10],
      gatherMs: 2,
      takeAgainMs: [2, 4],
      reportSoonMs: 5,
      reportEveryMs: 50,
      ...options.pace,
    },
  });
  ended.push(() => made.stop());
  return {
    hearing: made,
    twitch,
    sockets,
    database,
    tokens,
    done,
    setTake: (next: typeof take) => (take = next),
    covered: async (...ids: string[]) => {
      await soon(() => expect(ids.every((id) => made.covers(id))).toBe(true));
    },
  };
}

/** Hears by a conduit with two attached sockets. */
async function onConduit(options: Parameters<typeof hearing>[0] = {}) {
  const all = hearing(options);
  all.hearing.start();
  await soon(() => expect(all.sockets.open).toHaveLength(2));
  for (const socket of all.sockets.open) socket.welcome();
  await all.covered(...all.database.favourites);
  return all;
}

const refusals = ({ status }: ReturnType<typeof createHearing>) =>
  Object.values(status().coverage.exceptions).map(({ reason }) => reason);

/** Two listeners of one conduit, of whom the first ends. */
async function leftAlone(pace: { inspectEveryMs: number }) {
  const first = await onConduit();
  const second = await onConduit({ eventSub: first.twitch.eventSub, pace });
  const conduit = () => first.twitch.conduits()[0];
  const shards = () => first.twitch.shards.get(conduit()?.id ?? '') ?? [];
  const sessions = () => second.sockets.open.map((socket) => socket.session()).filter((id) => id !== null);
  await first.hearing.stop();
  return {
    hearing: second.hearing,
    sockets: second.sockets,
    conduit,
    shards,
    sessions,
    shardLooks: () => first.twitch.calls.filter((call) => call === 'shards').length,
    /** Twitch notices which sockets are closed, and welcomes the new. */
    notice: () => {
      for (const socket of second.sockets.open)
        if (!socket.isClosed() && socket.session() === null) socket.welcome();
      for (const shard of shards())
        if (!sessions().includes(shard.sessionId ?? '')) shard.status = 'websocket_disconnected';
    },
  };
}

const storing = async (): Promise<EventOutcome> => 'stored';

const token = (userId: string): UserToken => ({
  userId,
  accessToken: `secret-of-${userId}`,
  refreshToken: null,
  scopes: [],
  version: 1,
  expiresAt: new Date('2099-01-01'),
});

const body = (streamerId: string, kind: 'live' | 'available' = 'available'): Heard => ({
  what: 'event',
  event: {
    messageId: 'm',
    streamerId,
    type: 't',
    source: 'conduit',
    at: new Date(0),
    isLate: false,
    amount: null,
    relation: null,
    ...(kind === 'available'
      ? { kind, payload: {} }
      : {
          kind,
          payload: { broadcastId: '9', startedAt: null, title: null, category: null, isRestart: false },
        }),
  },
});

/** What each message means, by its id. */
const meanings = new Map<string, Heard>();

function message(meaning: Heard): EventSubMessage {
  const messageId = `m${meanings.size}`;
  meanings.set(messageId, meaning);
  const rest = { version: '1', condition: {}, subscriptionId: null, event: null };
  return { messageId, sentAt: new Date(0), type: 't', ...rest };
}

describe('hearing by a conduit', () => {
  it('makes one conduit, attaches two sockets and watches every favourite once', async () => {
    const { hearing: made, twitch } = await onConduit();
    await soon(() => expect(made.status().coverage).toMatchObject({ push: 2, part: 0, poll: 0 }));
    expect(twitch.conduits()).toMatchObject([{ shardCount: 2 }]);
    expect(twitch.keys()).toHaveLength(12);
    const status = made.status();
    expect(status).toMatchObject({ present: 'conduit', wanted: 'auto', problems: [] });
    expect(status.shards).toEqual([
      { id: '0', status: 'enabled' },
      { id: '1', status: 'enabled' },
    ]);
    expect(status.watches).toEqual({ wished: 12, existing: 12, missing: 0 });
    expect(status.why).toContain('PUBLIC_URL');
  });

  it('uses the conduit and the watches of the last time', async () => {
    const first = await onConduit();
    await soon(() => expect(first.twitch.keys()).toHaveLength(12));
    await first.hearing.stop();
    for (const shard of first.twitch.shards.get(first.twitch.conduits()[0]?.id ?? '') ?? [])
      shard.status = 'websocket_disconnected';
    const before = first.twitch.calls.filter((call) => call.startsWith('create')).length;
    const second = await onConduit({ eventSub: first.twitch.eventSub });
    expect(first.twitch.calls.filter((call) => call.startsWith('create'))).toHaveLength(before);
    expect(first.twitch.conduits()).toMatchObject([{ shardCount: 2 }]);
    expect(second.hearing.status().present).toBe('conduit');
  });

  it('leaves the conduits of other programs alone', async () => {
    const twitch = fakeEventSub();
    const other = await twitch.eventSub.createConduit(5);
    await twitch.eventSub.create(
      { kind: 'app' },
      {
        type: 'channel.follow',
        version: '2',
        condition: { broadcaster_user_id: '77' },
        transport: { method: 'conduit', conduitId: other.id },
      },
    );
    const { hearing: made } = await onConduit({ eventSub: twitch.eventSub });
    await soon(() => expect(made.status().watches.missing).toBe(0));
    expect(twitch.conduits()).toMatchObject([{ id: other.id, shardCount: 5 }, { shardCount: 2 }]);
    expect(twitch.keys()).toContain(keyOf('channel.follow', { broadcaster_user_id: '77' }));
  });

  it('takes shards of its own beside another listener', async () => {
    const first = await onConduit();
    await onConduit({ eventSub: first.twitch.eventSub });
    const [conduit] = first.twitch.conduits();
    expect(conduit?.shardCount).toBe(4);
    expect((first.twitch.shards.get(conduit?.id ?? '') ?? []).map(({ id }) => id).toSorted()).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
  });

  it('moves down where another listener has ended, and cuts off what is left above', async () => {
    const left = await leftAlone({ inspectEveryMs: 20 });
    const { hearing: made, sockets, conduit, shards, sessions, notice, shardLooks } = left;
    const heard: boolean[] = [];
    notice();
    await soon(() => expect(sockets.open).toHaveLength(3));
    const looks = shardLooks();
    await soon(() => expect(shardLooks()).toBeGreaterThan(looks + 1));
    expect(sockets.open.some((socket) => socket.isClosed())).toBe(false);
    await soon(() => {
      notice();
      heard.push(made.covers('1'));
      expect(conduit()?.shardCount).toBe(2);
    });
    expect(heard).not.toContain(false);
    expect(shards().map(({ sessionId }) => sessionId)).toEqual(sessions());
    expect(sockets.open.map((socket) => socket.isClosed())).toEqual([true, true, false, false]);
    expect(sockets.open.map((socket) => socket.isLeaving())).toEqual([true, true, false, false]);
    await made.stop();
    expect(sockets.open[0]?.isLeaving()).toBe(false);
  });

  it('leaves the shards of another listener to it for a while', async () => {
    const {
      hearing: made,
      sockets,
      notice,
      conduit,
      shardLooks,
    } = await leftAlone({ inspectEveryMs: 60_000 });
    notice();
    for (let look = 0; look < 3; look += 1) {
      const looks = shardLooks();
      made.favouritesChanged();
      // oxlint-disable-next-line no-await-in-loop -- One look after the other.
      await soon(() => expect(shardLooks()).toBeGreaterThan(looks));
    }
    expect(sockets.open).toHaveLength(2);
    expect(conduit()?.shardCount).toBe(4);
  });

  it('leaves the watches of another listener alone when its own sockets do not open', async () => {
    const first = await onConduit();
    await soon(() => expect(first.twitch.keys()).toHaveLength(12));
    const pace = { patienceMs: 100, retryBetterMs: 60_000 };
    const second = hearing({ eventSub: first.twitch.eventSub, pace });
    second.hearing.start();
    await soon(() => expect(second.hearing.status().why).toContain('No socket to Twitch is open'));
    expect(second.sockets.open.every((socket) => socket.isClosed())).toBe(true);
    expect(first.twitch.keys()).toHaveLength(12);
  });

  it('keeps its watches at Twitch while it falls back to the sockets of users', async () => {
    const all = await onConduit({ pace: { patienceMs: 100, retryBetterMs: 60_000 } });
    await soon(() => expect(all.twitch.keys()).toHaveLength(12));
    all.database.holders = ['u'];
    all.tokens.set('u', token('u'));
    for (const socket of all.sockets.open) socket.drop();
    await soon(() => expect(all.sockets.open).toHaveLength(3));
    all.sockets.open[2]?.welcome();
    await soon(() => expect(all.hearing.status().present).toBe('websocket'));
    await soon(() => expect(all.sockets.open[0]?.isClosed()).toBe(true));
    expect(all.twitch.all().filter(({ transport }) => transport.method === 'conduit')).toHaveLength(12);
  });

  it('attaches a dropped socket again at its next welcome, without a watch made anew', async () => {
    const { hearing: made, twitch, sockets, done } = await onConduit();
    await soon(() => expect(made.status().watches.missing).toBe(0));
    await soon(() => expect(done.compared).toBe(1));
    const creations = twitch.calls.filter((call) => call.startsWith('create ')).length;
    sockets.open[0]?.drop();
    expect(made.covers('1')).toBe(true);
    const session = sockets.open[0]?.welcome();
    const [conduit] = twitch.conduits();
    await soon(() =>
      expect(twitch.shards.get(conduit?.id ?? '')).toContainEqual({
        id: '0',
        status: 'enabled',
        sessionId: session,
      }),
    );
    expect(twitch.calls.filter((call) => call.startsWith('create '))).toHaveLength(creations);
    expect(done.compared).toBe(1);
  });

  it('compares after both sockets were down', async () => {
    const { hearing: made, sockets, done } = await onConduit();
    await soon(() => expect(done.compared).toBe(1));
    for (const socket of sockets.open) socket.drop();
    expect(made.covers('1')).toBe(false);
    expect(made.status().problems).toEqual(['No socket to Twitch is open.']);
    expect(made.status().coverage.exceptions['1']).toEqual({
      by: 'poll',
      reason: 'No socket to Twitch is open.',
    });
    for (const socket of sockets.open) socket.welcome();
    await soon(() => expect(done.compared).toBe(2));
    expect(made.status().problems).toEqual([]);
  });

  it('makes a new conduit and all watches again when Twitch has deleted it', async () => {
    const { hearing: made, twitch, done, covered } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    await soon(() => expect(done.compared).toBe(1));
    const { compared } = done;
    twitch.dropConduits();
    made.revoked({ subscriptionId: 's1', type: '', status: 'conduit_deleted' });
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    expect(twitch.conduits()).toHaveLength(1);
    await covered('1', '2');
    await soon(() => expect(done.compared).toBe(compared + 1));
  });

  it('asks a new conduit for what the one before refused because it was gone', async () => {
    const { hearing: made, twitch, database, covered } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    twitch.dropConduits();
    const { conduits } = twitch.eventSub;
    const answers: (() => void)[] = [];
    twitch.eventSub.conduits = async () => {
      await new Promise<void>((resolve) => void answers.push(resolve));
      return await conduits();
    };
    database.favourites.push('3');
    made.favouritesChanged();
    await soon(() => expect(made.status().watches).toMatchObject({ wished: 17, missing: 17 }));
    await soon(() => expect(refusals(made)).toContain('Twitch refuses it.'));
    twitch.eventSub.conduits = conduits;
    for (const answer of answers) answer();
    await covered('1', '2', '3');
  });

  it('does not count as heard what a new conduit was not asked for yet', async () => {
    const { hearing: made, twitch, covered } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    twitch.dropConduits();
    const { list } = twitch.eventSub;
    const answers: (() => void)[] = [];
    twitch.eventSub.list = async (auth, filter) => {
      await new Promise<void>((resolve) => void answers.push(resolve));
      return await list(auth, filter);
    };
    made.revoked({ subscriptionId: 's1', type: '', status: 'conduit_deleted' });
    await soon(() => expect(twitch.shards.size).toBe(1));
    await soon(() => expect(made.covers('1')).toBe(false));
    twitch.eventSub.list = list;
    for (const answer of answers) answer();
    await covered('1', '2');
  });

  it('begins a new conduit with the first shard, wherever it stood in the one before', async () => {
    const first = await onConduit();
    const second = await onConduit({ eventSub: first.twitch.eventSub });
    await first.hearing.stop();
    first.twitch.dropConduits();
    second.hearing.revoked({ subscriptionId: 's1', type: '', status: 'conduit_deleted' });
    await soon(() => expect(first.twitch.keys()).toHaveLength(12));
    expect(first.twitch.conduits()).toMatchObject([{ shardCount: 2 }]);
  });

  it('does not say of a shard that it works when its socket is down', async () => {
    const { hearing: made, sockets } = await onConduit();
    await soon(() => expect(made.status().shards).toHaveLength(2));
    sockets.open[1]?.drop();
    expect(made.status().shards).toEqual([
      { id: '0', status: 'enabled' },
      { id: '1', status: 'websocket_disconnected' },
    ]);
  });

  it('finds out by itself that the conduit is gone', async () => {
    const { hearing: made, twitch, database } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    twitch.dropConduits();
    database.favourites.push('3');
    made.favouritesChanged();
    await soon(() => expect(twitch.keys()).toHaveLength(17));
  });

  it('repairs a shard of which Twitch says that it is disabled', async () => {
    const { hearing: made, twitch } = await onConduit();
    const [conduit] = twitch.conduits();
    const shards = twitch.shards.get(conduit?.id ?? '') ?? [];
    for (const shard of shards) if (shard.id === '1') shard.status = 'websocket_network_timeout';
    const disabled = { what: 'shard-disabled', conduitId: 'c', shardId: '1', status: 'x' } as const;
    expect(await made.hear(message(disabled), 'conduit')).toBe('ignored');
    await soon(() => expect(made.status().shards.every(({ status }) => status === 'enabled')).toBe(true));
  });

  it('follows the favourites, also those that another process changed', async () => {
    const { hearing: made, twitch, database, covered } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    database.favourites = ['2', '3'];
    await covered('3');
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    expect(made.covers('1')).toBe(false);
    expect(twitch.keys()).not.toContain(watchesOf('1')[0]?.key);
  });

  it('asks for what Twitch has ended for good only when the one whom it concerns allows it anew', async () => {
    const { hearing: made, twitch, database } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    const key = watchesOf('1')[0]?.key ?? '';
    twitch.setStatus(key, 'user_removed');
    made.favouritesChanged();
    await soon(() => expect(twitch.keys()).not.toContain(key));
    const lists = () => twitch.calls.filter((call) => call === 'list').length;
    const before = lists();
    database.holders = ['a stranger'];
    await soon(() => expect(lists()).toBeGreaterThan(before));
    made.readersChanged('a stranger');
    await soon(() => expect(lists()).toBeGreaterThan(before + 1));
    expect(twitch.keys()).not.toContain(key);
    database.holders = ['1', 'a stranger'];
    await soon(() => expect(twitch.keys()).toContain(key));
  });

  it('says of each streamer who does not fit how they are covered', async () => {
    const { hearing: made } = await onConduit({ max: 5 });
    await soon(() => expect(made.status().coverage).toMatchObject({ push: 0, part: 2, poll: 0 }));
    expect(made.status().coverage.exceptions['2']).toEqual({
      by: 'part',
      reason: 'Twitch allows this app no more watches.',
    });
    expect(made.status().costs).toEqual({ total: 5, max: 5 });
  });

  it('leaves nobody out for what Twitch does not charge', async () => {
    const twitch = fakeEventSub({ max: 9 });
    const { create } = twitch.eventSub;
    twitch.eventSub.create = async (auth, wanted) => {
      const answer = await create(auth, wanted);
      if (answer.outcome === 'created' && Object.values(wanted.condition).includes('2'))
        answer.subscription.cost = 0;
      return answer;
    };
    const all = hearing({ eventSub: twitch.eventSub });
    all.database.holders = ['2'];
    all.hearing.start();
    await soon(() => expect(all.sockets.open).toHaveLength(2));
    for (const socket of all.sockets.open) socket.welcome();
    await soon(() => expect(all.hearing.status().watches.existing).toBe(12));
    const [, once = ''] = twitch.calls.join('\n').split('list\n');
    expect(once).toMatch(/^(create .*\n?){12}/);
  });

  it('watches the own channel of who has connected it', async () => {
    const { hearing: made, twitch, database } = await onConduit();
    database.broadcasters = [{ userId: '1', kinds: ['ads'], scopes: ['channel:read:ads'] }];
    const ads = keyOf('channel.ad_break.begin', { broadcaster_user_id: '1' });
    await soon(() => expect(twitch.keys()).toContain(ads));
    database.broadcasters = [];
    // What came and went between two looks at the database is told by who changed it.
    made.readersChanged('1');
    await soon(() => expect(twitch.keys()).not.toContain(ads));
  });
});

describe('hearing by webhook', () => {
  const webhook = { callback: 'https://followspot.example/hook', secret: '0123456789' };

  it('asks for one watch until Twitch has confirmed the address', async () => {
    const { hearing: made, twitch, covered } = hearing({ webhook, wanted: 'webhook' });
    made.start();
    await soon(() => expect(twitch.keys()).toHaveLength(1));
    expect(made.status().problems[0]).toContain('has not confirmed our address');
    expect(made.covers('1')).toBe(false);
    twitch.confirmAll();
    made.favouritesChanged();
    await soon(() => expect(twitch.keys()).toHaveLength(11));
    twitch.confirmAll();
    made.favouritesChanged();
    await covered('1', '2');
    expect(made.status()).toMatchObject({ present: 'webhook', problems: [], sockets: [] });
  });

  it('keeps its watches at Twitch while the process restarts', async () => {
    const { hearing: made, twitch, covered } = hearing({ webhook, wanted: 'webhook', confirms: true });
    made.start();
    await covered('1', '2');
    const before = twitch.keys();
    await made.stop();
    expect(before).toHaveLength(11);
    expect(twitch.keys()).toEqual(before);
  });

  it('is left for a conduit when Twitch never confirms the address', async () => {
    const { hearing: made, twitch, sockets } = hearing({ webhook, pace: { patienceMs: 150 } });
    made.start();
    await soon(() => expect(sockets.open).toHaveLength(2));
    for (const socket of sockets.open) socket.welcome();
    await soon(() => expect(made.status().present).toBe('conduit'));
    expect(made.status().why).toContain('has not confirmed our address');
    expect(twitch.all().filter(({ transport }) => transport.method === 'webhook')).toEqual([]);
  });

  it('is asked for seldom when the address that is set cannot be reached', async () => {
    const all = hearing({ webhook, wanted: 'webhook', pace: { confirmEveryMs: 2 } });
    const create = all.twitch.eventSub.create;
    all.twitch.eventSub.create = async (auth, wanted) => {
      const answer = await create(auth, wanted);
      const pending = all.twitch.all().filter(({ status }) => status.endsWith('pending'));
      for (const each of pending) each.status = 'webhook_callback_verification_failed';
      return answer;
    };
    const began = performance.now();
    all.hearing.start();
    const creations = () => all.twitch.calls.filter((call) => call.startsWith('create ')).length;
    await soon(() => expect(creations()).toBe(6));
    // At once, at once, and after 5, 10, 20, 40 milliseconds, each a quarter less at least.
    expect(performance.now() - began).toBeGreaterThanOrEqual(56);
    expect(new Set(all.twitch.calls.filter((call) => call.startsWith('create ')))).toHaveLength(1);
  });

  it('asks ever more seldom whether Twitch has confirmed what it does not confirm', async () => {
    const { hearing: made, twitch } = hearing({ webhook, wanted: 'webhook', pace: { confirmEveryMs: 2 } });
    const began = performance.now();
    made.start();
    await soon(() => expect(twitch.calls.filter((call) => call === 'list')).toHaveLength(7));
    expect(performance.now() - began).toBeGreaterThanOrEqual(2 + 4 + 8 + 16 + 32);
  });

  it('is left for a conduit when Twitch reaches the address no more, whatever stays enabled', async () => {
    const options = { patienceMs: 150, confirmEveryMs: 5, inspectEveryMs: 20 };
    const all = hearing({ webhook, confirms: true, pace: options });
    all.hearing.start();
    await all.covered('1', '2');
    const fail = () => {
      for (const each of all.twitch.all())
        if (each.transport.method === 'webhook' && each.type !== 'user.authorization.revoke')
          each.status = 'notification_failures_exceeded';
    };
    all.twitch.confirmNothing();
    const create = all.twitch.eventSub.create;
    all.twitch.eventSub.create = async (auth, wanted) => {
      const answer = await create(auth, wanted);
      fail();
      return answer;
    };
    fail();
    await soon(() => expect(all.hearing.status().problems.join()).toMatch(/cannot reach our address/));
    await soon(() => expect(all.sockets.open).toHaveLength(2));
    for (const socket of all.sockets.open) socket.welcome();
    await soon(() => expect(all.hearing.status().present).toBe('conduit'));
    await all.covered('1', '2');
  });

  it('takes over from a conduit only when it hears of everybody', async () => {
    const options = { patienceMs: 150, retryBetterMs: 200, confirmEveryMs: 20 };
    const all = hearing({ webhook, pace: options });
    all.hearing.start();
    await soon(() => expect(all.sockets.open).toHaveLength(2));
    for (const socket of all.sockets.open) socket.welcome();
    await all.covered('1', '2');
    const seen: boolean[] = [];
    await soon(() => {
      all.twitch.confirmAll();
      seen.push(all.hearing.covers('1') && all.hearing.covers('2'));
      expect(all.hearing.status().present).toBe('webhook');
    });
    expect(seen).not.toContain(false);
    const ofConduit = () => all.twitch.all().filter(({ transport }) => transport.method === 'conduit');
    await soon(() => expect(ofConduit()).toEqual([]));
  });

  it('takes over from a conduit without taking it from another listener', async () => {
    const other = await onConduit();
    const pace = { patienceMs: 150, retryBetterMs: 200, confirmEveryMs: 20 };
    const all = await onConduit({ webhook, eventSub: other.twitch.eventSub, pace });
    await soon(() => {
      other.twitch.confirmAll();
      expect(all.hearing.status().present).toBe('webhook');
    });
    await soon(() => expect(all.sockets.open.every((socket) => socket.isClosed())).toBe(true));
    expect(other.twitch.all().filter(({ transport }) => transport.method === 'conduit')).toHaveLength(12);
  });
});

/** Hears by sockets of these users. */
async function onWebsocket(holders: string[], options: Parameters<typeof hearing>[0] = {}) {
  const all = hearing({ wanted: 'websocket', ...options });
  all.database.holders = holders;
  for (const holder of holders) all.tokens.set(holder, token(holder));
  all.hearing.start();
  await soon(() => expect(all.sockets.open.length).toBeGreaterThan(0));
  return all;
}

describe('hearing by sockets of users', () => {
  it('shares the streamers among the users', async () => {
    const { hearing: made, sockets, database, covered } = await onWebsocket(['u', 'v']);
    await soon(() => expect(sockets.open).toHaveLength(1));
    sockets.open[0]?.welcome();
    await covered('1', '2');
    database.favourites = ['1', '2', '3', '4'];
    made.favouritesChanged();
    await soon(() => expect(sockets.open).toHaveLength(2));
    sockets.open[1]?.welcome();
    await covered('1', '2', '3', '4');
  });

  it('makes all watches again after a fresh session, and compares', async () => {
    const { hearing: made, twitch, sockets, done, covered } = await onWebsocket(['u']);
    sockets.open[0]?.welcome();
    await covered('1', '2');
    const compared = done.compared;
    sockets.open[0]?.drop();
    for (const { type, condition } of twitch.all())
      twitch.setStatus(keyOf(type, condition), 'websocket_disconnected');
    expect(made.covers('1')).toBe(false);
    expect(made.status().problems).toEqual(['The socket is not open.']);
    sockets.open[0]?.welcome();
    await covered('1', '2');
    await soon(() => expect(done.compared).toBeGreaterThan(compared));
  });

  it('do not count as heard by what Twitch keeps for another session, and look again soon', async () => {
    const twitch = fakeEventSub();
    const { create } = twitch.eventSub;
    let isKept = true;
    twitch.eventSub.create = async (auth, wanted) => {
      if (isKept) twitch.calls.push('refused');
      return isKept ? { outcome: 'exists', id: 'of another listener' } : await create(auth, wanted);
    };
    const all = await onWebsocket(['u'], { eventSub: twitch.eventSub });
    all.sockets.open[0]?.welcome();
    await soon(() => expect(twitch.calls.filter((call) => call === 'refused').length).toBeGreaterThan(10));
    expect(all.hearing.covers('1')).toBe(false);
    expect(all.hearing.status().coverage.exceptions['1']?.reason).toContain('for a socket that is gone');
    expect(twitch.calls.some((call) => call.startsWith('remove'))).toBe(false);
    isKept = false;
    await all.covered('1', '2');
  });

  it('replace what Twitch still keeps for their last session', async () => {
    const all = await onWebsocket(['u']);
    all.sockets.open[0]?.welcome();
    await all.covered('1', '2');
    all.sockets.open[0]?.drop();
    const session = all.sockets.open[0]?.welcome();
    await all.covered('1', '2');
    const sessions = all.twitch.all().map(({ transport }) => 'sessionId' in transport && transport.sessionId);
    expect(new Set(sessions)).toEqual(new Set([session]));
    expect(all.twitch.all()).toHaveLength(10);
  });

  it('are in use only when their watches are made', async () => {
    const all = await onWebsocket(['u']);
    const { list } = all.twitch.eventSub;
    const answers: (() => void)[] = [];
    all.twitch.eventSub.list = async (auth) => {
      await new Promise<void>((resolve) => void answers.push(resolve));
      return await list(auth);
    };
    all.sockets.open[0]?.welcome();
    await soon(() => expect(all.hearing.status().problems).toEqual(['The watches are not made yet.']));
    all.twitch.eventSub.list = list;
    for (const answer of answers) answer();
    await all.covered('1', '2');
    expect(all.hearing.status().problems).toEqual([]);
  });

  it('says that nobody has signed in, and begins when somebody does', async () => {
    const all = hearing({ wanted: 'websocket' });
    all.hearing.start();
    await soon(() => expect(all.hearing.status().problems).toEqual(['Nobody has signed in yet.']));
    all.tokens.set('u', token('u'));
    all.database.holders = ['u'];
    await soon(() => expect(all.sockets.open).toHaveLength(1));
  });
});

const chatKey = (streamerId: string, userId: string) =>
  keyOf('channel.chat.notification', { broadcaster_user_id: streamerId, user_id: userId });

async function reading() {
  const all = await onConduit();
  for (const userId of ['u', 'v']) all.tokens.set(userId, token(userId));
  all.database.readers = [{ userId: 'u', streamerIds: ['1', '2'] }];
  all.hearing.readersChanged('u');
  await soon(() => expect(all.sockets.open).toHaveLength(3));
  all.sockets.open[2]?.welcome();
  await soon(() => expect(all.hearing.status().chat).toEqual({ covered: 2, exceptions: {} }));
  return all;
}

const titlesOf = (id: string) => keyOf('channel.update', { broadcaster_user_id: id });

describe('a budget that is too small', () => {
  it('goes to who is live of those equally favoured', async () => {
    const all = await onConduit({ max: 5, pace: { liveFirstMs: 5 } });
    await soon(() => expect(all.twitch.keys()).toContain(titlesOf('1')));
    all.database.live = ['2'];
    await soon(() => expect(all.twitch.keys()).toContain(titlesOf('2')));
    expect(all.twitch.keys()).not.toContain(titlesOf('1'));
  });
});

describe('the poll', () => {
  it('finds nobody late for ever who is not pushed any more', async () => {
    const { hearing: made, twitch } = await onConduit();
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    expect(made.hasPromised('1')).toBe(true);
    const key = watchesOf('1')[0]?.key ?? '';
    twitch.setStatus(key, 'user_removed');
    made.favouritesChanged();
    await soon(() => expect(made.covers('1')).toBe(false));
    expect(made.hasPromised('1')).toBe(true);
    await made.compare(new AbortController().signal);
    expect([made.hasPromised('1'), made.hasPromised('2')]).toEqual([false, true]);
  });

  it('settles nothing when it could not ask about everybody', async () => {
    const { hearing: made, twitch } = await onConduit({
      compare: async () => {
        throw new Error('away');
      },
    });
    await soon(() => expect(twitch.keys()).toHaveLength(12));
    expect(made.hasPromised('1')).toBe(true);
    twitch.setStatus(watchesOf('1')[0]?.key ?? '', 'user_removed');
    made.favouritesChanged();
    await soon(() => expect(made.covers('1')).toBe(false));
    await expect(made.compare(new AbortController().signal)).rejects.toThrow('away');
    expect(made.hasPromised('1')).toBe(true);
  });
});

describe('the readers of chats', () => {
  it('turn to who goes live, as soon as a message tells, when there are too few of them', async () => {
    const all = await onConduit({ pace: { wishesEveryMs: 60_000 } });
    const many = Array.from({ length: 101 }, (_, index) => `9${index}`);
    all.tokens.set('u', token('u'));
    all.database.favourites.push(...many);
    all.database.readers = [{ userId: 'u', streamerIds: many }];
    all.hearing.readersChanged('u');
    await soon(() => expect(all.sockets.open).toHaveLength(3));
    all.sockets.open[2]?.welcome();
    await soon(() => expect(all.hearing.status().chat.covered).toBe(100));
    const [left = ''] = Object.keys(all.hearing.status().chat.exceptions);
    all.database.live = [left];
    await all.hearing.hear(message(body(left, 'live')), 'conduit');
    await soon(() => expect(all.twitch.keys()).toContain(chatKey(left, 'u')));
    await soon(() => expect(all.hearing.status().chat.exceptions).not.toHaveProperty(left));
  });

  it('read the chats of their favourites on a socket of their own', async () => {
    const { hearing: made, twitch } = await reading();
    expect(twitch.keys()).toEqual(expect.arrayContaining([chatKey('1', 'u'), chatKey('2', 'u')]));
    expect(made.status().readers).toEqual([{ userId: 'u', channels: 2, status: 'open', problem: null }]);
    expect(JSON.stringify(made.status())).not.toContain('secret-of');
  });

  it('hand their streamers over when they go', async () => {
    const { hearing: made, sockets, database } = await reading();
    database.readers = [{ userId: 'v', streamerIds: ['1'] }];
    made.readersChanged('u');
    await soon(() => expect(sockets.open).toHaveLength(4));
    expect(sockets.open[2]?.isClosed()).toBe(true);
    sockets.open[3]?.welcome();
    await soon(() => expect(made.status().chat.covered).toBe(1));
  });

  it('refresh a token that Twitch refuses, and leave when it is gone', async () => {
    const { hearing: made, twitch, sockets, tokens, done } = await reading();
    const list = twitch.eventSub.list;
    twitch.eventSub.list = async (auth, filter) => {
      if (auth.kind === 'user') throw refusal('unauthorised', { status: 401 });
      return await list(auth, filter);
    };
    tokens.set('u', token('u'));
    sockets.open[2]?.drop();
    sockets.open[2]?.welcome();
    await soon(() => expect(done.refreshed).toContain('u'));
    tokens.delete('u');
    made.readersChanged('u');
    await soon(() => expect(sockets.open[2]?.isClosed()).toBe(true));
    await soon(() => expect(Object.keys(made.status().chat.exceptions)).toEqual(['1', '2']));
  });
});

describe('a message', () => {
  it('is answered after it is stored', async () => {
    const { hearing: made, setTake } = hearing();
    setTake(async () => 'known');
    expect(await made.hear(message(body('1')), 'webhook')).toBe('known');
    expect(made.status().counts.heard).toBe(1);
    expect(made.status().lastEventAt).not.toBeNull();
  });

  it('is refused when it cannot be stored, so that Twitch sends it again', async () => {
    const { hearing: made, setTake } = hearing();
    setTake(async () => {
      throw new Error('away');
    });
    await expect(made.hear(message(body('1')), 'webhook')).rejects.toThrow('away');
  });

  it('from a socket is tried again until it is stored', async () => {
    const { hearing: made, sockets, setTake } = await onConduit();
    let tries = 0;
    setTake(async () => {
      tries += 1;
      if (tries < 3) throw new Error('away');
      return 'stored';
    });
    sockets.open[0]?.handlers.onMessage(message(body('1')));
    await soon(() => expect(made.status().counts.heard).toBe(1));
    expect(tries).toBe(3);
  });

  it('from a socket that cannot be stored is left to comparing', async () => {
    const { hearing: made, sockets, setTake, done } = await onConduit();
    await soon(() => expect(done.compared).toBe(1));
    setTake(async () => {
      throw new Error('away');
    });
    sockets.open[0]?.handlers.onMessage(message(body('1')));
    await soon(() => expect(made.status().counts.failed).toBe(1));
    await soon(() => expect(done.compared).toBe(2));
  });

  it('that somebody went live has them looked at again, and a repeat has not', async () => {
    const { hearing: made, done, setTake } = hearing();
    await made.hear(message(body('1', 'live')), 'webhook');
    await made.hear(message(body('2', 'live')), 'webhook');
    await soon(() =>
      expect(done.looked).toEqual([
        ['1', '2'],
        ['1', '2'],
      ]),
    );
    setTake(async () => 'known');
    await made.hear(message(body('3', 'live')), 'webhook');
    expect(done.looked.flat()).not.toContain('3');
  });

  it('that a user took the leave back deletes what is theirs before it is answered', async () => {
    const { hearing: made, done } = hearing();
    const revoked = { what: 'authorization-revoked', userId: '7' } as const;
    expect(await made.hear(message(revoked), 'webhook')).toBe('ignored');
    expect(done.revoked).toEqual(['7']);
  });

  it('of an unknown kind is counted and ignored', async () => {
    const { hearing: made } = hearing();
    await made.hear(message({ what: 'unknown', type: 'x' }), 'webhook');
    await made.hear(message({ what: 'unreadable', type: 'x' }), 'webhook');
    expect(made.status().counts).toEqual({ heard: 0, unknown: 1, unreadable: 1, failed: 0 });
  });
});

describe('the report', () => {
  it('is saved soon after something has changed, and can be kept as JSON', async () => {
    const { database, sockets } = await onConduit();
    await soon(() => expect(database.reports.at(-1)?.present).toBe('conduit'));
    expect(JSON.parse(JSON.stringify(database.reports.at(-1)))).toEqual(database.reports.at(-1));
    for (const socket of sockets.open) socket.drop();
    await soon(() => expect(database.reports.at(-1)?.problems).toEqual(['No socket to Twitch is open.']));
  });

  it('tells that Twitch is away', async () => {
    const all = hearing({ wanted: 'conduit' });
    all.twitch.setFault(refusal('unavailable', { status: 503 }));
    all.hearing.start();
    await soon(() => expect(all.database.reports.at(-1)?.problems).toEqual(['Twitch gives us no conduit.']));
    all.twitch.setFault(null);
    await soon(() => expect(all.sockets.open).toHaveLength(2));
  });
});
