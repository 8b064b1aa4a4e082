import DataLoader from 'dataloader';
import { z } from 'zod';
import { TwitchError } from './errors.ts';
import type { TwitchLog } from './log.ts';
import type { Requests } from './requests.ts';
import {
  idPattern,
  loginPattern,
  readChannels,
  readMatches,
  readStreams,
  readUsers,
  type ChannelInfo,
  type ChannelMatch,
  type LiveStream,
  type Page,
  type Profile,
} from './wire.ts';

/**
 * Public data, asked for with the app token. What Twitch does not know, and what cannot be an id or a login,
 * is absent from the answer; the rest comes in the order of the question, each once. Faults throw TwitchError,
 * `malformed` also when one of those asked for may be what could not be read in an answer.
 */
export interface Helix {
  usersByIds(ids: readonly string[]): Promise<Profile[]>;
  /** In any case of letters. */
  usersByLogins(logins: readonly string[]): Promise<Profile[]>;
  /** Those of them that are live. */
  streamsByUserIds(ids: readonly string[]): Promise<LiveStream[]>;
  channelsByIds(ids: readonly string[]): Promise<ChannelInfo[]>;
  /** At most `first` (1 to 100), best match first, by Twitch's fuzzy ranking. */
  searchChannels(query: string, first: number): Promise<ChannelMatch[]>;
}

/** Times in milliseconds. `onSkipped` hears of items that could not be read. */
export interface HelixSettings {
  requests: Requests;
  batchMs: number;
  log: TwitchLog;
  onSkipped: (count: number) => void;
}

/** The longest search text that is sent, in characters. */
const longestQuery = 200;

/** Helix behind one app token; callers who ask at the same time share calls of 100. */
export function createHelix(settings: HelixSettings): Helix {
  const { requests, log } = settings;

  const users = byKey('/users', 'id', readUsers, (user) => user.id);
  const usersByLogin = byKey('/users', 'login', readUsers, (user) => user.login);
  const streams = byKey('/streams', 'user_id', readStreams, (stream) => stream.streamerId, { first: '100' });
  const channels = byKey('/channels', 'broadcaster_id', readChannels, (channel) => channel.id);

  return {
    usersByIds: (ids) => users(ids.filter(isId)),
    usersByLogins: (logins) => usersByLogin(logins.map((login) => login.toLowerCase()).filter(isLogin)),
    streamsByUserIds: (ids) => streams(ids.filter(isId)),
    channelsByIds: (ids) => channels(ids.filter(isId)),
    async searchChannels(query, first) {
      const text = query.trim().slice(0, longestQuery);
      if (text === '') return [];
      const size = Math.min(100, Math.max(1, Math.trunc(first) || 1));
      const parameters = new URLSearchParams({ query: text, first: String(size) });
      return (await get('/search/channels', parameters, readMatches)).items;
    },
  };

  /** A function that finds many by key, in calls shared with everyone who asks meanwhile. */
  function byKey<T>(
    path: string,
    parameter: string,
    read: (body: unknown) => Page<T>,
    keyOf: (item: T) => string,
    extra: Record<string, string> = {},
  ): (keys: string[]) => Promise<T[]> {
    const loader = new DataLoader<string, T | null>(
      async (keys) => {
        try {
          const query = new URLSearchParams([
            ...keys.map((key) => [parameter, key]),
            ...Object.entries(extra),
          ]);
          const { items, skipped } = await get(path, query, read);
          const found = new Map(items.map((item) => [keyOf(item), item]));
          const isDoubtful = doubtIn(skipped, parameter, keys);
          return keys.map(
            (key) => found.get(key) ?? (isDoubtful(key) ? new TwitchError('malformed', path) : null),
          );
        } finally {
          // Shared while it is under way, never remembered.
          for (const key of keys) loader.clear(key);
        }
      },
      { maxBatchSize: 100, batchScheduleFn: (dispatch) => void setTimeout(dispatch, settings.batchMs) },
    );
    return async (keys) => {
      const items = await Promise.all([...new Set(keys)].map((key) => loader.load(key)));
      return items.filter((item) => item !== null);
    };
  }

  async function get<T>(
    path: string,
    query: URLSearchParams,
    read: (body: unknown) => Page<T>,
  ): Promise<Page<T>> {
    const page = await requests.send({ method: 'GET', path, query, read }, 'safe');
    const count = page.skipped.length;
    if (count > 0) {
      settings.onSkipped(count);
      log({ event: 'items-skipped', path, count });
    }
    return page;
  }
}

/**
 * Which of the keys may be meant by items that could not be read: those that the items name, or any as soon
 * as one item names none. Each field of Helix has the name of the parameter that asks for it.
 */
function doubtIn(skipped: unknown[], field: string, keys: readonly string[]): (key: string) => boolean {
  const named = new Set(
    skipped.map((item) => z.looseObject({ [field]: z.string().toLowerCase() }).safeParse(item).data?.[field]),
  );
  const isEachNamed = [...named].every((name) => keys.some((key) => key === name));
  return (key) => skipped.length > 0 && (!isEachNamed || named.has(key));
}

function isId(id: string): boolean {
  return idPattern.test(id);
}

function isLogin(login: string): boolean {
  return loginPattern.test(login);
}
