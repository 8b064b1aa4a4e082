import { pause } from './duty.ts';

const batch = 500;
const restMs = 50;
const dayMs = 24 * 60 * 60_000;

/**
 * Forgets what is older than so many days, as the agreement with Twitch asks of what other people did.
 * `purge` removes at most so many rows from before the date and tells how many; small batches with
 * rests between them never stall who writes meanwhile.
 */
export function createRetention(parts: {
  purge: (before: Date, limit: number) => Promise<number>;
  days: number;
  now: () => Date;
  /** Between two batches, in milliseconds. */
  restMs?: number;
}) {
  return async (signal: AbortSignal): Promise<void> => {
    const before = new Date(parts.now().getTime() - parts.days * dayMs);
    while (!signal.aborted && (await parts.purge(before, batch)) > 0) {
      await pause(parts.restMs ?? restMs, signal);
    }
  };
}
