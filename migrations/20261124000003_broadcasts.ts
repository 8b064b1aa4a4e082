import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Broadcasts by the id that Twitch gave them first; after a restart they go on under another, `stream_id`. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'broadcasts', {
    parts: ({ ascii, time }) => [
      `id ${ascii(64)} NOT NULL PRIMARY KEY`,
      `streamer_id ${ascii(32)} NOT NULL`,
      `stream_id ${ascii(64)} NOT NULL`,
      `started_at ${time} NOT NULL`,
      `ended_at ${time}`,
      `peak_viewers INTEGER`,
      `FOREIGN KEY (streamer_id) REFERENCES streamers (id) ON DELETE CASCADE`,
    ],
    indexes: {
      broadcasts_streamer_id: 'streamer_id, started_at',
      broadcasts_stream_id: 'stream_id',
      broadcasts_ended_at: 'ended_at',
    },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'broadcasts');
}
