import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownKinds, ownWatches } from '../../src/domain/own-channel.ts';
import { affordable } from '../../src/domain/watch-budget.ts';
import { shareWatches } from '../../src/domain/watch-sharing.ts';
import { appWatches, inOrder, keyOf, type Favoured } from '../../src/domain/watch.ts';

const streamer = fc.record({
  streamerId: fc.stringMatching(/^[0-9]{1,3}$/),
  favouredBy: fc.integer({ min: 1, max: 5 }),
  isLive: fc.boolean(),
  lastLiveAt: fc.option(fc.date({ noInvalidDate: true })),
});
const streamers = fc.uniqueArray(streamer, { selector: ({ streamerId }) => streamerId, maxLength: 30 });

const at = (day: number) => new Date(Date.UTC(2026, 10, day));

const favoured = (streamerId: string, more: Partial<Favoured> = {}): Favoured => ({
  streamerId,
  favouredBy: 1,
  isLive: false,
  lastLiveAt: null,
  ...more,
});

describe('a watch', () => {
  it('has one name, whatever the order of its condition and the empty fields in it', () => {
    expect(keyOf('channel.raid', { b: '2', a: '1', c: '' })).toBe(keyOf('channel.raid', { a: '1', b: '2' }));
    expect(keyOf('channel.raid', { a: '1' })).not.toBe(keyOf('channel.raid', { b: '1' }));
  });
});

describe('the wished watches', () => {
  it('are five for each streamer, each once', () => {
    fc.assert(
      fc.property(streamers, (list) => {
        const keys = inOrder([...list, ...list]).map(({ key }) => key);
        expect(keys).toHaveLength(5 * list.length);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('begin with whom most favour, who is live, and who was so most recently', () => {
    const order = inOrder([
      favoured('old', { lastLiveAt: at(1) }),
      favoured('recent', { lastLiveAt: at(2) }),
      favoured('live', { isLive: true }),
      favoured('loved', { favouredBy: 2 }),
    ]);
    const online = order.filter(({ type }) => type === 'stream.online');
    expect(online.map(({ streamerId }) => streamerId)).toEqual(['loved', 'live', 'recent', 'old']);
  });

  it('hear that a conduit lost a shard only where there is a conduit', () => {
    expect(appWatches('me', null).map(({ type }) => type)).toEqual(['user.authorization.revoke']);
    expect(appWatches('me', 'c').map(({ type }) => type)).toContain('conduit.shard.disabled');
  });
});

describe('a budget', () => {
  it('is never exceeded, and never leaves out what is dearer than something within', () => {
    fc.assert(
      fc.property(streamers, fc.integer({ min: 0, max: 60 }), (list, budget) => {
        const { within, beyond } = affordable(inOrder(list), budget, new Map());
        expect(within.length).toBe(Math.min(budget, 5 * list.length));
        const dearestBeyond = Math.min(...beyond.map(({ tier }) => tier));
        expect(within.every(({ tier }) => tier <= dearestBeyond)).toBe(true);
      }),
    );
  });

  it('counts nothing for streamers who have given the app their leave', () => {
    const wished = inOrder([favoured('1'), favoured('2')], [], new Set(['2']));
    const { within, beyond } = affordable(wished, 3, new Map());
    expect(within.filter(({ streamerId }) => streamerId === '2')).toHaveLength(5);
    expect(within.filter(({ streamerId }) => streamerId === '1')).toHaveLength(3);
    expect(beyond).toHaveLength(2);
  });

  it('believes Twitch more than what it should charge', () => {
    const wished = inOrder([favoured('1')], [], new Set(['1']));
    const costs = new Map(wished.map(({ key }) => [key, 1]));
    expect(affordable(wished, 3, costs).within).toHaveLength(3);
  });

  it('counts nothing for what Twitch does not charge', () => {
    const wished = inOrder([favoured('1')]);
    const free = new Map(wished.map(({ key }) => [key, 0]));
    expect(affordable(wished, 0, free).within).toHaveLength(5);
    expect(affordable(wished, null, new Map()).within).toHaveLength(5);
  });
});

describe('the own channel', () => {
  it('is watched for what is turned on and allowed', () => {
    const watches = ownWatches({
      userId: '7',
      kinds: ['follows', 'polls', 'ads'],
      scopes: ['moderator:read:followers', 'channel:manage:polls'],
    });
    expect(new Set(watches.map(({ type }) => type))).toEqual(
      new Set(['channel.follow', 'channel.poll.begin', 'channel.poll.progress', 'channel.poll.end']),
    );
    expect(watches[0]).toMatchObject({
      version: '2',
      condition: { broadcaster_user_id: '7', moderator_user_id: '7' },
      userId: '7',
    });
  });

  it('has a label and a scope for each group', () => {
    expect(new Set(ownKinds.map(({ name }) => name)).size).toBe(ownKinds.length);
    for (const { label, scope, types } of ownKinds) {
      expect(label).not.toBe('');
      expect(scope).toMatch(/^[a-z]+:read(:[a-z_]+)?$/);
      expect(types.length).toBeGreaterThan(0);
    }
  });
});

describe('watches shared among users', () => {
  const users = fc.uniqueArray(
    fc.record({ userId: fc.stringMatching(/^[a-z]$/), budget: fc.integer({ min: 0, max: 10 }) }),
    { selector: ({ userId }) => userId },
  );

  it('are carried once each, within every budget, the dearest first', () => {
    fc.assert(
      fc.property(streamers, users, (list, who) => {
        const wished = inOrder(list);
        const { of, left } = shareWatches(wished, who, new Map());
        const carried = [...of.values()].flat();
        const room = who.reduce((sum, { budget }) => sum + budget, 0);
        expect(carried.length).toBe(Math.min(room, wished.length));
        expect(new Set([...carried, ...left].map(({ key }) => key)).size).toBe(wished.length);
        for (const { userId, budget } of who) expect(of.get(userId)?.length ?? 0).toBeLessThanOrEqual(budget);
        expect(left).toEqual(wished.slice(room));
      }),
    );
  });

  it('take no room when they cost nothing, and stay where they are', () => {
    const wished = inOrder([favoured('1'), favoured('2')], [], new Set(['2']));
    const two = [
      { userId: 'a', budget: 5 },
      { userId: 'b', budget: 0 },
    ];
    const { of, left } = shareWatches(wished, two, new Map());
    expect(of.get('a')).toHaveLength(10);
    expect(left).toEqual([]);
    const before = new Map(wished.map(({ key }) => [key, 'b']));
    expect(shareWatches(wished, two, before).of.get('b')).toHaveLength(5);
    expect(shareWatches(wished, [], new Map()).left).toHaveLength(10);
  });

  it('stay with whoever carries them when nothing forces them away', () => {
    const wished = inOrder([favoured('1'), favoured('2')]);
    const two = [
      { userId: 'a', budget: 10 },
      { userId: 'b', budget: 10 },
    ];
    const before = new Map(wished.map(({ key }) => [key, 'b']));
    expect(shareWatches(wished, two, before).of.get('b')).toHaveLength(10);
  });
});
