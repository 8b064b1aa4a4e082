import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSubAuth, TwitchLogEntry } from '../../../src/twitch/index.ts';
import {
  bucket,
  clientOf,
  failureOf,
  json,
  raw,
  startFakeTwitch,
  status,
  type FakeTwitch,
} from '../fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

const path = '/eventsub/subscriptions';
const conduitsPath = '/eventsub/conduits';
const shardsPath = '/eventsub/conduits/shards';
const app: EventSubAuth = { kind: 'app' };
const user: EventSubAuth = { kind: 'user', accessToken: 'token-of-a-user' };
const secret = 'very-secret-webhook';
const wanted = {
  type: 'stream.online',
  version: '1',
  condition: { broadcaster_user_id: '70411220' },
  transport: { method: 'webhook' as const, callback: 'https://spot.example/x', secret },
};

function wireSubscription(id: string, more: object = {}): Record<string, unknown> {
  return {
    id,
    status: 'enabled',
    type: 'stream.online',
    version: '1',
    condition: { broadcaster_user_id: '70411220' },
    created_at: '2026-11-22T10:00:00.123456789Z',
    transport: { method: 'conduit', conduit_id: 'c0nd-0001' },
    cost: 1,
    ...more,
  };
}

const read = (id: string) => ({
  id,
  status: 'enabled',
  type: 'stream.online',
  version: '1',
  condition: { broadcaster_user_id: '70411220' },
  createdAt: new Date('2026-11-22T10:00:00.123Z'),
  transport: { method: 'conduit', conduitId: 'c0nd-0001' },
  cost: 1,
});

describe('eventSub.list', () => {
  it('reads all pages, each subscription once, with the totals', async () => {
    fake.script(
      path,
      json({ data: [wireSubscription('a'), wireSubscription('b')], pagination: { cursor: 'x' } }),
      json({ data: [], pagination: { cursor: 'y' } }),
      json({ data: [wireSubscription('b'), wireSubscription('c')], total_cost: 3, max_total_cost: 10_000 }),
    );
    expect(await clientOf(fake).eventSub.list(app, { conduitId: 'c0nd-0001' })).toEqual({
      subscriptions: [read('a'), read('b'), read('c')],
      totalCost: 3,
      maxTotalCost: 10_000,
    });
    expect(fake.asked(path).map(({ query }) => query.toString())).toEqual([
      'conduit_id=c0nd-0001',
      'conduit_id=c0nd-0001&after=x',
      'conduit_id=c0nd-0001&after=y',
    ]);
  });

  it('reads every transport and leaves out what it cannot read, counted', async () => {
    const log: TwitchLogEntry[] = [];
    const webhook = { method: 'webhook', callback: 'https://spot.example/x' };
    const websocket = { method: 'websocket', session_id: 's-1', connected_at: 'x' };
    fake.script(
      path,
      json({
        data: [
          wireSubscription('a', { transport: webhook, status: 'something_new' }),
          wireSubscription('b', { transport: websocket, condition: { reward_id: '', odd: 3 } }),
          wireSubscription('c', { transport: { method: 'pigeon' } }),
          wireSubscription('d', { id: 7 }),
          null,
        ],
      }),
    );
    const twitch = clientOf(fake, { log: (entry) => log.push(entry) });
    const { subscriptions, totalCost } = await twitch.eventSub.list(app);
    expect(subscriptions).toMatchObject([
      { status: 'something_new', transport: webhook },
      { transport: { method: 'websocket', sessionId: 's-1' }, condition: { reward_id: '' } },
    ]);
    expect(totalCost).toBeNull();
    expect(twitch.state().skippedItems).toBe(3);
    expect(log).toContainEqual({ event: 'items-skipped', path: '/subscriptions', count: 3 });
  });

  it('ends when the pages go in a circle', async () => {
    fake.script(path, json({ data: [wireSubscription('a')], pagination: { cursor: 'again' } }));
    expect((await clientOf(fake).eventSub.list(app)).subscriptions).toHaveLength(1);
    expect(fake.asked(path)).toHaveLength(2);
  });

  it('asks with the token of a user where it is theirs', async () => {
    fake.script(path, json({ data: [] }));
    await clientOf(fake).eventSub.list(user);
    expect(fake.asked(path)[0]?.headers).toMatchObject({
      authorization: 'Bearer token-of-a-user',
      'client-id': 'client-1',
    });
    expect(fake.asked('/token')).toHaveLength(0);
  });
});

