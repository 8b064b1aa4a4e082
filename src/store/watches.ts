import type { Database } from './database.ts';
import { toDate } from './streamer-rows.ts';

/** A streamer whom somebody favours. */
export interface Favoured {
  streamerId: string;
  login: string;
  /** How many users do. */
  favouredBy: number;
  isLive: boolean;
  lastLiveAt: Date | null;
}

/** From whom what may be heard. */
export interface Watches {
  /** Each streamer once: the most favoured first, of equals the live and then the most recently live. */
  favoured(): Promise<Favoured[]>;
  /** Who wishes to hear chat events and has allowed it, with whom they favour. */
  readers(): Promise<{ userId: string; streamerIds: string[] }[]>;
  /** Who has turned on kinds of events of their own channel, with what their token allows. */
  broadcasters(): Promise<{ userId: string; kinds: string[]; scopes: string[] }[]>;
  /** Everybody with a token, in a lasting order. */
  tokenHolders(): Promise<string[]>;
}

interface FavouredRow {
  id: string;
  login: string;
  favoured_by: number | string;
  broadcast_id: string | null;
  last_live_at: number | null;
}

interface BroadcasterRow {
  id: string;
  own_kinds: string;
  scopes: string;
}

export function createWatches({ run }: Database): Watches {
  return {
    async favoured() {
      const rows = await run((knex) =>
        knex('streamers as s')
          .join(
            knex('favourites')
              .select('streamer_id')
              .count({ favoured_by: '*' })
              .groupBy('streamer_id')
              .as('f'),
            'f.streamer_id',
            's.id',
          )
          .select<FavouredRow[]>('s.id', 's.login', 'f.favoured_by', 's.broadcast_id', 's.last_live_at')
          .orderByRaw('f.favoured_by DESC, s.broadcast_id IS NULL, COALESCE(s.last_live_at, 0) DESC, s.id'),
      );
      return rows.map(toFavoured);
    },

    async readers() {
      const rows = await run((knex) =>
        knex('users as u')
          .join('tokens as t', 't.user_id', 'u.id')
          .join('favourites as f', 'f.user_id', 'u.id')
          .select<{ id: string; scopes: string; streamer_id: string }[]>('u.id', 't.scopes', 'f.streamer_id')
          .whereNotNull('u.chat_events_since')
          .orderBy([{ column: 'u.id' }, { column: 'f.created_at' }, { column: 'f.streamer_id' }]),
      );
      const readers = new Map<string, string[]>();
      for (const { id, scopes, streamer_id: streamerId } of rows) {
        if (!scopes.split(' ').includes('user:read:chat')) continue;
        const streamerIds = readers.get(id) ?? [];
        streamerIds.push(streamerId);
        readers.set(id, streamerIds);
      }
      return [...readers].map(([userId, streamerIds]) => ({ userId, streamerIds }));
    },

    tokenHolders: () => run((knex) => knex('tokens').orderBy('user_id').pluck<string[]>('user_id')),

    async broadcasters() {
      const rows = await run((knex) =>
        knex('users as u')
          .join('tokens as t', 't.user_id', 'u.id')
          .select<BroadcasterRow[]>('u.id', 'u.own_kinds', 't.scopes')
          .whereNot('u.own_kinds', '')
          .orderBy('u.id'),
      );
      return rows.map(({ id, own_kinds: kinds, scopes }) => ({
        userId: id,
        kinds: kinds.split(','),
        scopes: scopes.split(' ').filter((scope) => scope !== ''),
      }));
    },
  };
}

function toFavoured(row: FavouredRow): Favoured {
  return {
    streamerId: row.id,
    login: row.login,
    favouredBy: Number(row.favoured_by),
    isLive: row.broadcast_id !== null,
    lastLiveAt: toDate(row.last_live_at),
  };
}
