import type { Knex } from 'knex';
import type { Database } from './database.ts';

/**
 * Forgets entries from before `before` (milliseconds) among the `limit` that were stored first and, when
 * none are left there, a few broadcasts that ended before. Returns how many went: call it until it
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
  const most = Math.min(limit, mostBroadcasts);
  const ended = await run((knex) =>
    knex('broadcasts').where('ended_at', '<', before).orderBy('ended_at').limit(most).pluck<string[]>('id'),
  );
  const over = ended.length > 0 ? ended : await run((knex) => forgotten(knex, before, most));
  return over.length > 0 ? await run((knex) => remove(knex, 'broadcasts', over)) : 0;
}

/** Each takes hundreds of titles and samples along: one for every five minutes that it lasted. */
const mostBroadcasts = 20;

/** Those whose end nobody waits for: the streamer has neither been looked at nor heard of since. */
async function forgotten(knex: Knex, before: number, limit: number): Promise<string[]> {
  return await knex('broadcasts')
    .join('streamers', 'streamers.id', 'broadcasts.streamer_id')
    .whereNull('broadcasts.ended_at')
    .where('broadcasts.started_at', '<', before)
    .whereRaw('COALESCE(streamers.polled_at, 0) < ?', [before])
    .whereRaw('COALESCE(streamers.heard_at, 0) < ?', [before])
    .limit(limit)
    .pluck<string[]>('broadcasts.id');
}

/** By id: on MySQL a DELETE by time would lock the gaps that new entries want to fill. */
async function remove(knex: Knex, table: string, ids: (string | number)[]): Promise<number> {
  return await knex(table).whereIn('id', ids).delete();
}
