import { describe, expect, it, vi } from 'vitest';
import { createListener, paceMs, type ListenerStore } from '../../src/domain/listener.ts';
import type { ChannelInfo, LiveStream, Profile } from '../../src/domain/streamer.ts';

const now = () => new Date('2026-11-23T12:00:00Z');
const never = new AbortController().signal;
const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index));

type Answer<Item> = (id: string) => Item[];

function listening(
  wanted: string[],
  options: {
    streams?: Answer<LiveStream>;
    users?: Answer<Profile>;
    channels?: Answer<ChannelInfo>;
    pollIntervalMs?: number;
    profileAgeMs?: number;
  } = {},
) {
  /** The ids of calls that were made at the same time. */
  const asked: string[][] = [];
  const unavailable: string[] = [];
  const profiled: string[] = [];
  const toProfile: Date[][] = [];
  const rounds: { asked: string[]; live: LiveStream[] }[] = [];
  const store: ListenerStore = {
    toPoll: async () => wanted,
    saveRound: async (round) => void rounds.push(round),
    async toProfile(before, _limit, unavailableBefore) {
      toProfile.push([before, unavailableBefore]);
      return wanted.slice(0, 100);
    },
    saveProfiles: async (profiles) => void profiled.push(...profiles.map(({ id }) => id)),
    saveChannels: async () => undefined,
    markUnavailable: async (missing) => void unavailable.push(...missing),
  };
  let together: string[] | null = null;
  const each =
    <Item>(answer: Answer<Item> = () => []) =>
    async (batch: string[]) =>
      batch.flatMap((id) => answer(id));
  const twitch = {
    async streamsByUserIds(batch: string[]) {
      if (together === null) {
        together = [];
        asked.push(together);
        queueMicrotask(() => {
          together = null;
        });
      }
      together.push(...batch);
      return await each(options.streams)(batch);
    },
    usersByIds: each(options.users),
    channelsByIds: each(options.channels),
    state: () => ({ rateLimit: null }),
  };
  const { pollIntervalMs = 30, profileAgeMs } = options;
  const age = profileAgeMs === undefined ? {} : { profileAgeMs };
  const listener = createListener({ store, twitch, now, pollIntervalMs, ...age });
  return { listener, asked, rounds, unavailable, profiled, toProfile };
}

/** As the client says it of those it could not read. */
function unreadable(): never {
  throw Object.assign(new Error('malformed'), { kind: 'malformed' });
}

function away(): never {
  throw Object.assign(new Error('away'), { kind: 'unavailable' });
}

function profile(id: string): Profile {
  return {
    id,
    login: `a${id}`,
    displayName: 'A',
    description: '',
    profileImageUrl: null,
    offlineImageUrl: null,
  };
}

describe('a round of the listener', () => {
  it('asks about everybody once, a hundred a call, and saves each answer', async () => {
    const { listener, asked, rounds } = listening(ids(250));
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
    const { listener, unavailable } = listening(['1', '2'], {
      users: (id) => (id === '1' ? [profile(id)] : []),
    });
    await listener.round(never);
    expect(unavailable).toEqual(['2']);
  });

  it('asks daily who somebody is, and hourly whether the unavailable are back', async () => {
    const { listener, toProfile } = listening(['1']);
    await listener.round(never);
    expect(toProfile).toEqual([[new Date('2026-11-22T12:00:00Z'), new Date('2026-11-23T11:00:00Z')]]);
  });

  it('asks both as often as it is told to', async () => {
    const { listener, toProfile } = listening(['1'], { profileAgeMs: 60_000 });
    await listener.round(never);
    const before = new Date('2026-11-23T11:59:00Z');
    expect(toProfile).toEqual([[before, before]]);
  });

  it('ends between two calls when it is told to', async () => {
    const { listener, asked } = listening(ids(250), { pollIntervalMs: 60_000 });
    const stopping = new AbortController();
    const round = listener.round(stopping.signal);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stopping.abort();
    await round;
    expect(asked).toHaveLength(1);
  });

  it('asks for no profiles after it was told to end', async () => {
    const stopping = new AbortController();
    const { listener, rounds, toProfile } = listening(['1'], {
      streams() {
        stopping.abort();
        return [];
      },
    });
    await listener.round(stopping.signal);
    expect(rounds).toHaveLength(1);
    expect(toProfile).toEqual([]);
  });
});

describe('an answer that cannot be read', () => {
  it('leaves one streamer as they are and keeps nobody else from being saved', async () => {
    const { listener, rounds } = listening(['1', '2', '3'], {
      streams: (id) => (id === '2' ? unreadable() : []),
    });
    await listener.round(never);
    expect(rounds.map(({ asked }) => asked)).toEqual([['1', '3']]);
  });

  it('makes nobody unavailable', async () => {
    const { listener, unavailable, profiled } = listening(['1', '2', '3'], {
      users: (id) => (id === '2' ? unreadable() : id === '1' ? [profile(id)] : []),
      channels: (id) => (id === '1' ? unreadable() : []),
    });
    await listener.round(never);
    expect(profiled).toEqual(['1']);
    expect(unavailable).toEqual(['3']);
  });

  it('about a whole hundred lets the next hundred and the profiles have their turn, and is told at the end', async () => {
    const { listener, rounds, profiled } = listening(ids(150), {
      streams: (id) => (Number(id) < 100 ? unreadable() : []),
      users: (id) => [profile(id)],
    });
    await expect(listener.round(never)).rejects.toThrow('malformed');
    expect(rounds.map(({ asked }) => asked.length)).toEqual([50]);
    expect(profiled).toHaveLength(100);
  });

  it('is another matter than a Twitch that is away, which ends the round at once', async () => {
    const { listener, asked, rounds } = listening(ids(150), { streams: away });
    await expect(listener.round(never)).rejects.toThrow('away');
    expect(asked).toHaveLength(1);
    expect(rounds).toEqual([]);
  });

  it('marks nobody when Twitch goes away between the calls', async () => {
    const { listener, unavailable } = listening(['1'], { users: away });
    await expect(listener.round(never)).rejects.toThrow('away');
    expect(unavailable).toEqual([]);
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

describe('a look at some', () => {
  it('asks about each of them once, at once, and saves the answers', async () => {
    const { listener, asked, rounds } = listening([], { pollIntervalMs: 60_000 });
    await listener.look([...ids(150), '0']);
    expect(asked.map((batch) => batch.length)).toEqual([100, 50]);
    expect(rounds.map((round) => round.asked)).toEqual(asked);
  });

  it('asks nothing about nobody', async () => {
    const { listener, asked } = listening(['1']);
    await listener.look([]);
    expect(asked).toEqual([]);
  });
});
