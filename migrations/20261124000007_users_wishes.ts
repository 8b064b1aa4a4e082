import type { Knex } from 'knex';
import { addColumns, dropColumns } from './support/columns.ts';

/** What users have read, and what more they wish to hear. */
export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'users', {
    read_event_id: ({ time }) => `${time} NOT NULL DEFAULT 0`,
    chat_events_since: ({ time }) => time,
    own_kinds: ({ ascii }) => `${ascii(255)} NOT NULL DEFAULT ''`,
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropColumns(knex, 'users', ['read_event_id', 'chat_events_since', 'own_kinds']);
}
