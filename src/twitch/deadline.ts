import { setTimeout as sleep } from 'node:timers/promises';
import { TwitchError } from './errors.ts';

/** The time one call may take, its retries and waits included. */
export interface Deadline {
  /** Fires when the time is up. */
  signal: AbortSignal;
  /** Never below 0. */
  remainingMs(): number;
  /** Sleeps, and resolves to `true`; or to `false` at once when that would leave too little to ask again. */
  pause(milliseconds: number): Promise<boolean>;
  /** The promise's outcome, or `unavailable` when the time is up first. The promise itself goes on. */
  await<T>(promise: Promise<T>, path: string): Promise<T>;
}

/** Starts the clock. */
export function createDeadline(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  const signal = AbortSignal.timeout(milliseconds);
  // A try that starts in the last moments only makes a healthy Twitch look broken.
  const reserve = milliseconds / 10;

  return {
    signal,
    remainingMs,
    async pause(pauseMs) {
      if (pauseMs >= remainingMs() - reserve) return false;
      await sleep(pauseMs);
      return true;
    },
    await: (promise, path) => withSignal(promise, signal, path),
  };

  function remainingMs(): number {
    return Math.max(0, end - performance.now());
  }
}

function withSignal<T>(promise: Promise<T>, signal: AbortSignal, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new TwitchError('unavailable', path));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
