import { describe, expect, it } from 'vitest';
import { createReconciler } from '../../src/domain/reconciler.ts';
import type { Subscription } from '../../src/domain/event-sub.ts';
import { inOrder, keyOf, watchesOf, watchOf } from '../../src/domain/watch.ts';
import { fakeEventSub, refusal } from './fake-event-sub.ts';

const never = new AbortController().signal;
const callback = 'https://followspot.example/hook';
const app = { kind: 'app' } as const;
const all = (...ids: string[]) =>
  inOrder(ids.map((streamerId) => ({ streamerId, favouredBy: 1, isLive: false, lastLiveAt: null })));

function reconciling(
  options: { max?: number; confirms?: boolean; probes?: boolean; outdated?: string } = {},
) {
  const twitch = fakeEventSub({ confirms: true, ...options });
  const clock = { ms: Date.parse('2026-11-23T12:00:00Z') };
  let atOnce = 0;
  let mostAtOnce = 0;
  const reconciler = createReconciler({
    list: () => twitch.eventSub.list(app),
    async create({ type, version, condition }) {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      const transport = { method: 'webhook', callback, secret: 's' } as const;
      await Promise.resolve();
      try {
        return await twitch.eventSub.create(app, { type, version, condition, transport });
      } finally {
        atOnce -= 1;
      }
    },
    remove: (id) => twitch.eventSub.remove(app, id),
    isOurs: ({ transport }) =>
      transport.method === 'webhook' && [callback, options.outdated].includes(transport.callback),
    isOutdated: ({ transport }) => transport.method === 'webhook' && transport.callback === options.outdated,
    probes: options.probes ?? false,
    retryMs: { first: 1_000, longest: 300_000 },
    now: () => new Date(clock.ms),
  });
  const creations = () => twitch.calls.filter((call) => call.startsWith('create ')).length;
  return { reconciler, twitch, clock, creations, mostAtOnce: () => mostAtOnce };
}

function subscription(id: string, condition: Record<string, string>, more: Partial<Subscription> = {}) {
  return {
    id,
    status: 'enabled',
    type: 'stream.online',
    version: '1',
    condition,
    cost: 1,
    transport: { method: 'webhook' as const, callback },
    createdAt: new Date(0),
    ...more,
  };
}

