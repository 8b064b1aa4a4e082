import type { EventKind } from '../domain/stream-event.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import type { Look } from '../domain/visit.ts';
import type { Database } from './database.ts';
import { byIndex, ofStreamers } from './event-sources.ts';
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
  /** What these streamers, or this one, had after the entry with that id, in one query or none. */
  unreadSince(mark: number, of: Recent[] | Recent): Promise<Unread>;
  /** `null`: all there is. It never moves back. */
  readUpTo(userId: string, id: number | null): Promise<void>;
  /** Notes a look. What was seen, or marked as read, meanwhile stays so. */
  noteLook(userId: string, look: Look): Promise<void>;
}

/** Whose last entry is known. */
type Recent = Pick<StreamerCard, 'id' | 'lastEvent'>;

interface UnreadRow {
  /** The sequence that was given out last. */
  latest: number;
  newest: number;
  kind: EventKind;
  restarted: number | string;
  count: number | string;
  amount: number | string | null;
}

export function createEventMarks({ run }: Database): EventMarks {
  /** Named one by one: MySQL reads all there is of a streamer whom it finds by a join. */
  async function unreadOf(mark: number, streamerIds: string[], isOfOne: boolean): Promise<Unread> {
    if (streamerIds.length === 0) return { mark, end: mark, total: 0, isMore: false, byKind: [] };
    const rows = await run((knex) =>
      rowsOf<UnreadRow>(knex, unreadQuery(streamerIds), [...streamerIds, mark]),
    );
    const byKind = rows.map(({ kind, count, amount }) => ({
      kind,
      count: Number(count),
      amount: Number(amount ?? 0),
    }));
    const total = byKind.reduce((sum, { count }) => sum + count, 0);
    const restarted = rows.reduce((sum, row) => sum + Number(row.restarted), 0);
    const isMore = total + restarted >= mostCounted;
    return {
      mark,
      // Not all were looked at, and not the newest of them first.
      end:
        isMore || isOfOne ? (rows[0]?.latest ?? mark) : Math.max(mark, ...rows.map(({ newest }) => newest)),
      total,
      isMore,
      byKind: byKind.filter(({ count }) => count > 0),
    };
  }

  return {
    async unreadSince(mark, of) {
      const streamers = Array.isArray(of) ? of : [of];
      // A sequence is never below the id of its entry.
      const active = streamers.filter(({ lastEvent }) => lastEvent !== null && lastEvent.sequence > mark);
      const ids = active.map(({ id }) => id);
      return await unreadOf(mark, ids, !Array.isArray(of));
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

    async noteLook(userId, { readTo, seenTo, seenAt }) {
      if (!isKey(userId)) return;
      const bindings = [readTo, readTo, seenTo, seenTo, seenAt.getTime(), userId];
      await run((knex) => rowsOf(knex, lookQuery, bindings));
    },
  };
}

const mostCounted = 10_000;

const lookQuery = `
  UPDATE users SET read_event_id = CASE WHEN read_event_id < ? THEN ? ELSE read_event_id END,
    seen_event_id = CASE WHEN seen_event_id < ? THEN ? ELSE seen_event_id END, seen_at = ?
  WHERE id = ?`;

// A restart is a `live` with the amount 0, so that the index alone tells it from others.
const unreadQuery = (streamerIds: string[]) => `
  SELECT (SELECT q.value FROM sequences q WHERE q.name = 'stream_events') AS latest, n.kind, MAX(n.id) AS newest,
    SUM(CASE WHEN n.kind = 'live' AND n.amount = 0 THEN 0 ELSE 1 END) AS count,
    SUM(CASE WHEN n.kind = 'live' AND n.amount = 0 THEN 1 ELSE 0 END) AS restarted, SUM(n.amount) AS amount
  FROM (SELECT e.id, e.kind, e.amount FROM stream_events e ${byIndex('unread')}
    WHERE ${ofStreamers('e.streamer_id', streamerIds)} AND e.is_part = 0 AND e.id > ? LIMIT ${mostCounted}) n
  GROUP BY n.kind`;
