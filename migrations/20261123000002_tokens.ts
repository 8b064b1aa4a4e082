import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/** One sealed pair of tokens for each user. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'tokens', {
    parts: ({ ascii, time }) => [
      `user_id ${ascii(32)} NOT NULL PRIMARY KEY`,
      `access_ciphertext ${ascii(2048)} NOT NULL`,
      `refresh_ciphertext ${ascii(2048)}`,
      `key_id ${ascii(16)} NOT NULL`,
      `scopes ${ascii(2048)} NOT NULL`,
      `expires_at ${time} NOT NULL`,
      `validated_at ${time}`,
      `version INTEGER NOT NULL`,
      `refreshing_until ${time}`,
      `FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE`,
    ],
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'tokens');
}
