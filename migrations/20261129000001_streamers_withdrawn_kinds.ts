import type { Knex } from 'knex';
import { addColumns, dropColumns } from './support/columns.ts';

/** The kinds of events for which a broadcaster has taken the leave back, by their names. */
export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'streamers', {
    withdrawn_kinds: ({ ascii }) => `${ascii(255)} NOT NULL DEFAULT ''`,
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropColumns(knex, 'streamers', ['withdrawn_kinds']);
}
