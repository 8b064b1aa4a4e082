import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** Twitch keeps a bucket for each user of the app. Tokens stand for users here. */
export interface UserBuckets {
  of(accessToken: string): RateLimit;
}

/** A bucket is full again within a minute: one that was not used for long can be forgotten. */
const most = 1_000;

/** Forgets those beyond a thousand that were not used for longest. */
export function createUserBuckets(settings: { now: () => Date; jitterMs: number }): UserBuckets {
  const buckets = new Map<string, RateLimit>();

  return {
    of(accessToken) {
      const bucket = buckets.get(accessToken) ?? createRateLimit(settings);
      // The last in the order is the one that was used last.
      buckets.delete(accessToken);
      buckets.set(accessToken, bucket);
      const [oldest = accessToken] = buckets.keys();
      if (buckets.size > most) buckets.delete(oldest);
      return bucket;
    },
  };
}
