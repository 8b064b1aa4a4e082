import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** What a broadcast was called, each title and category from its time on. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'broadcast_titles', {
    parts: ({ ascii, text, time }) => [
      `broadcast_id ${ascii(64)} NOT NULL`,
      `at ${time} NOT NULL`,
      `title ${text(512)} NOT NULL`,
      `category ${text(255)} NOT NULL`,
      `PRIMARY KEY (broadcast_id, at)`,
      `FOREIGN KEY (broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'broadcast_titles');
}
