import { eventKinds } from '../domain/stream-event.ts';
import type { EventKind, ShownEvent } from '../domain/stream-event.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { createLatest } from './event-latest.ts';
import { newestFirst, shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { searchEvents } from './event-search.ts';
import { boundsOf, newestOfEach, sourceSql } from './event-sources.ts';
import type { Bounds, EventSource, Scope } from './event-sources.ts';
import { firstRow } from './first-row.ts';
import { rowsOf } from './rows.ts';
import { toDate } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** A place in the order of time: what comes after it is older. */
export interface Cursor {
  at: Date;
  id: number;
}

/** Which entries. Without `kinds`, all; `from` is included, `to` is not. */
export interface HistoryFilter {
  scope: Scope;
  kinds?: EventKind[] | undefined;
  /** Of the scope, this streamer only. */
  streamerId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** In any case, anywhere in the words of an entry. */
  q?: string | undefined;
  /** With `q`, streamers whose entries are found whatever the words: those whose own name holds them. */
  named?: string[] | undefined;
  before?: Cursor | undefined;
}

export interface EventHistory {
  /** The `mostLately` newest of all these streamers together, newest first, in one query or none. */
  latestOf(streamers: StreamerCard[]): Promise<ShownEvent[]>;
  /**
   * Newest first, at most 500. `next` is where to go on; there may be one though fewer than `limit` were
   * found, or none: a search looks at about 20,000 entries at a time.
   */
  history(filter: HistoryFilter, limit: number): Promise<{ events: ShownEvent[]; next: Cursor | null }>;
  /** `null` also for a part. */
  find(id: number): Promise<ShownEvent | null>;
  /** When the last entry was stored; `null` when there is none. */
  lastAt(): Promise<Date | null>;
}

export function createEventHistory({ run }: Database): EventHistory {
  async function shown(sql: string, bindings: (string | number)[]): Promise<ShownEvent[]> {
    return (await run((knex) => rowsOf<ShownRow>(knex, sql, bindings))).map(toShownEvent);
  }

  /** The sources that have something, the latest first. */
  async function sourcesOf(filter: HistoryFilter, bounds: Bounds): Promise<EventSource[]> {
    const one = 'streamerId' in filter.scope ? filter.scope.streamerId : filter.streamerId;
    const scope = one === undefined ? filter.scope : { streamerId: one };
    if (!isKey('userId' in scope ? scope.userId : scope.streamerId)) return [];
    return await newestOfEach(run, scope, kindsOf(filter.kinds), bounds);
  }

  /**
   * Of many streamers only so many can have one of the newest entries: those whose own newest is among
   * the newest, or of the same moment as the last of these. Few have many of them: each is asked for a few times its
   * share, and only when one had so many that there may be more, all are asked again for what is not older than that.
   */
  async function newest(sources: EventSource[], bounds: Bounds, count: number): Promise<ShownEvent[]> {
    const last = sources[count - 1];
    const within = { ...bounds, from: Math.max(bounds.from, last?.newestAt ?? 0) };
    const used = sources.filter(({ newestAt }) => newestAt >= within.from);
    const share = Math.min(count, 8 + 4 * Math.ceil(count / Math.max(used.length, 1)));
    const found = await newestOfAll(used, within, count, share);
    if (share === count || !isOfOne(found, used, share)) return found;
    const oldest = found.length === count ? found.at(-1) : undefined;
    const from = oldest?.at.getTime() ?? within.from;
    return await newestOfAll(used, { ...within, from }, count, count);
  }

  /** The newest of all, of each source at most `share`. */
  async function newestOfAll(
    sources: EventSource[],
    bounds: Bounds,
    count: number,
    share: number,
  ): Promise<ShownEvent[]> {
    const found: ShownEvent[] = [];
    for (const some of chunksOf(sources, 400))
      found.push(...(await newestOfSome(some, bounds, count, share)));
    return found.toSorted(newestFirst).slice(0, count);
  }

  async function newestOfSome(
    sources: EventSource[],
    bounds: Bounds,
    count: number,
    share: number,
  ): Promise<ShownEvent[]> {
    const parts = sources.map((source) => sourceSql(source, bounds, 'e.id, e.at', share));
    return await shown(
      `SELECT ${shownColumns} FROM (
         SELECT n.id FROM (${parts.map(({ sql }) => sql).join(' UNION ALL ')}) n
         ORDER BY n.at DESC, n.id DESC LIMIT ?) p
       JOIN stream_events e ON e.id = p.id JOIN streamers s ON s.id = e.streamer_id
       ORDER BY e.at DESC, e.id DESC`,
      [...parts.flatMap(({ bindings }) => bindings), count],
    );
  }

  return {
    latestOf: createLatest({ run }),

    async history(filter, limit) {
      if (filter.kinds?.length === 0) return { events: [], next: null };
      const bounds = boundsOf(filter);
      const sources = await sourcesOf(filter, bounds);
      const count = Math.min(Math.max(limit, 1), mostOfAPage) + 1;
      const words = filter.q?.trim() ?? '';
      if (words !== '')
        return await searchEvents(run, sources, { bounds, words, named: filter.named ?? [], count });
      return toPage(await newest(sources, bounds, count), count - 1);
    },

    async lastAt() {
      const row = await run((knex) =>
        firstRow<{ received_at: number }>(
          knex,
          'SELECT received_at FROM stream_events ORDER BY id DESC LIMIT 1',
          [],
        ),
      );
      return toDate(row?.received_at ?? null);
    },

    async find(id) {
      if (!Number.isSafeInteger(id)) return null;
      const [event] = await shown(findQuery, [id]);
      return event ?? null;
    },
  };
}

/** Whether so many of these entries, or more, are of a single source. */
function isOfOne(events: ShownEvent[], sources: EventSource[], many: number): boolean {
  const isByKind = sources.some(({ kind }) => kind !== null);
  const counts = new Map<string, number>();
  for (const { streamerId, kind } of events) {
    const source = isByKind ? `${streamerId} ${kind}` : streamerId;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return [...counts.values()].some((count) => count >= many);
}

/** One more than `limit` is a sign that there is a next page. */
function toPage(found: ShownEvent[], limit: number): { events: ShownEvent[]; next: Cursor | null } {
  const events = found.slice(0, limit);
  const last = events.at(-1);
  return { events, next: found.length > limit && last !== undefined ? { at: last.at, id: last.id } : null };
}

const mostOfAPage = 500;

const findQuery = `
  SELECT ${shownColumns} FROM stream_events e JOIN streamers s ON s.id = e.streamer_id
  WHERE e.id = ? AND e.is_part = 0`;

/** `null`: any kind, which another index serves. */
function kindsOf(kinds: EventKind[] | undefined): EventKind[] | null {
  const wanted = [...new Set(kinds)];
  return kinds === undefined || wanted.length === eventKinds.length ? null : wanted;
}
