import type { EventKind } from '../domain/stream-event.ts';
import type { Database } from './database.ts';
import { rowsOf } from './rows.ts';
import { sequenceEnd } from './sequence.ts';
import { isKey } from './text.ts';

/** What a user has not read of their favourites. */
export interface Unread {
  /** The id of the last entry that is read; later ones have greater ids. */
  mark: number;
  /**
   * The greatest id among those counted; of all there is when there are more, or when one streamer's were counted;
   * `mark` when there are none.
   */
  end: number;
  total: number;
  /** True when there are more than were counted. */
  isMore: boolean;
  /** `amount` adds up what is counted of a kind: viewers, gifted subs, bits. Restarts are no `live`. */
  byKind: { kind: EventKind; count: number; amount: number }[];
}

export interface EventMarks {
  /** Of all favourites, or of one. In one query. */
  unread(userId: string, streamerId?: string): Promise<Unread>;
  /** `null`: all there is. It never moves back. */
  readUpTo(userId: string, id: number | null): Promise<void>;
}

interface UnreadRow {
  mark: number;
  /** The sequence that was given out last. */
  latest: number;
  newest: number | null;
  kind: EventKind | null;
  restarted: number | string | null;
  count: number | string;
  amount: number | string | null;
}

export function createEventMarks({ run }: Database): EventMarks {
  return {
    async unread(userId, streamerId) {
      const ofOne = streamerId === undefined ? [] : [streamerId];
      const rows = [userId, ...ofOne].every(isKey)
        ? await run((knex) =>
            rowsOf<UnreadRow>(knex, unreadQuery(ofOne.length > 0), [userId, ...ofOne, userId]),
          )
        : [];
      const byKind = rows.flatMap(({ kind, count, amount }) =>
        kind === null ? [] : [{ kind, count: Number(count), amount: Number(amount ?? 0) }],
      );
      const scanned = rows.reduce(
        (sum, { restarted, count }) => sum + Number(count) + Number(restarted ?? 0),
        0,
      );
      const isMore = scanned >= mostCounted;
      return {
        mark: rows[0]?.mark ?? 0,
        // Not all were looked at, and not the newest of them first.
        end:
          isMore || ofOne.length > 0
            ? (rows[0]?.latest ?? 0)
            : Math.max(0, ...rows.map(({ mark, newest }) => newest ?? mark)),
        total: byKind.reduce((sum, { count }) => sum + count, 0),
        isMore,
        byKind: byKind.filter(({ count }) => count > 0),
      };
    },

    async readUpTo(userId, id) {
      if (!isKey(userId) || (id !== null && !Number.isSafeInteger(id))) return;
      await run(async (knex) => {
        const end = await sequenceEnd(knex);
        const mark = Math.min(id ?? end, end);
        await knex('users')
          .where({ id: userId })
          .where('read_event_id', '<', mark)
          .update({ read_event_id: mark });
      });
    },
  };
}

const mostCounted = 10_000;

// A restart is a `live` with the amount 0, so that the index alone tells it from others.
const unreadQuery = (ofOne: boolean) => `
  SELECT u.read_event_id AS mark, (SELECT q.value FROM sequences q WHERE q.name = 'stream_events') AS latest, c.kind, c.newest, c.count, c.restarted, c.amount FROM users u LEFT JOIN (
    SELECT n.kind, MAX(n.id) AS newest, SUM(CASE WHEN n.kind = 'live' AND n.amount = 0 THEN 0 ELSE 1 END) AS count,
      SUM(CASE WHEN n.kind = 'live' AND n.amount = 0 THEN 1 ELSE 0 END) AS restarted, SUM(n.amount) AS amount
    FROM (
      SELECT e.id, e.kind, e.amount FROM users r JOIN favourites f ON f.user_id = r.id
      JOIN stream_events e ON e.streamer_id = f.streamer_id AND e.is_part = 0 AND e.id > r.read_event_id
      WHERE r.id = ?${ofOne ? ' AND f.streamer_id = ?' : ''} LIMIT ${mostCounted}) n
    GROUP BY n.kind) c ON 1 = 1
  WHERE u.id = ?`;