describe('the reconciler', () => {
  it('creates what is missing, and nothing the second time', async () => {
    const { reconciler, twitch, creations, mostAtOnce } = reconciling();
    await reconciler.reconcile(all('1', '2', '3', '4', '5'), never);
    expect(twitch.keys()).toEqual(
      all('1', '2', '3', '4', '5')
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(mostAtOnce()).toBeLessThanOrEqual(10);
    await reconciler.reconcile(all('1', '2', '3', '4', '5'), never);
    expect(creations()).toBe(25);
    expect(reconciler.state().watches).toEqual({ wished: 25, existing: 25, missing: 0 });
  });

  it('removes what is not wished any more, and leaves the watches of others alone', async () => {
    const { reconciler, twitch } = reconciling();
    const others = { transport: { method: 'webhook', callback: 'https://other.example' } } as const;
    twitch.add(subscription('other', { broadcaster_user_id: '9' }, others));
    await reconciler.reconcile(all('1', '2'), never);
    await reconciler.reconcile(all('2'), never);
    expect(twitch.keys()).toEqual(
      [...all('2').map(({ key }) => key), keyOf('stream.online', { broadcaster_user_id: '9' })].toSorted(),
    );
    await reconciler.leave(never);
    expect(twitch.all().map(({ id }) => id)).toEqual(['other']);
  });

  it('knows a watch again whose condition Twitch filled up with empty fields', async () => {
    const { reconciler, twitch, creations } = reconciling();
    const raid = { to_broadcaster_user_id: '1', from_broadcaster_user_id: '' };
    twitch.add(subscription('a', raid, { type: 'channel.raid' }));
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(4);
  });

  it('keeps one of several equal ones', async () => {
    const { reconciler, twitch } = reconciling();
    for (const id of ['b', 'a', 'c'])
      twitch.add(subscription(id, { broadcaster_user_id: '1' }, { createdAt: new Date(id === 'a' ? 1 : 2) }));
    await reconciler.reconcile(all('1'), never);
    const online = twitch.all().filter(({ type }) => type === 'stream.online');
    expect(online.map(({ id }) => id)).toEqual(['a']);
  });

  it('creates a dead one again, but not one that was ended for good, until a day has passed', async () => {
    const { reconciler, twitch, clock } = reconciling();
    const [online, offline] = watchesOf('1');
    await reconciler.reconcile(all('1'), never);
    twitch.setStatus(online?.key ?? '', 'notification_failures_exceeded');
    twitch.setStatus(offline?.key ?? '', 'user_removed');
    await reconciler.reconcile(all('1'), never);
    expect(twitch.keys()).toContain(online?.key);
    expect(twitch.keys()).not.toContain(offline?.key);
    expect(reconciler.reasonOf(offline?.key ?? '')).toContain('ended');
    clock.ms += 24 * 3_600_000 + 1;
    await reconciler.reconcile(all('1'), never);
    expect(twitch.keys()).toContain(offline?.key);
  });

  it('asks again for one that keeps dying after pauses that grow, up to the longest', async () => {
    const { reconciler, twitch, clock } = reconciling();
    const key = watchesOf('1')[0]?.key ?? '';
    const asked: number[] = [];
    const create = twitch.eventSub.create;
    twitch.eventSub.create = async (auth, wanted) => {
      if (keyOf(wanted.type, wanted.condition) === key) asked.push(clock.ms);
      return await create(auth, wanted);
    };
    for (let second = 0; second < 3_600; second += 1) {
      await reconciler.reconcile(all('1'), never);
      twitch.setStatus(key, 'webhook_callback_verification_failed');
      clock.ms += 1_000;
    }
    const pauses = asked.map((at, index) => at - (asked[index - 1] ?? at)).slice(2);
    expect(asked.length).toBeLessThanOrEqual(25);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(220_000);
    expect(pauses.at(-1)).toBeLessThanOrEqual(380_000);
    expect(reconciler.reasonOf(key)).toContain('could not reach us');
  });

  it('is failing from a watch that died until one is confirmed', async () => {
    const { reconciler, twitch } = reconciling();
    await reconciler.reconcile(all('1', '2'), never);
    expect(reconciler.isFailing()).toBe(false);
    twitch.setStatus(watchesOf('1')[0]?.key ?? '', 'notification_failures_exceeded');
    twitch.confirmNothing();
    await reconciler.reconcile(all('1', '2'), never);
    expect(reconciler.isFailing()).toBe(true);
    twitch.confirmAll();
    await reconciler.reconcile(all('1', '2'), never);
    expect(reconciler.isFailing()).toBe(false);
  });

  it('is not failing for the sake of what is not wished any more', async () => {
    const { reconciler, twitch } = reconciling();
    await reconciler.reconcile(all('1', '2'), never);
    twitch.setStatus(watchesOf('1')[0]?.key ?? '', 'notification_failures_exceeded');
    await reconciler.reconcile(all('2'), never);
    expect(reconciler.isFailing()).toBe(false);
  });

  it('with an address to be proven asks for one until it is confirmed, and for one again when some fail', async () => {
    const { reconciler, twitch, creations } = reconciling({ confirms: false, probes: true });
    const wished = all('1', '2');
    expect(await reconciler.reconcile(wished, never)).toMatchObject({ pending: 10, created: 1 });
    expect(await reconciler.reconcile(wished, never)).toMatchObject({ pending: 10, created: 0 });
    twitch.confirmAll();
    expect(await reconciler.reconcile(wished, never)).toMatchObject({ pending: 9, created: 9 });
    twitch.confirmAll();
    expect(await reconciler.reconcile(wished, never)).toMatchObject({ pending: 0, created: 0 });
    for (const { key } of watchesOf('2')) twitch.setStatus(key, 'notification_failures_exceeded');
    await reconciler.reconcile(wished, never);
    await reconciler.reconcile(wished, never);
    expect(creations()).toBe(11);
  });

  it('with an address that fails tries no other watch while the one waits', async () => {
    const { reconciler, twitch, clock, creations } = reconciling({ confirms: false, probes: true });
    for (let second = 0; second < 60; second += 1) {
      await reconciler.reconcile(all('1', '2'), never);
      for (const { key } of all('1', '2')) twitch.setStatus(key, 'webhook_callback_verification_failed');
      clock.ms += 1_000;
    }
    expect(creations()).toBeLessThanOrEqual(9);
  });

  it('lets nobody wait for one that failed and is not wished any more, and begins anew when it is', async () => {
    const { reconciler, twitch, clock } = reconciling({ probes: true });
    const key = watchesOf('1')[0]?.key ?? '';
    for (let death = 0; death < 2; death += 1) {
      await reconciler.reconcile(all('1'), never);
      twitch.setStatus(key, 'notification_failures_exceeded');
      clock.ms += 1;
    }
    expect(await reconciler.reconcile(all('1'), never)).toMatchObject({ retryInMs: expect.any(Number) });
    expect(await reconciler.reconcile(all('2'), never)).toMatchObject({ retryInMs: null });
    await reconciler.reconcile(all('1', '2'), never);
    expect(twitch.keys()).toContain(key);
  });

  it('heeds a revocation that it only hears of, until somebody allows it anew', async () => {
    const { reconciler, twitch, creations } = reconciling();
    await reconciler.reconcile(all('1'), never);
    const [first] = twitch.all();
    await twitch.eventSub.remove(app, first?.id ?? '');
    reconciler.revoked({ subscriptionId: first?.id ?? '', type: '', status: 'authorization_revoked' });
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(5);
    reconciler.forgive('2');
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(5);
    reconciler.forgive('1');
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(6);
  });

  it('replaces what is out of date, and keeps it until the new one is confirmed', async () => {
    const outdated = `${callback}?key=old`;
    const { reconciler, twitch } = reconciling({ confirms: false, outdated });
    const [online, offline] = watchesOf('1');
    const old = { transport: { method: 'webhook', callback: outdated } } as const;
    for (const id of ['old', 'old-again'])
      twitch.add(subscription(id, online?.condition ?? {}, { ...old, createdAt: new Date(id.length) }));
    twitch.add(subscription('unwished', { broadcaster_user_id: '9' }, old));
    const ids = () =>
      twitch
        .all()
        .filter(({ type }) => type === 'stream.online')
        .map(({ id }) => id);
    await reconciler.reconcile(all('1'), never);
    expect(ids()).toEqual(['old', expect.stringMatching(/^s/)]);
    expect(reconciler.isHeld(online?.key ?? '')).toBe(false);
    twitch.confirmAll();
    await reconciler.reconcile(all('1'), never);
    expect(ids()).toEqual([expect.stringMatching(/^s/)]);
    expect(reconciler.isHeld(offline?.key ?? '')).toBe(true);
  });

  it('makes no room for what is out of date in the budget of the new', async () => {
    const outdated = `${callback}?key=old`;
    const { reconciler, twitch } = reconciling({ max: 10, outdated });
    const old = { transport: { method: 'webhook', callback: outdated } } as const;
    for (const { type, condition, key } of all('1'))
      twitch.add(subscription(key, condition, { ...old, type }));
    for (let round = 0; round < 3; round += 1) await reconciler.reconcile(all('1', '2'), never);
    expect(twitch.all().every(({ transport }) => JSON.stringify(transport).includes('old'))).toBe(false);
    expect(reconciler.state().watches).toEqual({ wished: 10, existing: 10, missing: 0 });
  });

  it('adopts what exists although the list did not tell of it', async () => {
    const { reconciler, twitch } = reconciling();
    twitch.add(subscription('a', { broadcaster_user_id: '1' }));
    const hidden = twitch.eventSub.list;
    twitch.eventSub.list = async () => ({ subscriptions: [], totalCost: 1, maxTotalCost: 10 });
    await reconciler.reconcile(all('1'), never);
    twitch.eventSub.list = hidden;
    expect(reconciler.state().watches.missing).toBe(0);
  });

  it('spends a small budget on going live before titles and raids, of those who come first', async () => {
    const { reconciler, twitch, creations } = reconciling({ max: 5 });
    await reconciler.reconcile(all('1', '2', '3'), never);
    expect(twitch.keys()).toEqual(
      all('1', '2', '3')
        .slice(0, 5)
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(creations()).toBe(5);
    expect(reconciler.reasonOf(watchesOf('3')[1]?.key ?? '')).toContain('no more watches');
  });

  it('gives up a title to hear of one more going live', async () => {
    const { reconciler, twitch } = reconciling({ max: 5 });
    await reconciler.reconcile(all('1'), never);
    await reconciler.reconcile(all('1', '2'), never);
    expect(twitch.keys()).toContain(watchesOf('2')[0]?.key);
    expect(twitch.all()).toHaveLength(5);
  });

  it('leaves the budget to whom it belongs', async () => {
    const { reconciler, twitch } = reconciling({ max: 5 });
    const others = { transport: { method: 'webhook', callback: 'https://other.example' }, cost: 3 } as const;
    twitch.add(subscription('other', { broadcaster_user_id: '9' }, others));
    await reconciler.reconcile(all('1', '2'), never);
    expect(twitch.all()).toHaveLength(3);
  });

  it('takes a limit that it could not foresee as the end of it, without a storm', async () => {
    const { reconciler, twitch, creations } = reconciling();
    for (const type of ['stream.online', 'stream.offline', 'channel.update', 'channel.raid'])
      twitch.refused.set(type, refusal('rate-limited', { status: 429, limit: true }));
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    await reconciler.reconcile(all(...ids), never);
    expect(creations()).toBeLessThanOrEqual(10);
    expect(reconciler.state().watches.missing).toBe(500);
  });

  it('does not ask again within an hour for what Twitch refuses', async () => {
    const { reconciler, twitch, clock, creations } = reconciling();
    twitch.refused.set('channel.update', refusal('rejected', { status: 403 }));
    await reconciler.reconcile(all('1'), never);
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(5);
    clock.ms += 3_600_001;
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(6);
  });

  it('gives a fault to its caller and goes on the next time', async () => {
    const { reconciler, twitch } = reconciling();
    twitch.setFault(refusal('unavailable', { status: 503 }));
    await expect(reconciler.reconcile(all('1'), never)).rejects.toThrow('unavailable');
    twitch.setFault(null);
    await reconciler.reconcile(all('1'), never);
    expect(twitch.all()).toHaveLength(5);
  });

  it('still does not ask for what was ended for good, or forbidden, when all of it was lost', async () => {
    const { reconciler, twitch, creations } = reconciling();
    const [online, offline] = watchesOf('1');
    twitch.refused.set(offline?.key ?? '', refusal('rejected', { status: 403 }));
    await reconciler.reconcile(all('1'), never);
    twitch.setStatus(online?.key ?? '', 'user_removed');
    await reconciler.reconcile(all('1'), never);
    const before = creations();
    reconciler.lost();
    await reconciler.reconcile(all('1'), never);
    expect(creations()).toBe(before);
  });

  it('counts nothing as made of a round in which all of it was lost', async () => {
    const { reconciler, twitch, creations } = reconciling();
    const { create } = twitch.eventSub;
    twitch.eventSub.create = async (auth, wanted) => {
      const answer = await create(auth, wanted);
      reconciler.lost();
      return answer;
    };
    const ids = Array.from({ length: 10 }, (_, index) => String(index));
    await reconciler.reconcile(all(...ids), never);
    expect(creations()).toBe(10);
    expect(reconciler.state()).toMatchObject({ reconciledAt: null, watches: { existing: 0 } });
    twitch.eventSub.create = create;
    await reconciler.reconcile(all(...ids), never);
    expect(reconciler.state()).toMatchObject({ reconciledAt: expect.any(Date), watches: { missing: 0 } });
  });

  it('still asks for what costs nothing when the rest is limited', async () => {
    const { reconciler, twitch } = reconciling({ max: 0 });
    const follow = watchOf({
      type: 'channel.follow',
      version: '2',
      condition: { broadcaster_user_id: '1' },
      tier: 0,
      streamerId: '1',
      userId: '1',
    });
    await reconciler.reconcile([follow, ...all('1')], never);
    expect(twitch.keys()).toEqual([follow.key]);
  });
});
