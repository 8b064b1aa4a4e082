import DataLoader from 'dataloader';
import type { Streamer } from '../domain/streamer.ts';
import type { Database } from './database.ts';
import { rowsOf } from './rows.ts';
import { toDate, toStreamer } from './streamer-rows.ts';
import type { StreamerRow } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** All that the page of one streamer shows. */
export interface StreamerPage {
  streamer: Streamer;
  isFavourite: boolean;
  /** Whether anybody at all favours the streamer, so that the listener asks about them. */
  isFavoured: boolean;
  /** When a visitor last asked for the page, as written by `request`. */
  requestedAt: Date | null;
}

/** Finds the page of that login for that user, who is `null` for a visitor that is not signed in. */
export type FindPage = (login: string, userId: string | null) => Promise<StreamerPage | null>;

/** One query for all the pages that are asked for in the same turn of the event loop. */
export function createStreamerPages({ run }: Database): FindPage {
  const rows = new DataLoader<Asked, PageRow | null>((asked) => findAll(run, asked), {
    cache: false,
    batchScheduleFn: setImmediate,
    // Each size is a statement of its own, which SQLite has to prepare.
    maxBatchSize: 16,
  });
  return async (login, userId) => {
    if (!isKey(login)) return null;
    const row = await rows.load({ login: login.toLowerCase(), userId: userId ?? '' });
    return row === null ? null : toPage(row);
  };
}

interface Asked {
  login: string;
  userId: string;
}

interface PageRow extends StreamerRow {
  place: number;
  favoured_by: string | null;
  is_favoured: 0 | 1;
}

async function findAll(run: Database['run'], asked: readonly Asked[]): Promise<(PageRow | null)[]> {
  const distinct = [...new Map(asked.map((each) => [keyOf(each), each])).values()];
  const sql = distinct.map((_, place) => `SELECT * FROM (${pageQuery(place)}) p${place}`).join(' UNION ALL ');
  const bindings = distinct.flatMap(({ login, userId }) => [userId, login]);
  const rows = await run((knex) => rowsOf<PageRow>(knex, sql, bindings));
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  const byKey = new Map(distinct.map((each, place) => [keyOf(each), byPlace.get(place) ?? null]));
  return asked.map((each) => byKey.get(keyOf(each)) ?? null);
}

function keyOf({ login, userId }: Asked): string {
  return `${userId} ${login}`;
}

// The unavailable last: somebody else may have taken over their login.
const pageQuery = (place: number) => `
  SELECT ${place} AS place, s.*, f.user_id AS favoured_by,
    EXISTS (SELECT 1 FROM favourites a WHERE a.streamer_id = s.id) AS is_favoured
  FROM streamers s LEFT JOIN favourites f ON f.streamer_id = s.id AND f.user_id = ?
  WHERE s.login = ?
  ORDER BY s.unavailable_since IS NOT NULL, s.profiled_at DESC, s.id LIMIT 1`;

function toPage(row: PageRow): StreamerPage {
  return {
    streamer: toStreamer(row),
    isFavourite: row.favoured_by !== null,
    isFavoured: row.is_favoured === 1,
    requestedAt: toDate(row.requested_at),
  };
}
