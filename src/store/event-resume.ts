import type { ShownEvent } from '../domain/stream-event.ts';
import type { Database } from './database.ts';
import { shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { byIndex, ofStreamers } from './event-sources.ts';
import { chunksOf } from './chunks.ts';
import { rowsOf } from './rows.ts';
import { isKey } from './text.ts';

/** What came after a sequence, in that order. */
export interface Resumed {
  events: ShownEvent[];
  /** The sequence up to which there is nothing more to send: go on from there. */
  reached: number;
  /** True when so much had come that these are the newest only, with a gap before them. */
  isCut: boolean;
}

interface Place {
  id: number;
  sequence: number;
}

interface ActiveStreamer {
  id: string;
  last: number;
}

/** Who is further behind than this gets the newest entries only: no page shows so many. */
const mostResumed = 1_000;

/**
 * At most `limit` entries of these streamers, or of a user's favourites, after one sequence and up to
 * another. Whatever is asked, it looks at little more than `mostResumed` entries, and only at streamers to
 * whom something has happened since.
 */
export async function resumeEvents(
  run: Database['run'],
  of: string[] | { userId: string },
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<Resumed> {
  const active = await activeSince(run, of, after);
  if (active.length === 0) return { events: [], reached: upTo, isCut: false };
  const places = await placesBetween(run, active, after, upTo);
  const isCut = places.length > mostResumed;
  const wanted = isCut
    ? await newestPlaces(run, active, { after, upTo, limit })
    : places.toSorted(bySequence).slice(0, limit);
  const isLast = isCut || places.length <= limit;
  const reached = isLast ? upTo : (wanted.at(-1)?.sequence ?? upTo);
  return { events: await eventsAt(run, wanted, upTo), reached, isCut };
}

/** The latest first. */
async function activeSince(
  run: Database['run'],
  of: string[] | { userId: string },
  after: number,
): Promise<ActiveStreamer[]> {
  const ids = Array.isArray(of) ? of.filter(isKey) : [of.userId].filter(isKey);
  if (ids.length === 0) return [];
  const whose = Array.isArray(of)
    ? { join: '', where: ofStreamers('s.id', ids) }
    : { join: 'JOIN favourites f ON f.streamer_id = s.id', where: 'f.user_id = ?' };
  return await run((knex) =>
    rowsOf<ActiveStreamer>(
      knex,
      `SELECT s.id, s.last_event_sequence AS last FROM streamers s ${whose.join}
       WHERE ${whose.where} AND s.last_event_sequence > ? ORDER BY s.last_event_sequence DESC`,
      [...ids, after],
    ),
  );
}

/** In any order; one more than `mostResumed` when there are more. The index alone answers it. */
async function placesBetween(
  run: Database['run'],
  active: ActiveStreamer[],
  after: number,
  upTo: number,
): Promise<Place[]> {
  const ids = active.map(({ id }) => id);
  return await run((knex) =>
    rowsOf<Place>(
      knex,
      `SELECT e.id, e.sequence FROM stream_events e ${byIndex('sequence')}
       WHERE ${ofStreamers('e.streamer_id', ids)} AND e.sequence > ? AND e.sequence <= ? LIMIT ${mostResumed + 1}`,
      [...ids, after, upTo],
    ),
  );
}

/** Only those who were written last can have one of the newest: as many as are wanted, and who went on since. */
async function newestPlaces(
  run: Database['run'],
  active: ActiveStreamer[],
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<Place[]> {
  const since = active.filter(({ last }) => last > upTo).length;
  const used = active.slice(0, since + limit);
  const places: Place[] = [];
  for (const some of chunksOf(used, 400)) {
    const sql = some.map(() => newestOfOne(limit)).join(' UNION ALL ');
    const bindings = some.flatMap(({ id }) => [id, after, upTo]);
    places.push(...(await run((knex) => rowsOf<Place>(knex, sql, bindings))));
  }
  return places.toSorted(bySequence).slice(-limit);
}

const newestOfOne = (limit: number) => `
  SELECT * FROM (SELECT e.id, e.sequence FROM stream_events e ${byIndex('sequence')}
    WHERE e.streamer_id = ? AND e.sequence > ? AND e.sequence <= ?
    ORDER BY e.sequence DESC LIMIT ${Math.trunc(limit)}) u`;

/** What was written anew meanwhile has gone on to a later place. */
async function eventsAt(run: Database['run'], places: Place[], upTo: number): Promise<ShownEvent[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ id }) => id);
  const sql = `SELECT ${shownColumns} FROM stream_events e JOIN streamers s ON s.id = e.streamer_id
    WHERE e.id IN (${ids.map(() => '?').join(', ')}) AND e.sequence <= ? ORDER BY e.sequence`;
  return (await run((knex) => rowsOf<ShownRow>(knex, sql, [...ids, upTo]))).map(toShownEvent);
}

function bySequence(one: Place, other: Place): number {
  return one.sequence - other.sequence;
}
