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

/** Whose entries: one streamer's, or those of a user's favourites. */
export type Scope = { streamerId: string } | { userId: string };

/**
 * The sources that have something within the bounds, the latest first: one look at an index for each, however
 * much there is on either side of the bounds.
 */
export async function newestOfEach(
  run: Database['run'],
  scope: Scope,
  kinds: EventKind[] | null,
  bounds: Bounds,
): Promise<EventSource[]> {
  const found = await run((knex: Knex) => {
    const isMysql = knex.client.dialect !== 'sqlite3';
    return (isMysql && !bounds.isOpen ? byGroups : byEach)(knex, scope, kinds, bounds);
  });
  return found.toSorted((one, other) => other.newestAt - one.newestAt);
}

const endOfTime = Number.MAX_SAFE_INTEGER;

type Find = (knex: Knex, scope: Scope, kinds: EventKind[] | null, bounds: Bounds) => Promise<EventSource[]>;

/** In one statement. MySQL would read all that is later than `to`, so that there should be nothing. */
const byEach: Find = async (knex, scope, kinds, { from, to, beforeId }) => {
  const { sql, id } = streamersOf(scope);
  const columns = (kinds ?? [null]).map((kind, index) => newestColumn(kind, index));
  const rows = await rowsOf<{ id: string } & Record<string, number | null>>(
    knex,
    `SELECT w.id, ${columns.join(', ')} FROM (${sql}) w`,
    [...(kinds ?? [null]).flatMap((kind) => [...(kind === null ? [] : [kind]), from, to, to, beforeId]), id],
  );
  return rows.flatMap((row) =>
    (kinds ?? [null]).flatMap((kind, index) => {
      const newestAt = row[`newest_${index}`];
      return typeof newestAt === 'number' ? [{ streamerId: row.id, kind, newestAt }] : [];
    }),
  );
};

function newestColumn(kind: EventKind | null, index: number): string {
  return `(SELECT e.at FROM stream_events e ${byIndex(kind === null ? 'at' : 'kind')}
    WHERE e.streamer_id = w.id AND e.is_part = 0 ${kind === null ? '' : 'AND e.kind = ?'}
    AND e.at >= ? AND e.at <= ? AND (e.at < ? OR e.id < ?)
    ORDER BY e.at DESC, e.id DESC LIMIT 1) AS newest_${index}`;
}

/** MySQL jumps from group to group. What shares the moment of the last entry shown is looked up by itself. */
const byGroups: Find = async (knex, scope, kinds, bounds) => {
  const { sql, id } = streamersOf(scope);
  const ids = (await rowsOf<{ id: string }>(knex, sql, [id])).map((row) => row.id);
  if (ids.length === 0) return [];
  const whose = `${ofStreamers('e.streamer_id', ids)} AND e.is_part = 0`;
  const ofKind = kinds === null ? '' : `AND e.kind IN (${kinds.map(() => '?').join(', ')})`;
  const column = kinds === null ? '' : ', e.kind';
  const isCutWithin = bounds.beforeId !== endOfTime;
  const rows = await rowsOf<{ streamer_id: string; kind?: EventKind; newest: number }>(
    knex,
    `SELECT e.streamer_id ${column}, MAX(e.at) AS newest FROM stream_events e ${byIndex(kinds === null ? 'at' : 'kind')}
     WHERE ${whose} ${ofKind} AND e.at >= ? AND e.at <= ? GROUP BY e.streamer_id, e.is_part ${column}`,
    [...ids, ...(kinds ?? []), bounds.from, isCutWithin ? bounds.to - 1 : bounds.to],
  );
  const ties = isCutWithin
    ? await rowsOf<{ streamer_id: string; kind: EventKind }>(
        knex,
        `SELECT e.streamer_id, e.kind FROM stream_events e ${byIndex('at')}
         WHERE ${whose} AND e.at = ? AND e.id < ?`,
        [...ids, bounds.to, bounds.beforeId],
      )
    : [];
  const sources = new Map<string, EventSource>();
  const note = (streamerId: string, kind: EventKind | null, newestAt: number) =>
    sources.set(`${streamerId} ${kind}`, { streamerId, kind, newestAt });
  for (const row of rows) note(row.streamer_id, row.kind ?? null, row.newest);
  for (const { streamer_id: streamerId, kind } of ties) {
    if (kinds === null || kinds.includes(kind)) note(streamerId, kinds === null ? null : kind, bounds.to);
  }
  return [...sources.values()];
};

function streamersOf(scope: Scope): { sql: string; id: string } {
  return 'userId' in scope
    ? { sql: 'SELECT f.streamer_id AS id FROM favourites f WHERE f.user_id = ?', id: scope.userId }
    : { sql: 'SELECT s.id FROM streamers s WHERE s.id = ?', id: scope.streamerId };
}
