import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from './errors.ts';
import type { EventOutcome, NewStreamEvent } from './stream-event.ts';

/** What the intake wants of the database: one answer for each event, in the same order. */
export interface IntakeStore {
  append(events: NewStreamEvent[]): Promise<{ outcome: EventOutcome }[]>;
}

export type EventIntake = ReturnType<typeof createEventIntake>;

interface Waiting {
  event: NewStreamEvent;
  resolve: (outcome: EventOutcome) => void;
  reject: (reason: unknown) => void;
}

/**
 * The one door into the history. Commits are shared: while one batch is being written, the next gathers. A
 * batch begins once as many have come as made up the last one, or after `patienceMs`: so a lone event hardly
 * waits, and a flood is not written in twos and threes by a database that works in our own thread.
 * `onStored` hears of every batch that has brought something new.
 */
export function createEventIntake(parts: {
  store: IntakeStore;
  onStored: () => void;
  /** The most in one batch. */
  most?: number;
  /** The most that may wait; whoever comes then is sent away at once. */
  mostWaiting?: number;
  patienceMs?: number;
}) {
  const { store, onStored, most = 200, mostWaiting = 5_000, patienceMs = 2 } = parts;
  const waiting: Waiting[] = [];
  let isBusy = false;
  let writing = 0;
  let expected = 1;
  let onEnough: (() => void) | null = null;

  async function writeAll(): Promise<void> {
    isBusy = true;
    while (waiting.length > 0) {
      await gather();
      writing = Math.min(most, waiting.length);
      expected = writing;
      await write(waiting.splice(0, writing));
      writing = 0;
    }
    isBusy = false;
  }

  /** Yield once, so that requests already received join this batch. */
  async function gather(): Promise<void> {
    await nextTurn();
    if (waiting.length >= expected) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      onEnough = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    onEnough = null;
    await nextTurn();
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
        if (!isBusy) void writeAll();
        else if (waiting.length >= expected) onEnough?.();
      });
    },

    /** How many have come and are not committed yet. */
    pending: () => waiting.length + writing,
  };
}
