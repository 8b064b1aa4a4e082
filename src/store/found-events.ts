import type { Knex } from 'knex';
import type { EventBody, NewStreamEvent } from '../domain/stream-event.ts';
import type { Database } from './database.ts';
import { openJournal } from './event-journal.ts';
import { holdSequence } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** Stores what comparing has found, within the transaction that writes what it has found it by. */
export type EnterFound = (events: NewStreamEvent[]) => Promise<void>;

/**
 * A transaction whose work may or may not find something to store. Holding the sequence makes all others
 * wait, so work begins without it, and begins again with it once there is something. `at` in milliseconds.
 */
export async function transactFinding<Result>(
  database: Database,
  at: number,
  work: (transaction: Knex.Transaction, enter: EnterFound) => Promise<Result>,
): Promise<Result> {
  try {
    return await database.transact((transaction) => work(transaction, refuse));
  } catch (error) {
    if (!(error instanceof SomethingFound)) throw error;
  }
  return await database.transact(async (transaction) => {
    const sequence = await holdSequence(transaction);
    const result = await work(transaction, (events) => enterFound(transaction, sequence, events, at));
    await sequence.save();
    return result;
  });
}

/** Something found by comparing. `name` makes its message id unique, and is its key when it has one. */
export function foundEvent(
  body: EventBody,
  details: { streamerId: string; at: number; name: string; isKeyed?: boolean; isLate?: boolean },
): NewStreamEvent {
  const { streamerId, at, name, isKeyed = false, isLate = false } = details;
  return {
    ...body,
    messageId: `found:${name}`,
    streamerId,
    type: 'found',
    source: 'poll',
    at: new Date(at),
    isLate,
    amount: body.kind === 'live' && body.payload.isRestart ? 0 : null,
    relation: isKeyed ? { how: 'same', key: name } : null,
  };
}

class SomethingFound extends Error {}

async function refuse(events: NewStreamEvent[]): Promise<void> {
  if (events.length > 0) throw new SomethingFound('The sequence is needed');
}

async function enterFound(
  transaction: Knex.Transaction,
  sequence: Sequence,
  events: NewStreamEvent[],
  now: number,
): Promise<void> {
  if (events.length === 0) return;
  const journal = await openJournal(transaction, {
    sequence,
    events,
    keys: events.flatMap(({ relation }) => relation?.key ?? []),
    now,
  });
  for (const event of events) if (journal.find(event.messageId) === undefined) journal.enter(event);
  await journal.save();
}
