import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Which user keeps which streamer, each pair once. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'favourites', {
    parts: ({ ascii, time }) => [
      `user_id ${ascii(32)} NOT NULL`,
      `streamer_id ${ascii(32)} NOT NULL`,
      `created_at ${time} NOT NULL`,
      `PRIMARY KEY (user_id, streamer_id)`,
      `FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE`,
      `FOREIGN KEY (streamer_id) REFERENCES streamers (id) ON DELETE CASCADE`,
    ],
    indexes: { favourites_streamer_id: 'streamer_id' },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'favourites');
}
