import type { ShownEvent } from '../domain/stream-event.ts';
import type { Database } from './database.ts';
import type { Cursor } from './event-history.ts';
import { shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { byIndex, ofStreamers } from './event-sources.ts';
import type { Bounds, EventSource } from './event-sources.ts';
import { rowsOf } from './rows.ts';

/** How many entries a search looks at before it stops and tells where to go on. */
const mostLookedAt = 20_000;
const firstStretchMs = 24 * 60 * 60_000;
const shortestStretchMs = 60_000;

/** Newest first, of a stretch of time that holds not too many entries. `count` is one more than a page. */
export async function searchEvents(
  run: Database['run'],
  sources: EventSource[],
  asked: { bounds: Bounds; words: string; named: string[]; count: number },
): Promise<{ events: ShownEvent[]; next: Cursor | null }> {
  const { bounds, words, named, count } = asked;
  const [newest] = sources;
  if (newest === undefined) return { events: [], next: null };
  const where = whereOf(sources);
  const top = Math.min(bounds.to, newest.newestAt);

  async function countSince(from: number): Promise<number> {
    const sql = `SELECT COUNT(*) AS total FROM (SELECT 1 FROM ${where.sql}
      AND e.at >= ? AND e.at <= ? LIMIT ${mostLookedAt + 1}) c`;
    const [row] = await run((knex) =>
      rowsOf<{ total: number | string }>(knex, sql, [...where.bindings, from, top]),
    );
    return Number(row?.total ?? 0);
  }

  const from = await stretchFrom(top, bounds.from, countSince);
  const rows = await run((knex) =>
    rowsOf<ShownRow>(knex, searchQuery(where.sql, named), [
      ...where.bindings,
      from,
      bounds.to,
      bounds.to,
      bounds.beforeId,
      `%${escapeLike(words.toLowerCase())}%`,
      ...named,
      count,
    ]),
  );
  const events = rows.slice(0, count - 1).map(toShownEvent);
  const last = events.at(-1);
  if (rows.length === count && last !== undefined) return { events, next: { at: last.at, id: last.id } };
  return { events, next: from > bounds.from ? { at: new Date(from), id: 0 } : null };
}

// The streamers are joined to what was found: MySQL would begin with them, and read all that each ever had.
const searchQuery = (where: string, named: string[]) => `
  SELECT ${shownColumns} FROM (
    SELECT e.id FROM ${where} AND e.at >= ? AND e.at <= ? AND (e.at < ? OR e.id < ?)
      AND (e.text LIKE ? ESCAPE '!'${named.length === 0 ? '' : ` OR ${ofStreamers('e.streamer_id', named)}`})
    ORDER BY e.at DESC, e.id DESC LIMIT ?) p
  JOIN stream_events e ON e.id = p.id JOIN streamers s ON s.id = e.streamer_id
  ORDER BY e.at DESC, e.id DESC`;

/** From when on there are not too many. */
async function stretchFrom(
  top: number,
  bottom: number,
  countSince: (from: number) => Promise<number>,
): Promise<number> {
  const reach = (length: number) => Math.max(bottom, top - length);
  let length = firstStretchMs;
  if ((await countSince(reach(length))) > mostLookedAt) {
    do length /= 4;
    while (length > shortestStretchMs && (await countSince(reach(length))) > mostLookedAt);
    return reach(length);
  }
  while (reach(length) > bottom && (await countSince(reach(length * 4))) <= mostLookedAt) length *= 4;
  return reach(length);
}

/** The table, by its index, and whose entries of which kinds. */
function whereOf(sources: EventSource[]): { sql: string; bindings: string[] } {
  const streamerIds = [...new Set(sources.map(({ streamerId }) => streamerId))];
  const kinds = [...new Set(sources.flatMap(({ kind }) => kind ?? []))];
  const ofKinds = kinds.length === 0 ? '' : ` AND e.kind IN (${kinds.map(() => '?').join(', ')})`;
  return {
    sql: `stream_events e ${byIndex(kinds.length === 0 ? 'at' : 'kind')}
      WHERE ${ofStreamers('e.streamer_id', streamerIds)} AND e.is_part = 0${ofKinds}`,
    bindings: [...streamerIds, ...kinds],
  };
}

function escapeLike(words: string): string {
  return words.replace(/[!%_]/g, '!$&');
}
