import type { Knex } from 'knex';
import type { Database } from './database.ts';

/**
 * Forgets entries from before `before` (milliseconds) among the `limit` that were stored first and, when
 * none are left there, at most `limit` broadcasts that ended before. Returns how many went: call it until it
 * returns 0. Entries are stored in the order of their time but for some minutes, which spares an index.
 */
export async function purgeEvents(
  { run }: Pick<Database, 'run'>,
  before: number,
  limit: number,
): Promise<number> {
  const oldest = await run((knex) =>
    knex('stream_events').select<{ id: number; at: number }[]>('id', 'at').orderBy('id').limit(limit),
  );
  const old = oldest.flatMap(({ id, at }) => (at < before ? [id] : []));
  if (old.length > 0) return await run((knex) => remove(knex, 'stream_events', old));
  const ended = await run((knex) =>
    knex('broadcasts').where('ended_at', '<', before).orderBy('ended_at').limit(limit).pluck<string[]>('id'),
  );
  return ended.length > 0 ? await run((knex) => remove(knex, 'broadcasts', ended)) : 0;
}

/** By id: on MySQL a DELETE by time would lock the gaps that new entries want to fill. */
async function remove(knex: Knex, table: string, ids: (string | number)[]): Promise<number> {
  return await knex(table).whereIn('id', ids).delete();
}
