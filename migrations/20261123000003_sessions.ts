import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** Browsers that are signed in or signing in, by the SHA-256 of the session id. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'sessions', {
    parts: ({ ascii, text, longText, time }) => [
      `id_hash ${ascii(64)} NOT NULL PRIMARY KEY`,
      `user_id ${ascii(32)}`,
      `data ${longText} NOT NULL`,
      `user_agent ${text(255)} NOT NULL`,
      `created_at ${time} NOT NULL`,
      `seen_at ${time} NOT NULL`,
      `expires_at ${time} NOT NULL`,
      `FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE`,
    ],
    indexes: { sessions_user_id: 'user_id', sessions_expires_at: 'expires_at' },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'sessions');
}
