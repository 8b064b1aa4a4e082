import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** The conduit that we made with each application at Twitch: others of it may belong to other programs. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'conduits', {
    parts: ({ ascii, time }) => [
      `client_id ${ascii(64)} NOT NULL PRIMARY KEY`,
      `conduit_id ${ascii(64)} NOT NULL`,
      `made_at ${time} NOT NULL`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'conduits');
}
