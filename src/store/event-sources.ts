import type { Knex } from 'knex';
import type { EventKind } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import type { HistoryFilter } from './event-history.ts';
import { rowsOf } from './rows.ts';

/** The entries of a streamer, or of one kind of them, and when the newest within the bounds was. */
export interface EventSource {
  streamerId: string;
  kind: EventKind | null;
  newestAt: number;
}

/** A stretch of time, ends included, up to an entry that is not. */
export interface Bounds {
  from: number;
  to: number;
  /** Of the entries at `to`, those with a smaller id. */
  beforeId: number;
  /** True when `to` cuts nothing off. */
  isOpen: boolean;
}

/**
 * Names an index to MySQL and MariaDB, which otherwise mistake how many rows there are once there are millions, and
 * sort all that a streamer has. To SQLite, which finds it by itself, it is a comment.
 */
export function byIndex(name: 'at' | 'kind' | 'sequence' | 'unread'): string {
  return `/*! FORCE INDEX (stream_events_${name}) */`;
}

/**
 * The condition that a column is one of these ids, which are bound in their order. Named one by one they are
 * ranges of an index; of a thousand in one list MariaDB would make a table and read all there is of each.
 */
export function ofStreamers(column: string, ids: string[]): string {
  const lists = chunksOf(ids, 500).map((some) => `${column} IN (${some.map(() => '?').join(', ')})`);
  return `(${lists.join(' OR ')})`;
}

/** What a filter says about time. */
export function boundsOf({ from, to, before }: Pick<HistoryFilter, 'from' | 'to' | 'before'>): Bounds {
  const bounds = { from: from?.getTime() ?? 0, to: endOfTime, beforeId: endOfTime, isOpen: true };
  if (to !== undefined) Object.assign(bounds, { to: to.getTime() - 1, isOpen: false });
  if (before !== undefined && before.at.getTime() <= bounds.to) {
    Object.assign(bounds, { to: before.at.getTime(), beforeId: before.id, isOpen: false });
  }
  return bounds;
}

/** Entries of one source, newest first, as a SELECT that may stand in a UNION. */
export function sourceSql(
  { streamerId, kind }: { streamerId: string; kind: EventKind | null },
  { from, to, beforeId }: Bounds,
  columns: string,
  limit: number,
): { sql: string; bindings: (string | number)[] } {
  return {
    sql: `SELECT * FROM (SELECT ${columns} FROM stream_events e ${byIndex(kind === null ? 'at' : 'kind')}
      WHERE e.streamer_id = ? AND e.is_part = 0 ${kind === null ? '' : 'AND e.kind = ?'}
      AND e.at >= ? AND e.at <= ? AND (e.at < ? OR e.id < ?)
      ORDER BY e.at DESC, e.id DESC LIMIT ${Math.trunc(limit)}) u`,
    bindings: [streamerId, ...(kind === null ? [] : [kind]), from, to, to, beforeId],
  };
}

/** Those with something within the bounds, the latest first. */
export async function newestOfEach(
  run: Database['run'],
  streamerIds: string[],
  kinds: EventKind[] | null,
  bounds: Bounds,
): Promise<EventSource[]> {
  const wanted = streamerIds.flatMap((streamerId) => (kinds ?? [null]).map((kind) => ({ streamerId, kind })));
  const found: EventSource[] = [];
  for (const [turn, chunk] of chunksOf(wanted).entries()) {
    const parts = chunk.map((source, index) =>
      sourceSql(source, bounds, `${turn * 200 + index} AS place, e.at`, 1),
    );
    const sql = parts.map((part) => part.sql).join(' UNION ALL ');
    const bindings = parts.flatMap((part) => part.bindings);
    const rows = await run((knex) => rowsOf<{ place: number; at: number }>(knex, sql, bindings));
    for (const { place, at } of rows) {
      const source = wanted[place];
      if (source !== undefined) found.push({ ...source, newestAt: at });
    }
  }
  return latestFirst(found);
}

/**
 * The same of a user's favourites in one statement. MySQL would read all that is later than `to`, so that
 * there should be nothing.
 */
export async function newestOfFavourites(
  run: Database['run'],
  userId: string,
  kinds: EventKind[] | null,
  { from }: Bounds,
): Promise<EventSource[]> {
  const columns = (kinds ?? [null]).map((kind, index) => newestColumn(kind, index));
  const rows = await run((knex: Knex) =>
    rowsOf<{ streamer_id: string } & Record<string, number | null>>(
      knex,
      `SELECT f.streamer_id, ${columns.join(', ')} FROM favourites f WHERE f.user_id = ?`,
      [...(kinds ?? [null]).flatMap((kind) => (kind === null ? [from] : [kind, from])), userId],
    ),
  );
  const found = rows.flatMap((row) =>
    (kinds ?? [null]).flatMap((kind, index) => {
      const newestAt = row[`newest_${index}`];
      return typeof newestAt === 'number' ? [{ streamerId: row.streamer_id, kind, newestAt }] : [];
    }),
  );
  return latestFirst(found);
}

const endOfTime = Number.MAX_SAFE_INTEGER;

function newestColumn(kind: EventKind | null, index: number): string {
  return `(SELECT e.at FROM stream_events e ${byIndex(kind === null ? 'at' : 'kind')}
    WHERE e.streamer_id = f.streamer_id AND e.is_part = 0 ${kind === null ? '' : 'AND e.kind = ?'} AND e.at >= ? ORDER BY e.at DESC LIMIT 1) AS newest_${index}`;
}

/** In the order in which they are asked. */
function latestFirst(sources: EventSource[]): EventSource[] {
  return sources.toSorted((a, b) => b.newestAt - a.newestAt);
}
