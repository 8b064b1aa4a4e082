import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Logins that streamers used to have, so that old addresses still lead somewhere. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'former_logins', {
    parts: ({ ascii, time }) => [
      `login ${ascii(64)} NOT NULL`,
      `streamer_id ${ascii(32)} NOT NULL`,
      `renamed_at ${time} NOT NULL`,
      `PRIMARY KEY (login, streamer_id)`,
      `FOREIGN KEY (streamer_id) REFERENCES streamers (id) ON DELETE CASCADE`,
    ],
    indexes: { former_logins_streamer_id: 'streamer_id' },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'former_logins');
}
