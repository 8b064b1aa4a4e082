import type { Knex } from 'knex';
import { addColumns, dropColumns } from './support/columns.ts';

/** How far the history of a streamer has come: a wall asks it of a thousand at once. */
export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'streamers', {
    last_event_at: ({ time }) => time,
    last_event_sequence: ({ time }) => time,
  });
  await knex.raw(`
    UPDATE streamers SET
      last_event_at = (SELECT MAX(e.at) FROM stream_events e WHERE e.streamer_id = streamers.id AND e.is_part = 0),
      last_event_sequence = (SELECT MAX(e.sequence) FROM stream_events e WHERE e.streamer_id = streamers.id)`);
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropColumns(knex, 'streamers', ['last_event_at', 'last_event_sequence']);
}
