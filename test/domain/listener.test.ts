import { describe, expect, it, vi } from 'vitest';
import { createListener, paceMs, type ListenerStore } from '../../src/domain/listener.ts';
import type { LiveStream, Profile } from '../../src/domain/streamer.ts';

const now = () => new Date('2026-11-23T12:00:00Z');
const never = new AbortController().signal;

function listening(
  ids: string[],
  options: { known?: (ids: string[]) => Profile[]; pollIntervalMs?: number } = {},
) {
  const asked: string[][] = [];
  const unavailable: string[] = [];
  const rounds: { asked: string[]; live: LiveStream[] }[] = [];
  const store: ListenerStore = {
    toPoll: async () => ids,
    saveRound: async (round) => void rounds.push(round),
    toProfile: async () => ids.slice(0, 100),
    saveProfiles: async () => undefined,
    saveChannels: async () => undefined,
    markUnavailable: async (missing) => void unavailable.push(...missing),
  };
  const twitch = {
    async streamsByUserIds(batch: string[]) {
      asked.push(batch);
      return [];
    },
    usersByIds: async (batch: string[]) => options.known?.(batch) ?? [],
    channelsByIds: async () => [],
    state: () => ({ rateLimit: null }),
  };
  const listener = createListener({ store, twitch, now, pollIntervalMs: options.pollIntervalMs ?? 30 });
  return { listener, asked, rounds, unavailable };
}

describe('a round of the listener', () => {
  it('asks about everybody once, a hundred a call, and saves each answer', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    const { listener, asked, rounds } = listening(ids);
    await listener.round(never);
    expect(asked.map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(new Set(asked.flat()).size).toBe(250);
    expect(rounds.map((round) => round.asked)).toEqual(asked);
  });

  it('asks nothing when nobody is favoured', async () => {
    const { listener, asked } = listening([]);
    await listener.round(never);
    expect(asked).toEqual([]);
  });

  it('marks whom Get Users leaves out, and only them', async () => {
    const profile = {
      id: '1',
      login: 'a',
      displayName: 'A',
      description: '',
      profileImageUrl: null,
      offlineImageUrl: null,
    };
    const { listener, unavailable } = listening(['1', '2'], { known: () => [profile] });
    await listener.round(never);
    expect(unavailable).toEqual(['2']);
  });

  it('ends between two calls when it is told to', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    const { listener, asked } = listening(ids, { pollIntervalMs: 60_000 });
    const stopping = new AbortController();
    const round = listener.round(stopping.signal);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stopping.abort();
    await round;
    expect(asked).toHaveLength(1);
  });
});

describe('the pace of the listener', () => {
  const resetAt = new Date(now().getTime() + 40_000);

  it('spreads the calls of a round over the interval', () => {
    expect(paceMs(1, 60_000, null, now())).toBe(60_000);
    expect(paceMs(12, 60_000, { limit: 800, remaining: 700, resetAt }, now())).toBe(5_000);
  });

  it('waits for the reset when less than a quarter of the limit is left', () => {
    expect(paceMs(12, 60_000, { limit: 800, remaining: 199, resetAt }, now())).toBe(40_000);
    expect(paceMs(12, 60_000, { limit: 800, remaining: 200, resetAt }, now())).toBe(5_000);
  });
});
