import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Everything known about each streamer, the present broadcast included. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'streamers', {
    parts: ({ ascii, text, time }) => [
      `id ${ascii(32)} NOT NULL PRIMARY KEY`,
      `login ${ascii(64)} NOT NULL`,
      `display_name ${text(128)} NOT NULL DEFAULT ''`,
      `description ${text(2000)} NOT NULL DEFAULT ''`,
      `profile_image_url ${text(1024)}`,
      `offline_image_url ${text(1024)}`,
      `title ${text(512)} NOT NULL DEFAULT ''`,
      `category ${text(255)} NOT NULL DEFAULT ''`,
      `language ${ascii(32)} NOT NULL DEFAULT ''`,
      `broadcast_id ${ascii(64)}`,
      `broadcast_started_at ${time}`,
      `viewers INTEGER`,
      `thumbnail_url ${text(1024)}`,
      `last_live_at ${time}`,
      `absent_since ${time}`,
      `polled_at ${time}`,
      `profiled_at ${time}`,
      `requested_at ${time}`,
      `unavailable_since ${time}`,
    ],
    indexes: { streamers_login: 'login' },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'streamers');
}
