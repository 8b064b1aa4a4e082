import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Counters that go up one by one in the order of commits, unlike those that a database hands out itself. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'sequences', {
    parts: ({ ascii, time }) => [`name ${ascii(32)} NOT NULL PRIMARY KEY`, `value ${time} NOT NULL`],
  });
  await knex('sequences').insert({ name: 'stream_events', value: 0 }).onConflict('name').ignore();
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'sequences');
}