describe('eventSub.create', () => {
  it('sends JSON and reads what was made', async () => {
    fake.script(
      path,
      json({ data: [wireSubscription('a')], total: 1, total_cost: 1, max_total_cost: 10 }, 202),
    );
    expect(await clientOf(fake).eventSub.create(app, wanted)).toEqual({
      outcome: 'created',
      subscription: read('a'),
      totalCost: 1,
      maxTotalCost: 10,
    });
    const [request] = fake.asked(path);
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request?.body ?? '')).toEqual({ ...wanted });
  });

  it.each([
    [
      { method: 'websocket' as const, sessionId: 's-1' },
      { method: 'websocket', session_id: 's-1' },
    ],
    [
      { method: 'conduit' as const, conduitId: 'c-1' },
      { method: 'conduit', conduit_id: 'c-1' },
    ],
  ])('writes the transport %j', async (transport, wire) => {
    fake.script(path, json({ data: [wireSubscription('a')] }, 202));
    await clientOf(fake).eventSub.create(app, { ...wanted, transport });
    expect(JSON.parse(fake.asked(path)[0]?.body ?? '')).toMatchObject({ transport: wire });
  });

  it.each([
    [{ status: 409, message: 'exists', id: 'old-1' }, 'old-1'],
    [{ status: 409, data: [{ id: 'old-2' }] }, 'old-2'],
    [{ status: 409, message: 'exists' }, null],
    [{ status: 409, id: 7 }, null],
    [null, null],
  ])('says that it exists after a 409 of %j', async (body, id) => {
    fake.script(path, json(body, 409));
    expect(await clientOf(fake).eventSub.create(app, wanted)).toEqual({ outcome: 'exists', id });
    expect(fake.asked(path)).toHaveLength(1);
  });

  it('says that it exists after a 409 that is no JSON', async () => {
    fake.script(path, raw('<h1>Conflict', 409));
    expect(await clientOf(fake).eventSub.create(app, wanted)).toEqual({ outcome: 'exists', id: null });
  });

  it('knows a limit from a rate, and does not try it again', async () => {
    fake.script(path, status(429, bucket(700, 30)));
    const failure = await failureOf(clientOf(fake).eventSub.create(app, wanted));
    expect(failure).toMatchObject({ kind: 'rate-limited', limit: true, status: 429 });
    expect(fake.asked(path)).toHaveLength(1);
  });

  it('waits for the reset of an empty bucket, which is no limit', async () => {
    fake.script(path, status(429, bucket(0, 0)), json({ data: [wireSubscription('a')] }, 202));
    expect((await clientOf(fake).eventSub.create(app, wanted)).outcome).toBe('created');
    fake.script(path, status(429, bucket(0, 60)));
    expect(await failureOf(clientOf(fake).eventSub.create(app, wanted))).toMatchObject({ limit: false });
  });

  it('waits for the reset of the bucket of a user, which is no other user’s', async () => {
    const created = json({ data: [wireSubscription('a')] }, 202);
    const client = clientOf(fake);
    fake.script(path, status(429, bucket(0, 0)), created);
    expect((await client.eventSub.create(user, wanted)).outcome).toBe('created');
    fake.script(path, status(429, bucket(0, 60)), created);
    const failure = await failureOf(client.eventSub.create(user, wanted));
    expect(failure).toMatchObject({ kind: 'rate-limited', limit: false });
    const before = fake.asked(path).length;
    expect((await failureOf(client.eventSub.create(user, wanted))).retryAfterS).toBeGreaterThan(50);
    expect(fake.asked(path)).toHaveLength(before);
    const other: EventSubAuth = { kind: 'user', accessToken: 'token-of-another' };
    expect((await client.eventSub.create(other, wanted)).outcome).toBe('created');
  });

  it('gets a new app token once after a 401, and none for a user', async () => {
    fake.script(path, status(401), json({ data: [wireSubscription('a')] }, 202));
    expect((await clientOf(fake).eventSub.create(app, wanted)).outcome).toBe('created');
    expect(fake.asked('/token')).toHaveLength(2);
    fake.script(path, status(401));
    expect((await failureOf(clientOf(fake).eventSub.create(user, wanted))).kind).toBe('unauthorised');
    expect(fake.asked('/token')).toHaveLength(2);
    expect(fake.asked(path)).toHaveLength(3);
  });

  it.each([400, 403, 500])('holds neither token nor secret in the error of a %i', async (code) => {
    fake.script(path, json({ message: `${secret} token-of-a-user` }, code));
    const failure = await failureOf(clientOf(fake).eventSub.create(user, wanted));
    const printed = `${inspect(failure, { depth: 9 })} ${JSON.stringify(failure)} ${failure.stack}`;
    expect(printed).not.toMatch(/very-secret-webhook|token-of-a-user/);
  });

  it('is malformed when what was made cannot be read', async () => {
    fake.script(path, json({ data: [] }, 202));
    expect((await failureOf(clientOf(fake).eventSub.create(app, wanted))).kind).toBe('malformed');
  });
});

