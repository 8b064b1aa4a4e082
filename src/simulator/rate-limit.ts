import type { Response } from 'express';

/** Twitch's token bucket: one for the app, one for each user. */
export interface RateLimit {
  /** `limit` points refill over `windowMs`; buckets start full again. */
  set(limit: number, windowMs?: number): void;
  /** Takes a point and writes the three `Ratelimit-*` headers; says whether there was a point to take. */
  take(owner: string, response: Response): boolean;
}

export function createRateLimit(now: () => Date): RateLimit {
  let limit = 800;
  let windowMs = 60_000;
  const buckets = new Map<string, { points: number; at: number }>();
  return {
    set(newLimit, newWindowMs = 60_000) {
      limit = newLimit;
      windowMs = newWindowMs;
      buckets.clear();
    },
    take(owner, response) {
      const at = now().getTime();
      const bucket = buckets.get(owner) ?? { points: limit, at };
      const refilled = Math.min(limit, bucket.points + ((at - bucket.at) * limit) / windowMs);
      const allowed = refilled >= 1;
      const points = allowed ? refilled - 1 : refilled;
      buckets.set(owner, { points, at });
      const fullAt = at + ((limit - points) * windowMs) / Math.max(limit, 1);
      response.set({
        'Ratelimit-Limit': String(limit),
        'Ratelimit-Remaining': String(Math.floor(points)),
        'Ratelimit-Reset': String(Math.ceil(fullAt / 1000)),
      });
      return allowed;
    },
  };
}
