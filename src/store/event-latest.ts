import { LRUCache } from 'lru-cache';
import type { ShownEvent } from '../domain/stream-event.ts';
import type { Database } from './database.ts';
import { shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { boundsOf, sourceSql } from './event-sources.ts';
import { rowsOf } from './rows.ts';

/** A streamer, and how far the history has come; `null` where nothing has happened yet. */
export type LatestOf = ShownEvent['streamer'] & { lastEventAt: Date | null; lastSequence: number | null };

/**
 * The ten newest of several streamers. Only the ten to whom something happened last can have any of them. What
 * each of these had is remembered for everybody until something is written again, which gives it a higher
 * sequence; what retention takes away may stay for a minute.
 */
export function createLatest({
  run,
}: Pick<Database, 'run'>): (streamers: LatestOf[]) => Promise<ShownEvent[]> {
  const known = new LRUCache<string, { sequence: number; events: ShownEvent[] }>({ max: 2_000, ttl: 60_000 });

  async function read(streamers: LatestOf[]): Promise<void> {
    const parts = streamers.map(({ id }) =>
      sourceSql({ streamerId: id, kind: null }, boundsOf({}), 'e.id', count),
    );
    const sql = `SELECT ${shownColumns} FROM (${parts.map((part) => part.sql).join(' UNION ALL ')}) p
      JOIN stream_events e ON e.id = p.id JOIN streamers s ON s.id = e.streamer_id
      ORDER BY e.at DESC, e.id DESC`;
    const bindings = parts.flatMap((part) => part.bindings);
    const rows = await run((knex) => rowsOf<ShownRow>(knex, sql, bindings));
    const events = rows.map(toShownEvent);
    for (const { id, lastSequence } of streamers) {
      if (lastSequence === null) continue;
      known.set(id, { sequence: lastSequence, events: events.filter(({ streamerId }) => streamerId === id) });
    }
  }

  return async (streamers) => {
    const active = streamers
      .filter(({ lastEventAt }) => lastEventAt !== null)
      .toSorted((a, b) => (b.lastEventAt?.getTime() ?? 0) - (a.lastEventAt?.getTime() ?? 0))
      .slice(0, count);
    const unknown = active.filter(({ id, lastSequence }) => known.get(id)?.sequence !== lastSequence);
    if (unknown.length > 0) await read(unknown);
    const latest = newestOf(active.map(({ id }) => known.get(id)?.events ?? []));
    // Names and portraits as they are now.
    return latest.map((event) => ({
      ...event,
      streamer: active.find(({ id }) => id === event.streamerId) ?? event.streamer,
    }));
  };
}

/** The newest of lists that begin with their newest. */
function newestOf(lists: ShownEvent[][]): ShownEvent[] {
  const places = lists.map(() => 0);
  const newest: ShownEvent[] = [];
  while (newest.length < count) {
    let from = -1;
    let best: ShownEvent | undefined;
    for (const [index, list] of lists.entries()) {
      const next = list[places[index] ?? 0];
      if (next !== undefined && (best === undefined || isNewer(next, best))) [from, best] = [index, next];
    }
    if (best === undefined) break;
    newest.push(best);
    places[from] = (places[from] ?? 0) + 1;
  }
  return newest;
}

function isNewer(one: ShownEvent, other: ShownEvent): boolean {
  const [at, otherAt] = [one.at.getTime(), other.at.getTime()];
  return at > otherAt || (at === otherAt && one.id > other.id);
}

const count = 10;
