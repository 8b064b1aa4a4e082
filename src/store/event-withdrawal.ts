import type { Knex } from 'knex';
import type { Database } from './database.ts';
import { noteLastEvents } from './last-events.ts';
import { holdSequence } from './sequence.ts';

const batch = 500;

/**
 * Forgets what the messages of these types told of a streamer, parts included, and does `last` in the same
 * transaction as the end of it. What there is much of goes before, in small batches.
 */
export async function withdrawEvents<Result>(
  { transact }: Database,
  of: { streamerId: string; types: string[] },
  last: (transaction: Knex.Transaction) => Promise<Result>,
): Promise<Result> {
  let afterId: number | null = 0;
  while (afterId !== null) {
    const after: number = afterId;
    afterId = await transact((transaction) => withdrawSome(transaction, of, after));
  }
  return await transact(async (transaction) => {
    await withdrawSome(transaction, of, 0);
    return await last(transaction);
  });
}

/** The id to go on after; `null` when there were no more. */
async function withdrawSome(
  transaction: Knex.Transaction,
  { streamerId, types }: { streamerId: string; types: string[] },
  afterId: number,
): Promise<number | null> {
  const sequence = await holdSequence(transaction);
  const ids = await transaction('stream_events')
    .where({ streamer_id: streamerId })
    .where('id', '>', afterId)
    .whereIn('type', types)
    .orderBy('id')
    .limit(batch)
    .pluck<number[]>('id');
  if (ids.length === 0) return null;
  await transaction('stream_events').whereIn('id', ids).delete();
  await noteLastEvents(transaction, [streamerId]);
  // What pages remember of a streamer holds for one sequence.
  await transaction('streamers')
    .where({ id: streamerId })
    .whereNotNull('last_event_sequence')
    .update({ last_event_sequence: sequence.next() });
  await sequence.save();
  return ids.length < batch ? null : (ids.at(-1) ?? null);
}
