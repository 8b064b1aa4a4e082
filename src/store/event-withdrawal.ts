import type { Knex } from 'knex';
import type { Database } from './database.ts';
import { byIndex } from './event-sources.ts';
import { noteLastEvents } from './last-events.ts';
import { rowsOf } from './rows.ts';
import { holdSequence } from './sequence.ts';

const batch = 500;

interface Withdrawn {
  streamerId: string;
  types: string[];
}

/**
 * Forgets what the messages of these types told of a streamer, parts included, and does `last` in the same
 * transaction as the end of it. What there is goes before, in small batches, and is looked up before others are
 * made to wait.
 */
export async function withdrawEvents<Result>(
  { run, transact }: Database,
  of: Withdrawn,
  last: (transaction: Knex.Transaction) => Promise<Result>,
): Promise<Result> {
  for (let ids = await run((knex) => find(knex, of)); ids.length > 0;) {
    const found = ids;
    await transact((transaction) => withdraw(transaction, of, async () => found));
    ids = await run((knex) => find(knex, of));
  }
  return await transact(async (transaction) => {
    // What came in between is little.
    await withdraw(transaction, of, () => find(transaction, of));
    return await last(transaction);
  });
}

async function withdraw(
  transaction: Knex.Transaction,
  { streamerId }: Withdrawn,
  lookUp: () => Promise<number[]>,
): Promise<void> {
  const sequence = await holdSequence(transaction);
  const ids = await lookUp();
  if (ids.length === 0) return;
  await transaction('stream_events').whereIn('id', ids).delete();
  await noteLastEvents(transaction, [streamerId]);
  // What pages remember of a streamer holds for one sequence.
  await transaction('streamers')
    .where({ id: streamerId })
    .whereNotNull('last_event_sequence')
    .update({ last_event_sequence: sequence.next() });
  await sequence.save();
}

/** Among the entries of this streamer alone, however many others have. */
async function find(knex: Knex, { streamerId, types }: Withdrawn): Promise<number[]> {
  if (types.length === 0) return [];
  const sql = `SELECT e.id FROM stream_events e ${byIndex('at')} WHERE e.streamer_id = ? AND e.is_part IN (0, 1)
    AND e.type IN (${types.map(() => '?').join(', ')}) LIMIT ${batch}`;
  return (await rowsOf<{ id: number }>(knex, sql, [streamerId, ...types])).map(({ id }) => id);
}
