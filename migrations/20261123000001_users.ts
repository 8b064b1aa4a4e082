import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** The people who signed in, by the id that Twitch gave them. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'users', {
    parts: ({ ascii, text, time }) => [
      `id ${ascii(32)} NOT NULL PRIMARY KEY`,
      `login ${ascii(64)} NOT NULL`,
      `display_name ${text(128)} NOT NULL`,
      `profile_image_url ${text(1024)}`,
      `created_at ${time} NOT NULL`,
      `signed_in_at ${time} NOT NULL`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'users');
}
