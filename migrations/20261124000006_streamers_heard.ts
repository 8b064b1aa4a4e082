import type { Knex } from 'knex';
import { addColumns, dropColumns } from './support/columns.ts';

/** What push told of a streamer, and when: the poll's lists lag behind it. */
export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'streamers', {
    heard_at: ({ time }) => time,
    retitled_at: ({ time }) => time,
    ended_broadcast_id: ({ ascii }) => ascii(64),
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropColumns(knex, 'streamers', ['heard_at', 'retitled_at', 'ended_broadcast_id']);
}
