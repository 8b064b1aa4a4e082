import type { Knex } from 'knex';
import { chunksOf } from './chunks.ts';
import { byIndex } from './event-sources.ts';

/** Streamers know how far their history has come: to be called when entries were written or taken away. */
export async function noteLastEvents(transaction: Knex.Transaction, streamerIds: string[]): Promise<void> {
  for (const ids of chunksOf([...new Set(streamerIds)])) await transaction.raw(lastEventsQuery(ids), ids);
}

const lastEventsQuery = (ids: string[]) => `
  UPDATE streamers SET
    last_event_at = (SELECT e.at FROM stream_events e ${byIndex('at')}
      WHERE e.streamer_id = streamers.id AND e.is_part = 0 ORDER BY e.at DESC LIMIT 1),
    last_event_sequence = (SELECT e.sequence FROM stream_events e ${byIndex('sequence')}
      WHERE e.streamer_id = streamers.id ORDER BY e.sequence DESC LIMIT 1)
  WHERE id IN (${ids.map(() => '?').join(', ')})`;
