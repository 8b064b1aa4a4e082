import { describe, expect, it } from 'vitest';
import { createRetention } from '../../src/domain/retention.ts';

const now = () => new Date('2026-11-23T12:00:00Z');

function forgetting(rows: number) {
  const calls: { before: Date; limit: number }[] = [];
  let left = rows;
  const forget = createRetention({
    days: 30,
    now,
    restMs: 0,
    async purge(before, limit) {
      calls.push({ before, limit });
      const removed = Math.min(left, limit);
      left -= removed;
      return removed;
    },
  });
  return { forget, calls, left: () => left };
}

describe('retention', () => {
  it('forgets in small batches until nothing old is left', async () => {
    const { forget, calls, left } = forgetting(1_200);
    await forget(new AbortController().signal);
    expect(left()).toBe(0);
    expect(calls).toHaveLength(4);
    expect(calls.every(({ limit }) => limit <= 500)).toBe(true);
    expect(calls[0]?.before).toEqual(new Date('2026-10-24T12:00:00Z'));
  });

  it('ends when it is told to, in the middle', async () => {
    const stopping = new AbortController();
    const calls: number[] = [];
    const forget = createRetention({
      days: 1,
      now,
      restMs: 0,
      async purge(_before, limit) {
        calls.push(limit);
        if (calls.length === 2) stopping.abort();
        return limit;
      },
    });
    await forget(stopping.signal);
    expect(calls).toHaveLength(2);
  });
});
