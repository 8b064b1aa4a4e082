import type { Deadline } from './deadline.ts';
import { TwitchError } from './errors.ts';

/** One of Twitch's buckets as its headers last told. */
export interface RateLimitState {
  limit: number;
  /** Less the requests sent since. */
  remaining: number;
  /** When the bucket is full again. */
  resetAt: Date;
}

/** Keeps us within one bucket: that of the app token, or of one user's token. */
export interface RateLimit {
  /** Takes a point, waiting for the reset if the bucket is empty; throws `rate-limited` when the deadline is nearer. */
  take(path: string, deadline: Deadline): Promise<void>;
  /** Learns from an answer's `Ratelimit-*` headers; the lack of them teaches nothing. */
  observe(header: (name: string) => string | null): void;
  /** Whether the last answer said that the bucket is empty: the one kind of 429 that waiting cures. */
  ranDry(): boolean;
  state(): RateLimitState | null;
}

// The bucket fills within a minute, so a later reset is a mistake (theirs, or of a clock).
const longestReset = 120_000;

/** `jitterMs` spreads the callers who wake at the reset. */
export function createRateLimit(settings: { now: () => Date; jitterMs: number }): RateLimit {
  let bucket: RateLimitState | null = null;
  let dry = false;

  return {
    async take(path, deadline) {
      while (isEmpty()) {
        const wait = msToReset();
        if (!(await deadline.pause(wait + Math.random() * settings.jitterMs)))
          throw new TwitchError('rate-limited', path, {
            retryAfterS: Math.max(1, Math.ceil(wait / 1000)),
            sent: false,
          });
      }
      if (bucket) bucket.remaining -= 1;
    },
    observe(header) {
      const limit = wholeNumber(header('ratelimit-limit'));
      const remaining = wholeNumber(header('ratelimit-remaining'));
      const reset = wholeNumber(header('ratelimit-reset'));
      if (limit === null || remaining === null || reset === null) return;
      const latest = settings.now().getTime() + longestReset;
      dry = remaining === 0;
      bucket = { limit, remaining, resetAt: new Date(Math.min(reset * 1000, latest)) };
    },
    ranDry: () => dry,
    state: () => bucket && { ...bucket },
  };

  function isEmpty(): boolean {
    if (bucket && msToReset() <= 0) bucket.remaining = Math.max(bucket.remaining, bucket.limit);
    return bucket !== null && bucket.remaining <= 0;
  }

  function msToReset(): number {
    return bucket ? bucket.resetAt.getTime() - settings.now().getTime() : 0;
  }
}

function wholeNumber(value: string | null): number | null {
  return value !== null && /^\d{1,12}$/.test(value) ? Number(value) : null;
}
