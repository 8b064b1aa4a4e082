import { pause } from './duty.ts';
import { scarceForMs, type RateLimit } from './rate-limit.ts';
import type { ChannelInfo, LiveStream, Profile } from './streamer.ts';

/**
 * What the listener wants of Twitch. It asks about each id alone, to know about each whether it was answered;
 * calls made at the same time have to share a request.
 */
export interface ListenerTwitch {
  streamsByUserIds(ids: string[]): Promise<LiveStream[]>;
  usersByIds(ids: string[]): Promise<Profile[]>;
  channelsByIds(ids: string[]): Promise<ChannelInfo[]>;
  state(): { rateLimit: RateLimit | null };
}

/** What the listener wants of the database. Lists of ids hold each streamer once. */
export interface ListenerStore {
  toPoll(requestedSince: Date): Promise<string[]>;
  saveRound(round: {
    asked: string[];
    live: LiveStream[];
    at: Date;
    pushCovers: (streamerId: string) => boolean;
    /** Two absences count as two when they are so many milliseconds apart. */
    absencesApartMs: number;
  }): Promise<unknown>;
  toProfile(profiledBefore: Date, limit: number, unavailableBefore: Date): Promise<string[]>;
  saveProfiles(profiles: Profile[], at: Date): Promise<void>;
  saveChannels(channels: ChannelInfo[], at: Date): Promise<void>;
  markUnavailable(ids: string[], at: Date): Promise<void>;
}

export type Listener = ReturnType<typeof createListener>;

const idsPerCall = 100;
const visitedForMs = 15 * 60_000;
const dayMs = 24 * 60 * 60_000;
const unavailableAgeMs = 60 * 60_000;

/**
 * Keeps the database like Twitch: who is live in every round and, once a day, who everybody is. A fault that
 * concerns one streamer leaves what is known of them as it is: only an answer says that somebody is absent.
 */
export function createListener(parts: {
  store: ListenerStore;
  twitch: ListenerTwitch;
  now: () => Date;
  pollIntervalMs: number;
  /** How old a profile gets before it is asked for again; a day unless given. */
  profileAgeMs?: number;
  /** Whether push should have told what a round finds: it is then found late. */
  pushCovers?: (streamerId: string) => boolean;
}) {
  const { store, twitch, now, pollIntervalMs, profileAgeMs = dayMs, pushCovers = () => false } = parts;
  const absenceAgeMs = Math.min(unavailableAgeMs, profileAgeMs);

  const ago = (ms: number) => new Date(now().getTime() - ms);

  async function askStreams(asked: string[]): Promise<void> {
    const { answered, found, fault } = await askEach(asked, (ids) => twitch.streamsByUserIds(ids));
    if (answered.length === 0) throw fault;
    // The poll, comparing and looking at who went live run side by side.
    const absencesApartMs = pollIntervalMs / 2;
    await store.saveRound({ asked: answered, live: found, at: now(), pushCovers, absencesApartMs });
  }

  async function askProfiles(): Promise<void> {
    const asked = await store.toProfile(ago(profileAgeMs), idsPerCall, ago(absenceAgeMs));
    if (asked.length === 0) return;
    const [profiles, channels] = await Promise.all([
      askEach(asked, (ids) => twitch.usersByIds(ids)),
      askEach(asked, (ids) => twitch.channelsByIds(ids)),
    ]);
    const named = new Set(profiles.found.map((profile) => profile.id));
    await store.saveProfiles(profiles.found, now());
    await store.saveChannels(channels.found, now());
    await store.markUnavailable(
      profiles.answered.filter((id) => !named.has(id)),
      now(),
    );
    if (profiles.answered.length === 0 || channels.answered.length === 0)
      throw profiles.fault ?? channels.fault;
  }

  return {
    /**
     * Asks once about everybody whom somebody favours or has looked at lately, a hundred a call, spread
     * over the interval. @throws whatever Twitch or the database throws; who was asked is then saved. What
     * cannot be read about some keeps nobody else from being asked
     */
    async round(signal: AbortSignal): Promise<void> {
      const ids = await store.toPoll(ago(visitedForMs));
      const calls = chunk(ids, idsPerCall);
      let unreadable: unknown = null;
      for (const [index, asked] of calls.entries()) {
        if (index > 0)
          await pause(paceMs(calls.length, pollIntervalMs, twitch.state().rateLimit, now()), signal);
        if (signal.aborted) return;
        await askStreams(asked).catch((error: unknown) => {
          if (!isUnreadable(error)) throw error;
          unreadable = error;
        });
      }
      if (signal.aborted) return;
      await askProfiles();
      if (unreadable !== null) throw unreadable;
    },

    /** Asks about these now, and saves what Twitch says of them. @throws whatever Twitch or the database throws */
    async look(ids: string[]): Promise<void> {
      for (const asked of chunk([...new Set(ids)], idsPerCall)) await askStreams(asked);
    },
  };
}

/**
 * The pause between two calls, in milliseconds: the calls of a round spread over the interval, and
 * slower once less than a quarter of the rate limit is left, so that pages can still ask.
 */
export function paceMs(calls: number, intervalMs: number, rateLimit: RateLimit | null, now: Date): number {
  return Math.max(intervalMs / Math.max(1, calls), scarceForMs(rateLimit, now));
}

/** Who was answered about, what was found of them, and a fault that kept the others from it. */
async function askEach<Item>(ids: string[], ask: (ids: string[]) => Promise<Item[]>) {
  const outcomes = await Promise.allSettled(ids.map((id) => ask([id])));
  return {
    answered: ids.filter((_, index) => outcomes[index]?.status === 'fulfilled'),
    found: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
    fault: outcomes.find((outcome) => outcome.status === 'rejected')?.reason as unknown,
  };
}

/** An answer that makes no sense, as opposed to none at all. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === 'malformed';
}

function chunk<Item>(items: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