describe('eventSub.remove', () => {
  it.each([204, 404])('is done with %i', async (code) => {
    fake.script(path, raw('', code));
    await clientOf(fake).eventSub.remove(app, 'sub&1');
    expect(fake.asked(path)[0]).toMatchObject({ method: 'DELETE' });
    expect(fake.asked(path)[0]?.query.get('id')).toBe('sub&1');
  });

  it('fails with 403', async () => {
    fake.script(path, status(403));
    expect((await failureOf(clientOf(fake).eventSub.remove(app, 'a'))).kind).toBe('rejected');
  });
});

describe('eventSub, of conduits,', () => {
  it('lists, makes, resizes and removes', async () => {
    const { eventSub } = clientOf(fake);
    const one = json({ data: [{ id: 'c-1', shard_count: 2 }] });
    fake.script(conduitsPath, one, one, one, raw('', 204), status(404));
    expect(await eventSub.conduits()).toEqual([{ id: 'c-1', shardCount: 2 }]);
    expect(await eventSub.createConduit(2)).toEqual({ id: 'c-1', shardCount: 2 });
    expect(await eventSub.resizeConduit('c-1', 2)).toEqual({ id: 'c-1', shardCount: 2 });
    await eventSub.removeConduit('c-1');
    await eventSub.removeConduit('c-1');
    expect(fake.asked(conduitsPath).map(({ method }) => method)).toEqual([
      'GET',
      'POST',
      'PATCH',
      'DELETE',
      'DELETE',
    ]);
    expect(JSON.parse(fake.asked(conduitsPath)[2]?.body ?? '')).toEqual({ id: 'c-1', shard_count: 2 });
  });

  it('makes no second one after a lost answer', async () => {
    fake.script(conduitsPath, status(503));
    expect((await failureOf(clientOf(fake).eventSub.createConduit(1))).kind).toBe('unavailable');
    expect(fake.asked(conduitsPath)).toHaveLength(1);
  });

  it('lists shards, on sockets or not', async () => {
    fake.script(
      shardsPath,
      json({
        data: [
          { id: '0', status: 'enabled', transport: { method: 'websocket', session_id: 's-1' } },
          { id: '1', status: 'websocket_disconnected', transport: { method: 'webhook', callback: 'x' } },
        ],
        pagination: {},
      }),
    );
    expect(await clientOf(fake).eventSub.shards('c-1')).toEqual([
      { id: '0', status: 'enabled', sessionId: 's-1' },
      { id: '1', status: 'websocket_disconnected', sessionId: null },
    ]);
  });

  it('attaches shards, a hundred at once, and tells the faults of a 202', async () => {
    const fault = { id: '7', message: 'no such session', code: 'invalid_parameter' };
    fake.script(shardsPath, json({ data: [], errors: [fault] }, 202), json({ data: [] }, 202));
    const shards = Array.from({ length: 101 }, (_, index) => ({
      id: String(index),
      sessionId: `s-${index}`,
    }));
    expect(await clientOf(fake).eventSub.attachShards('c-1', shards)).toEqual([fault]);
    const [first, second] = fake.asked(shardsPath).map(({ body }) => JSON.parse(body));
    expect(first.shards).toHaveLength(100);
    expect(second).toEqual({
      conduit_id: 'c-1',
      shards: [{ id: '100', transport: { method: 'websocket', session_id: 's-100' } }],
    });
  });
});

describe('eventSub', () => {
  it('has an address and a circuit of its own, so that Helix goes on without it', async () => {
    const twitch = clientOf(fake, { eventSubUrl: `${fake.url}/nowhere`, pace: { faults: 2 } });
    fake.script('/nowhere/subscriptions', status(503));
    await failureOf(twitch.eventSub.list(app));
    expect((await failureOf(twitch.eventSub.list(app))).status).toBeNull();
    expect(twitch.state()).toMatchObject({ eventSub: { circuit: 'open' }, api: { circuit: 'closed' } });
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
  });
});
