import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { mostLately } from '../domain/stream-event.ts';
import type { ShownEvent } from '../domain/stream-event.ts';
import type { LastEvent, StreamerCard } from '../domain/streamer.ts';
import type { Database } from './database.ts';
import { newestFirst, shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { boundsOf, sourceSql } from './event-sources.ts';
import { rowsOf } from './rows.ts';

/** The history of a streamer up to a sequence: it stays as it is, since what is written anew gets a higher one. */
interface History {
  streamerId: string;
  sequence: number;
}

/**
 * The `mostLately` newest of several streamers. Only those to whom something happened last can have any of them.
 * What each of these had is remembered for everybody until something is written again; what retention takes away
 * may stay for a minute. Who asks at the same time shares one query.
 */
export function createLatest({
  run,
}: Pick<Database, 'run'>): (streamers: StreamerCard[]) => Promise<ShownEvent[]> {
  const histories = new DataLoader<History, ShownEvent[], string>((asked) => newestOfEach(run, asked), {
    cacheKeyFn: ({ streamerId, sequence }) => `${streamerId} ${sequence}`,
    cacheMap: new LRUCache({ max: 2_000, ttl: 60_000 }),
    batchScheduleFn: setImmediate,
    maxBatchSize: 100,
  });

  return async (streamers) => {
    const active = latestFirst(streamers);
    const last = active[mostLately - 1];
    const used = last === undefined ? active : active.filter(({ at }) => at >= last.at);
    const lists = await histories.loadMany(
      used.map(({ streamer, sequence }) => ({ streamerId: streamer.id, sequence })),
    );
    // Names and portraits as they are now.
    return newestOf(lists.map(orThrow)).map((event) => ({
      ...event,
      streamer: used.find(({ streamer }) => streamer.id === event.streamerId)?.streamer ?? event.streamer,
    }));
  };
}

function latestFirst(streamers: StreamerCard[]): ({ streamer: StreamerCard } & LastEvent)[] {
  return streamers
    .flatMap((streamer) => (streamer.lastEvent === null ? [] : [{ streamer, ...streamer.lastEvent }]))
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

/** The `mostLately` newest of lists that each begin with their newest. Hardly any list is read beyond its first. */
function newestOf(lists: ShownEvent[][]): ShownEvent[] {
  const newest: ShownEvent[] = [];
  for (const list of lists) {
    for (const event of list) {
      const place = newest.findLastIndex((other) => newestFirst(other, event) < 0) + 1;
      if (place === mostLately) break;
      newest.splice(place, 0, event);
      newest.length = Math.min(newest.length, mostLately);
    }
  }
  return newest;
}

async function newestOfEach(run: Database['run'], histories: readonly History[]): Promise<ShownEvent[][]> {
  const ids = [...new Set(histories.map(({ streamerId }) => streamerId))];
  const parts = ids.map((streamerId) =>
    sourceSql({ streamerId, kind: null }, boundsOf({}), 'e.id', mostLately),
  );
  const sql = `SELECT ${shownColumns} FROM (${parts.map((part) => part.sql).join(' UNION ALL ')}) p
    JOIN stream_events e ON e.id = p.id JOIN streamers s ON s.id = e.streamer_id`;
  const bindings = parts.flatMap((part) => part.bindings);
  const rows = await run((knex) => rowsOf<ShownRow>(knex, sql, bindings));
  const events = rows.map(toShownEvent).toSorted(newestFirst);
  return histories.map((history) => events.filter(({ streamerId }) => streamerId === history.streamerId));
}

function orThrow<Value>(value: Value | Error): Value {
  if (value instanceof Error) throw value;
  return value;
}
