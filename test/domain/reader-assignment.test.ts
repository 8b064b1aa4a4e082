import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignReaders } from '../../src/domain/reader-assignment.ts';

const ids = Array.from({ length: 12 }, (_, index) => String(index));
const world = fc.record({
  streamers: fc
    .array(fc.boolean(), { minLength: 12, maxLength: 12 })
    .map((live) => ids.map((streamerId, index) => ({ streamerId, isLive: live[index] === true }))),
  readers: fc
    .array(fc.subarray(ids), { maxLength: 4 })
    .map((lists) => lists.map((streamerIds, index) => ({ userId: `u${index}`, streamerIds }))),
  capacity: fc.integer({ min: 1, max: 4 }),
});

describe('the assignment of readers', () => {
  it('never gives a reader too many, or somebody whom they do not favour', () => {
    fc.assert(
      fc.property(world, ({ streamers, readers, capacity }) => {
        const assigned = assignReaders(streamers, readers, new Map(), capacity);
        for (const { userId, streamerIds } of readers) {
          const theirs = [...assigned].filter(([, reader]) => reader === userId).map(([id]) => id);
          expect(theirs.length).toBeLessThanOrEqual(capacity);
          expect(streamerIds).toEqual(expect.arrayContaining(theirs));
        }
      }),
    );
  });

  it('leaves somebody out only when each of their readers is full, of live ones for a live one', () => {
    fc.assert(
      fc.property(world, world, ({ streamers, readers, capacity }, other) => {
        const before = assignReaders(other.streamers, other.readers, new Map(), other.capacity);
        const assigned = assignReaders(streamers, readers, before, capacity);
        for (const { streamerId, isLive } of streamers.filter((each) => !assigned.has(each.streamerId))) {
          for (const { userId } of readers.filter((each) => each.streamerIds.includes(streamerId))) {
            const load = streamers.filter(
              (each) => assigned.get(each.streamerId) === userId && (!isLive || each.isLive),
            );
            expect(load).toHaveLength(capacity);
          }
        }
      }),
    );
  });

  it('moves nobody when nothing has changed', () => {
    fc.assert(
      fc.property(world, ({ streamers, readers, capacity }) => {
        const first = assignReaders(streamers, readers, new Map(), capacity);
        expect(assignReaders(streamers, readers, first, capacity)).toEqual(first);
      }),
    );
  });

  it('moves those of a reader who goes, and nobody else, while there is room', () => {
    const streamers = ids.map((streamerId) => ({ streamerId, isLive: false }));
    const readers = ['a', 'b', 'c'].map((userId) => ({ userId, streamerIds: ids }));
    const before = assignReaders(streamers, readers);
    const after = assignReaders(
      streamers,
      readers.filter(({ userId }) => userId !== 'a'),
      before,
    );
    expect(after.size).toBe(12);
    const kept = [...before].filter(([, reader]) => reader !== 'a');
    expect([...after]).toEqual(expect.arrayContaining(kept));
  });

  it('spreads streamers over those who favour them', () => {
    const streamers = ids.map((streamerId) => ({ streamerId, isLive: false }));
    const readers = ['a', 'b', 'c'].map((userId) => ({ userId, streamerIds: ids }));
    const loads = [...assignReaders(streamers, readers).values()];
    for (const userId of ['a', 'b', 'c']) expect(loads.filter((each) => each === userId)).toHaveLength(4);
  });
});
