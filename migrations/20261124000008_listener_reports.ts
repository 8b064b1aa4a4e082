import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** What the listener says of itself to processes that show it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'listener_reports', {
    parts: ({ ascii, hugeText, time }) => [
      `name ${ascii(64)} NOT NULL PRIMARY KEY`,
      `body ${hugeText} NOT NULL`,
      `updated_at ${time} NOT NULL`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'listener_reports');
}
