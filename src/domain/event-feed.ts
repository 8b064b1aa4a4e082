import { setTimeout as wait } from 'node:timers/promises';
import type { DutyLog } from './duty.ts';
import type { ShownEvent } from './stream-event.ts';

/** What the feed wants of the database. Both see committed rows only, in the order of `sequence`. */
export interface FeedStore {
  tail(afterSequence: number, limit: number): Promise<ShownEvent[]>;
  /** The latest sequence; 0 when there is none. */
  end(): Promise<number>;
}

/** Gets every entry once, in order. The next ones wait until it has resolved. */
export type FeedListener = (events: ShownEvent[]) => void | Promise<void>;

/** The one reader of new entries in a process. */
export interface EventFeed {
  /** Begins to read, as long as somebody listens. */
  start(): void;
  /** Resolves when nothing is being read any more. */
  stop(): Promise<void>;
  /** The sequence up to which listeners have been given all there is; says nothing while nobody listens. */
  position(): number;
  /** Reads at once: something was committed in this process. */
  wake(): void;
  /**
   * Listens to what is stored from now on; resolves, with what ends it, once that is certain.
   * Rejects as the database does when it cannot tell where now is.
   */
  subscribe(listener: FeedListener): Promise<() => void>;
}

/**
 * Follows the table of events by sequence, which commits in order: nothing is skipped and nothing comes
 * twice. It reads when this process has stored something and every `everyMs` for what others have stored.
 * An outage of the database delays entries and loses none.
 */
export function createEventFeed(parts: { store: FeedStore; everyMs?: number; log: DutyLog }): EventFeed {
  const { store, everyMs = 1_000, log } = parts;
  const listeners = new Set<FeedListener>();
  let position = 0;
  let joining: Promise<void> | null = null;
  let running: Promise<void> | null = null;
  let stopping = new AbortController();
  let alarm = new AbortController();

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      await pause();
      try {
        if (listeners.size > 0) await readOn();
        if (failures > 0) log.info({ failures }, 'The feed of events reads again');
        failures = 0;
      } catch (error) {
        // An outage lasts: every minute is enough to say of it.
        if (failures % 60 === 0) log.warn({ err: error }, 'The feed of events cannot be read');
        failures += 1;
      }
    }
  }

  /** Until the time has come, or an alarm that may have rung while we were reading. */
  async function pause(): Promise<void> {
    if (!alarm.signal.aborted) await wait(everyMs, undefined, { signal: alarm.signal }).catch(() => null);
    alarm = new AbortController();
  }

  async function readOn(): Promise<void> {
    let count = perPage;
    while (count === perPage && listeners.size > 0 && !stopping.signal.aborted) {
      const from = position;
      const events = await store.tail(from, perPage);
      count = events.length;
      const last = events.at(-1);
      // Everybody left and somebody new joined elsewhere: this page is out of date.
      if (last === undefined || position !== from) return;
      position = last.sequence;
      await Promise.all([...listeners].map((listener) => tell(listener, events)));
    }
  }

  async function tell(listener: FeedListener, events: ShownEvent[]): Promise<void> {
    try {
      await listener(events);
    } catch (error) {
      log.warn({ err: error }, 'A listener to events failed');
    }
  }

  /** The first to listen begins at the present end; what was stored while nobody listened is not news. */
  async function join(): Promise<void> {
    const end = await store.end();
    if (listeners.size === 0) position = end;
  }

  return {
    start() {
      stopping = new AbortController();
      running ??= run();
    },
    async stop() {
      stopping.abort();
      alarm.abort();
      await running;
      running = null;
    },
    position: () => position,
    wake() {
      if (listeners.size > 0) alarm.abort();
    },
    async subscribe(listener) {
      if (listeners.size === 0) {
        joining ??= join().finally(() => (joining = null));
        await joining;
      }
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const perPage = 500;
