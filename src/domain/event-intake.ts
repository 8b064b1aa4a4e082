import { AppError } from './errors.ts';
import type { EventOutcome, NewStreamEvent, StreamEvent } from './stream-event.ts';

/** What the intake wants of the database: one answer for each event, in the same order. */
export interface IntakeStore {
  append(events: NewStreamEvent[]): Promise<{ outcome: EventOutcome; event: StreamEvent | null }[]>;
}

export type EventIntake = ReturnType<typeof createEventIntake>;

interface Waiting {
  event: NewStreamEvent;
  resolve: (outcome: EventOutcome) => void;
  reject: (reason: unknown) => void;
}

/**
 * The one door into the history. Commits are shared: while one batch is being written, the next gathers.
 * `onStored` hears of every batch that has brought something new.
 */
export function createEventIntake(parts: {
  store: IntakeStore;
  onStored: () => void;
  /** The most in one batch. */
  most?: number;
  /** The most that may wait; whoever comes then is sent away at once. */
  mostWaiting?: number;
}) {
  const { store, onStored, most = 200, mostWaiting = 5_000 } = parts;
  const waiting: Waiting[] = [];
  let writing = 0;

  /** Begins a turn later than asked, so that all who came in one go share the first batch, too. */
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      writing = Math.min(most, waiting.length);
      await write(waiting.splice(0, writing));
    }
    writing = 0;
  }

  async function write(batch: Waiting[]): Promise<void> {
    try {
      const results = await store.append(batch.map(({ event }) => event));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error('The database did not say what became of an event'));
        else resolve(result.outcome);
      }
      if (results.some(({ outcome }) => outcome === 'stored' || outcome === 'merged')) onStored();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    /**
     * Resolves when the event is committed, and not earlier.
     * @throws whatever the database throws, to all of the batch; AppError `unavailable` when too many wait
     */
    async take(event: NewStreamEvent): Promise<EventOutcome> {
      if (waiting.length >= mostWaiting) {
        throw new AppError('unavailable', 'Too many events wait to be stored.', { retryAfterS: 1 });
      }
      return await new Promise<EventOutcome>((resolve, reject) => {
        waiting.push({ event, resolve, reject });
        if (writing > 0) return;
        writing = 1;
        queueMicrotask(() => void writeAll());
      });
    },

    /** How many have come and are not committed yet. */
    pending: () => waiting.length + writing,
  };
}
