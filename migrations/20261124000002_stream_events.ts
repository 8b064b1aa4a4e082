import type { Knex } from 'knex';
import { createTable, dropTable } from './support/table.ts';

/**
 * What happened to streamers. A part belongs to another entry, is shown nowhere by itself and has no
 * sequence. Every list begins with the streamer, so each index does.
 */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'stream_events', {
    parts: ({ ascii, text, longText, time }) => [
      `id ${time} NOT NULL PRIMARY KEY`,
      `sequence ${time} UNIQUE`,
      `message_id ${ascii(255)} NOT NULL UNIQUE`,
      `streamer_id ${ascii(32)} NOT NULL`,
      `kind ${ascii(32)} NOT NULL`,
      `type ${ascii(96)} NOT NULL`,
      `source ${ascii(16)} NOT NULL`,
      `at ${time} NOT NULL`,
      `received_at ${time} NOT NULL`,
      `updated_at ${time} NOT NULL`,
      `is_late INTEGER NOT NULL`,
      `is_part INTEGER NOT NULL`,
      `amount INTEGER`,
      `relation ${ascii(16)}`,
      `relation_key ${ascii(255)}`,
      `text ${text(1000)} NOT NULL`,
      `payload ${longText} NOT NULL`,
      `FOREIGN KEY (streamer_id) REFERENCES streamers (id) ON DELETE CASCADE`,
    ],
    indexes: {
      stream_events_at: 'streamer_id, is_part, at, id',
      stream_events_kind: 'streamer_id, is_part, kind, at, id',
      stream_events_unread: 'streamer_id, is_part, id, kind, amount',
      stream_events_sequence: 'streamer_id, sequence',
      stream_events_relation: 'relation_key, is_part',
    },
  });
}

/** Undoes `up`. */
export async function down(knex: Knex): Promise<void> {
  await dropTable(knex, 'stream_events');
}
