import type { Knex } from 'knex';
import { addColumns, dropColumns } from './support/columns.ts';

/** When users last looked at what is new, and where the history stood then. */
export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'users', {
    seen_event_id: ({ time }) => `${time} NOT NULL DEFAULT 0`,
    seen_at: ({ time }) => time,
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropColumns(knex, 'users', ['seen_event_id', 'seen_at']);
}
