import { setTimeout as wait } from 'node:timers/promises';

export interface DutyLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Something that is done again and again in the background. */
export interface Duty {
  /** Resolves when what was under way has ended; nothing begins after that. */
  stop(): Promise<void>;
}

const firstRetryMs = 500;
const longestRetryMs = 5_000;

/**
 * Does `work` at once and then every `everyMs`, counted from beginning to beginning. A failure is
 * waited out: the work is tried again after half a second, then less and less often, at least every
 * five seconds. Long work should end early when the signal says so.
 */
export function startDuty(parts: {
  name: string;
  everyMs: number;
  work: (signal: AbortSignal) => Promise<void>;
  log: DutyLog;
}): Duty {
  const { name, everyMs, work, log } = parts;
  const stopping = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      await persevere();
      await pause(Math.max(0, startedAt + everyMs - performance.now()), stopping.signal);
    }
  }

  async function persevere(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        await work(stopping.signal);
        if (failures > 0) log.info({ duty: name, failures }, 'works again');
        return;
      } catch (error) {
        // Every few minutes is enough to say of an outage.
        if (failures % 50 === 0) log.warn({ duty: name, failures, err: error }, 'waits and tries again');
        await pause(
          Math.min(longestRetryMs, everyMs, firstRetryMs * 2 ** Math.min(failures, 10)),
          stopping.signal,
        );
      }
    }
  }

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Waits so many milliseconds, or until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
