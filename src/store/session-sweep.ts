import type { Sessions } from './sessions.ts';

export interface SweepOptions {
  /** About this often, by up to a quarter more or less: instances started together drift apart. */
  intervalMs?: number;
  /** Rows in one statement, so that no request waits long for the table. */
  batch?: number;
  /** Told of a sweep that failed; the next one comes anyway. */
  onError: (error: unknown) => void;
}

/** Deletes sessions that are over, now and then, until the returned function is called. */
export function startSessionSweep(
  sessions: Pick<Sessions, 'sweep'>,
  { intervalMs = 900_000, batch = 500, onError }: SweepOptions,
): () => void {
  const stop = new AbortController();
  let timer = later();

  function later(): NodeJS.Timeout {
    return setTimeout(() => void sweep(), intervalMs * (0.75 + Math.random() / 2)).unref();
  }

  async function sweep(): Promise<void> {
    try {
      while ((await sessions.sweep(batch)) === batch && !stop.signal.aborted);
    } catch (error) {
      onError(error);
    }
    if (!stop.signal.aborted) timer = later();
  }

  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
