import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** How many watched a broadcast, at most once every five minutes. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'broadcast_viewers', {
    parts: ({ ascii, time }) => [
      `broadcast_id ${ascii(64)} NOT NULL`,
      `at ${time} NOT NULL`,
      `viewers INTEGER NOT NULL`,
      `PRIMARY KEY (broadcast_id, at)`,
      `FOREIGN KEY (broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'broadcast_viewers');
}
