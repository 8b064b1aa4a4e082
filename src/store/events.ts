import type { NewStreamEvent, ShownEvent } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { appendEvents } from './event-append.ts';
import type { AppendResult } from './event-append.ts';
import { createEventHistory } from './event-history.ts';
import type { EventHistory } from './event-history.ts';
import { createEventMarks } from './event-marks.ts';
import type { EventMarks } from './event-marks.ts';
import { purgeEvents } from './event-purge.ts';
import { resumeEvents } from './event-resume.ts';
import type { Resumed } from './event-resume.ts';
import { shownColumns, toShownEvent } from './event-rows.ts';
import type { ShownRow } from './event-rows.ts';
import { isRefusal } from './faults.ts';
import { rowsOf } from './rows.ts';
import { holdSequence, sequenceEnd } from './sequence.ts';

/** The entries of what happened. Parts of others are in no list. */
export interface Events extends EventHistory, EventMarks {
  /**
   * Stores events, each once, and what they say about the present. Resolves after the commit, with one
   * result for each event in the same order.
   */
  append(events: NewStreamEvent[]): Promise<AppendResult[]>;
  /** By sequence: nobody who goes on from the last one misses any. */
  tail(afterSequence: number, limit: number): Promise<ShownEvent[]>;
  /** The sequence that was given out last; 0 when none was. */
  end(): Promise<number>;
  /** As `tail`, of these streamers or of a user's favourites, after one sequence and up to another. */
  resume(of: string[] | { userId: string }, after: number, upTo: number, limit: number): Promise<Resumed>;
  /** Forgets at most `limit` entries, or else broadcasts, from before that time; how many went. */
  purge(before: Date, limit: number): Promise<number>;
}

export function createEvents(database: Database, now: () => number): Events {
  const { run, transact } = database;

  const appendTogether = (events: NewStreamEvent[]) =>
    transact(async (transaction) => {
      const sequence = await holdSequence(transaction);
      const results = await appendEvents(transaction, sequence, events, now());
      await sequence.save();
      return results;
    });

  /** What the database will never take must not keep the others of its batch from being stored. */
  async function append(events: NewStreamEvent[]): Promise<AppendResult[]> {
    try {
      return await appendTogether(events);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (events.length === 1) return [{ outcome: 'refused', id: null }];
    }
    const results = [];
    for (const event of events) results.push(...(await append([event])));
    return results;
  }

  async function shown(sql: string, bindings: (string | number)[]): Promise<ShownEvent[]> {
    const rows = await run((knex) => rowsOf<ShownRow>(knex, sql, bindings));
    return rows.map(toShownEvent);
  }

  return {
    async append(events) {
      const results = [];
      for (const batch of chunksOf(events, 500)) results.push(...(await append(batch)));
      return results;
    },

    tail: (afterSequence, limit) => shown(tailQuery, [afterSequence, limit]),

    end: () => run(sequenceEnd),

    resume: (of, after, upTo, limit) => resumeEvents(run, of, { after, upTo, limit }),

    purge: (before, limit) => purgeEvents(database, before.getTime(), limit),

    ...createEventHistory(database),
    ...createEventMarks(database),
  };
}

const tailQuery = `
  SELECT ${shownColumns} FROM stream_events e JOIN streamers s ON s.id = e.streamer_id
  WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`;
