import { AppError } from './errors.ts';
import { scarceForMs, type RateLimit } from './rate-limit.ts';
import { shareAnswers } from './shared-answers.ts';
import type { ChannelInfo, ChannelMatch, LiveStream, Profile, Streamer, StreamerCard } from './streamer.ts';
import { nearestTo } from './near-names.ts';
import { isLogin, type StreamerReference } from './streamer-reference.ts';

/** What the directory wants of Twitch. Every call throws when Twitch does not answer. */
export interface DirectoryTwitch {
  usersByLogins(logins: string[]): Promise<Profile[]>;
  streamsByUserIds(ids: string[]): Promise<LiveStream[]>;
  channelsByIds(ids: string[]): Promise<ChannelInfo[]>;
  searchChannels(query: string, first: number): Promise<ChannelMatch[]>;
  state(): { rateLimit: RateLimit | null };
}

/** What the directory wants of the database. */
export interface DirectoryStore {
  findByLogin(login: string): Promise<Streamer | null>;
  findByFormerLogin(login: string): Promise<Streamer | null>;
  find(id: string): Promise<Streamer | null>;
  /** So many whose logins stand next to this one in the alphabet: who differs late has most in common. */
  neighbours(login: string, most: number): Promise<StreamerCard[]>;
  saveProfiles(profiles: Profile[], at: Date): Promise<void>;
  saveChannels(channels: ChannelInfo[], at: Date): Promise<void>;
  saveRound(round: { asked: string[]; live: LiveStream[]; at: Date }): Promise<unknown>;
}

/** Thrown when nobody goes by a name; `matches` are those who come near. */
export class StreamerNotFoundError extends AppError {
  readonly matches: ChannelMatch[];

  constructor(name: string, matches: ChannelMatch[] = []) {
    super('not-found', `No streamer on Twitch goes by “${name}”.`);
    this.matches = matches;
  }
}

export type StreamerDirectory = ReturnType<typeof createStreamerDirectory>;

/**
 * Finds streamers: in the database if they are known there, else at Twitch, once for all who ask at
 * the same time. Whoever is found at Twitch is known from then on.
 */
export function createStreamerDirectory(parts: {
  store: DirectoryStore;
  twitch: DirectoryTwitch;
  now: () => Date;
  /** For how long an answer of Twitch serves again, in milliseconds. */
  answersLastMs?: number;
}) {
  const { store, twitch, now, answersLastMs = 30_000 } = parts;
  const introduced = shareAnswers({
    ask: async (login) => ({ streamer: await introduce(login) }),
    most: 1_000,
    lastMs: answersLastMs,
  });
  const searched = shareAnswers({ ask: search, most: 500, lastMs: answersLastMs });

  /** The last quarter of the rate limit belongs to those who are favoured already. */
  function refuseWhenBusy(): void {
    const waitMs = scarceForMs(twitch.state().rateLimit, now());
    if (waitMs === 0) return;
    throw new AppError('unavailable', 'Twitch is busy; please try again in a moment.', {
      retryAfterS: Math.ceil(waitMs / 1_000),
    });
  }

  async function introduce(login: string): Promise<Streamer | null> {
    refuseWhenBusy();
    const profile = (await twitch.usersByLogins([login])).at(0);
    if (profile === undefined) return null;
    const [live, channels] = await Promise.all([
      twitch.streamsByUserIds([profile.id]),
      twitch.channelsByIds([profile.id]),
    ]);
    const at = now();
    await store.saveProfiles([profile], at);
    await store.saveChannels(channels, at);
    await store.saveRound({ asked: [profile.id], live, at });
    return await store.find(profile.id);
  }

  /** Twitch ranks loosely and may leave out the exact login, which is what most people type. */
  async function search(query: string): Promise<ChannelMatch[]> {
    refuseWhenBusy();
    const [found, exact] = await Promise.all([
      twitch.searchChannels(query, 20),
      isLogin(query) ? twitch.usersByLogins([query]) : [],
    ]);
    const profile = exact.at(0);
    if (profile === undefined || found.some((match) => match.id === profile.id)) {
      return found.toSorted((a, b) => Number(b.id === profile?.id) - Number(a.id === profile?.id));
    }
    return [{ ...profile, title: '', category: '', isLive: false }, ...found];
  }

  /** Twitch searches for what names begin with, so a typo finds nothing there. */
  async function near(login: string): Promise<ChannelMatch[]> {
    const known = await store.neighbours(login, 2_000);
    return nearestTo(login, known).map((streamer) => ({ ...streamer, isLive: streamer.broadcast !== null }));
  }

  return {
    /**
     * The streamer with this login, or who once had it: compare `login` to see which.
     * @throws StreamerNotFoundError when Twitch knows nobody by it, AppError `unavailable` when it is busy.
     */
    async byLogin(login: string): Promise<Streamer> {
      if (!isLogin(login)) throw new StreamerNotFoundError(login);
      const known = (await store.findByLogin(login)) ?? (await store.findByFormerLogin(login));
      if (known !== null) return known;
      const { streamer } = await introduced(login.toLowerCase());
      if (streamer !== null) return streamer;
      throw new StreamerNotFoundError(login);
    },

    /**
     * The one streamer that is meant.
     * @throws StreamerNotFoundError with the nearest matches.
     */
    async resolve(reference: StreamerReference): Promise<Streamer> {
      if (reference.kind === 'login') {
        return await this.byLogin(reference.login).catch(async (error: unknown) => {
          if (!(error instanceof StreamerNotFoundError)) throw error;
          const matches = await this.search(reference.login);
          throw new StreamerNotFoundError(
            reference.login,
            matches.length > 0 ? matches : await near(reference.login),
          );
        });
      }
      const matches = await this.search(reference.name);
      const exact = matches.filter((match) => sameName(match.displayName, reference.name));
      const only = exact.length === 1 ? exact[0] : undefined;
      if (only === undefined) throw new StreamerNotFoundError(reference.name, matches);
      return await this.byLogin(only.login);
    },

    /** Channels that match, the exact login first; at most 21. */
    async search(query: string): Promise<ChannelMatch[]> {
      return await searched(query.normalize('NFC').trim().toLowerCase());
    },
  };
}

function sameName(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}
