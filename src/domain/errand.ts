import type { HearingLog } from './event-sub.ts';

/** Work that is done when somebody asks, now and then by itself, and again after a failure. */
export interface Errand {
  /** Runs after `afterMs`, or earlier if already due earlier; calls before then share that run. */
  soon: (afterMs?: number) => void;
  /** What the last try failed with; `null` when it went well. */
  fault(): unknown;
  /** Resolves when what was under way has ended; nothing begins after that. */
  stop(): Promise<void>;
}

/** In milliseconds. */
export interface ErrandPace {
  everyMs: number;
  firstRetryMs: number;
  longestRetryMs: number;
}

/**
 * Does `work` one at a time, whenever `soon` is called and every `everyMs`, or when the work itself says in
 * how many milliseconds it wants to be done again. The pauses after failures grow and are jittered.
 */
export function createErrand(parts: {
  name: string;
  work: (signal: AbortSignal) => Promise<number | null>;
  pace: ErrandPace;
  log: HearingLog;
}): Errand {
  const { name, work, pace, log } = parts;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Infinity;
  let running: Promise<void> | null = null;
  let failures = 0;
  let fault: unknown = null;

  function soon(afterMs = 0): void {
    const at = performance.now() + afterMs;
    if (stopping.signal.aborted || at >= dueAt) return;
    dueAt = at;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(begin, afterMs);
  }

  function begin(): void {
    timer = null;
    // Asked for while it is being done: once more afterwards.
    if (running !== null) return;
    dueAt = Infinity;
    running = perform().finally(() => {
      running = null;
      if (dueAt !== Infinity && timer === null && !stopping.signal.aborted) timer = setTimeout(begin, 0);
    });
  }

  async function perform(): Promise<void> {
    try {
      const againMs = await work(stopping.signal);
      if (failures > 0) log.info({ errand: name, failures }, 'works again');
      failures = 0;
      fault = null;
      soon(Math.min(againMs ?? pace.everyMs, pace.everyMs));
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (failures % 20 === 0) log.warn({ errand: name, failures, err: error }, 'waits and tries again');
      fault = error;
      const pauseMs = Math.min(pace.longestRetryMs, pace.firstRetryMs * 2 ** Math.min(failures, 16));
      failures += 1;
      soon(pauseMs * (0.75 + Math.random() / 2));
    }
  }

  return {
    soon,
    fault: () => fault,
    async stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
