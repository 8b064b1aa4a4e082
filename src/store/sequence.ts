import type { Knex } from 'knex';

/** The counter of `stream_events`, held by this transaction until it ends. */
export interface Sequence {
  next(): number;
  /** Writes how far it went. Call it before the transaction ends. */
  save(): Promise<void>;
}

/**
 * Makes everybody else who would write entries wait until this transaction has ended. So numbers are
 * committed in their own order, and a reader who has seen one will never find a smaller one later. To keep
 * from deadlocking, take it before any other lock.
 */
export async function holdSequence(transaction: Knex.Transaction): Promise<Sequence> {
  const row = await transaction('sequences')
    .first<{ value: number } | undefined>('value')
    .where({ name })
    .forUpdate();
  if (row === undefined) throw new Error('The sequence of events is missing: run the migrations');
  const before = row.value;
  let value = before;
  return {
    next: () => (value += 1),
    async save() {
      if (value > before) await transaction('sequences').where({ name }).update({ value });
    },
  };
}

/** Where the sequence stands: the number that was given out last; 0 when none was. */
export async function sequenceEnd(knex: Knex): Promise<number> {
  const row = await knex('sequences').first<{ value: number } | undefined>('value').where({ name });
  return row?.value ?? 0;
}

const name = 'stream_events';
