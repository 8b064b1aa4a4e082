import { pause } from './duty.ts';
import type { ChannelInfo, LiveStream, Profile } from './streamer.ts';

/** What the listener wants of Twitch. */
export interface ListenerTwitch {
  streamsByUserIds(ids: string[]): Promise<LiveStream[]>;
  usersByIds(ids: string[]): Promise<Profile[]>;
  channelsByIds(ids: string[]): Promise<ChannelInfo[]>;
  state(): { rateLimit: RateLimit | null };
}

/** Points left of the limit, as Twitch last said it, and when it is full again. */
export interface RateLimit {
  limit: number;
  remaining: number;
  resetAt: Date;
}

/** What the listener wants of the database. Lists of ids hold each streamer once. */
export interface ListenerStore {
  toPoll(requestedSince: Date): Promise<string[]>;
  saveRound(round: { asked: string[]; live: LiveStream[]; at: Date }): Promise<unknown>;
  toProfile(profiledBefore: Date, limit: number): Promise<string[]>;
  saveProfiles(profiles: Profile[], at: Date): Promise<void>;
  saveChannels(channels: ChannelInfo[], at: Date): Promise<void>;
  markUnavailable(ids: string[], at: Date): Promise<void>;
}

export type Listener = ReturnType<typeof createListener>;

const idsPerCall = 100;
const visitedForMs = 15 * 60_000;
const profileAgeMs = 24 * 60 * 60_000;

/** Keeps the database like Twitch: who is live in every round and, once a day, who everybody is. */
export function createListener(parts: {
  store: ListenerStore;
  twitch: ListenerTwitch;
  now: () => Date;
  pollIntervalMs: number;
}) {
  const { store, twitch, now, pollIntervalMs } = parts;

  async function askStreams(asked: string[]): Promise<void> {
    const live = await twitch.streamsByUserIds(asked);
    await store.saveRound({ asked, live, at: now() });
  }

  async function askProfiles(): Promise<void> {
    const asked = await store.toProfile(new Date(now().getTime() - profileAgeMs), idsPerCall);
    if (asked.length === 0) return;
    const [profiles, channels] = await Promise.all([twitch.usersByIds(asked), twitch.channelsByIds(asked)]);
    const named = new Set(profiles.map((profile) => profile.id));
    await store.saveProfiles(profiles, now());
    await store.saveChannels(channels, now());
    await store.markUnavailable(
      asked.filter((id) => !named.has(id)),
      now(),
    );
  }

  return {
    /**
     * Asks once about everybody whom somebody favours or has looked at lately, a hundred a call, spread
     * over the interval. @throws whatever Twitch or the database throws; who was asked is then saved
     */
    async round(signal: AbortSignal): Promise<void> {
      const ids = await store.toPoll(new Date(now().getTime() - visitedForMs));
      const calls = chunk(ids, idsPerCall);
      for (const [index, asked] of calls.entries()) {
        if (index > 0)
          await pause(paceMs(calls.length, pollIntervalMs, twitch.state().rateLimit, now()), signal);
        if (signal.aborted) return;
        await askStreams(asked);
      }
      await askProfiles();
    },
  };
}

/**
 * The pause between two calls, in milliseconds: the calls of a round spread over the interval, and
 * slower once less than a quarter of the rate limit is left, so that pages can still ask.
 */
export function paceMs(calls: number, intervalMs: number, rateLimit: RateLimit | null, now: Date): number {
  const steady = intervalMs / Math.max(1, calls);
  if (rateLimit === null || rateLimit.remaining >= rateLimit.limit / 4) return steady;
  return Math.max(steady, rateLimit.resetAt.getTime() - now.getTime());
}

function chunk<Item>(items: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
