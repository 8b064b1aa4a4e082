import type { StreamerCard } from '../domain/streamer.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { isDuplicateKey, isMissingParent, toSignedOut } from './faults.ts';
import { longList } from './long-list.ts';
import { cardColumns, cardOf } from './streamer-rows.ts';
import type { CardValues } from './streamer-rows.ts';
import { isKey } from './text.ts';

export interface Favourites {
  /** Both have to be known; throws `AppError('unauthenticated')` when the user is not, any more. */
  add(userId: string, streamerId: string): Promise<'added' | 'already'>;
  /** False when it was none. */
  remove(userId: string, streamerId: string): Promise<boolean>;
  /** In any order, in one query. */
  ofUser(userId: string): Promise<StreamerCard[]>;
  count(userId: string): Promise<number>;
  /** The ids of the streamers whom each of these users keeps. */
  idsOf(userIds: string[]): Promise<Map<string, string[]>>;
  /** Which of these streamers are favourites of this user. */
  has(userId: string, streamerIds: string[]): Promise<Set<string>>;
  /** When each was added, by the streamer's id, the earliest first. */
  addedAt(userId: string): Promise<Map<string, Date>>;
}

export function createFavourites({ run }: Database, now: () => number): Favourites {
  const isKnown = async (userId: string) => {
    const [known] = await run((knex) => knex('users').where({ id: userId }).pluck<string[]>('id'));
    return known !== undefined;
  };

  return {
    async add(userId, streamerId) {
      const row = { user_id: userId, streamer_id: streamerId, created_at: now() };
      try {
        await run((knex) => knex('favourites').insert(row));
        return 'added';
      } catch (error) {
        if (isDuplicateKey(error)) return 'already';
        if (isMissingParent(error) && !(await isKnown(userId))) throw toSignedOut(error);
        throw error;
      }
    },
    async remove(userId, streamerId) {
      if (!isKey(userId) || !isKey(streamerId)) return false;
      const pair = { user_id: userId, streamer_id: streamerId };
      return (await run((knex) => knex('favourites').where(pair).delete())) > 0;
    },
    async ofUser(userId) {
      if (!isKey(userId)) return [];
      const rows = await run((knex) => longList<CardValues>(knex, cardColumns, cardsQuery, [userId]));
      return rows.map(cardOf);
    },
    async count(userId) {
      if (!isKey(userId)) return 0;
      const row = await run((knex) =>
        knex('favourites')
          .where({ user_id: userId })
          .count({ total: '*' })
          .first<{ total: number | string } | undefined>(),
      );
      return Number(row?.total ?? 0);
    },
    async idsOf(userIds) {
      const kept = new Map<string, string[]>();
      for (const ids of chunksOf(userIds.filter(isKey))) {
        const rows = await run((knex) =>
          knex('favourites')
            .select<{ user_id: string; streamer_id: string }[]>('user_id', 'streamer_id')
            .whereIn('user_id', ids),
        );
        for (const row of rows) {
          const known = kept.get(row.user_id);
          if (known === undefined) kept.set(row.user_id, [row.streamer_id]);
          else known.push(row.streamer_id);
        }
      }
      return kept;
    },
    async has(userId, streamerIds) {
      const found = new Set<string>();
      if (!isKey(userId)) return found;
      for (const ids of chunksOf(streamerIds.filter(isKey))) {
        const some = await run((knex) =>
          knex('favourites')
            .where({ user_id: userId })
            .whereIn('streamer_id', ids)
            .pluck<string[]>('streamer_id'),
        );
        for (const id of some) found.add(id);
      }
      return found;
    },
    async addedAt(userId) {
      if (!isKey(userId)) return new Map();
      const rows = await run((knex) =>
        knex('favourites')
          .select<{ streamer_id: string; created_at: number }[]>('streamer_id', 'created_at')
          .where({ user_id: userId })
          .orderBy(['created_at', 'streamer_id']),
      );
      return new Map(rows.map((row) => [row.streamer_id, new Date(row.created_at)]));
    },
  };
}

const shownColumns = cardColumns.map((column) => `s.${column}`).join(', ');

const cardsQuery = `
  SELECT ${shownColumns}
  FROM favourites f JOIN streamers s ON s.id = f.streamer_id
  WHERE f.user_id = ?`;
