/** Points left of the limit, as Twitch last said it, and when it is full again. */
export interface RateLimit {
  limit: number;
  remaining: number;
  resetAt: Date;
}

/** Milliseconds until the limit is full again if less than a quarter of it is left; else 0. */
export function scarceForMs(rateLimit: RateLimit | null, now: Date): number {
  if (rateLimit === null || rateLimit.remaining >= rateLimit.limit / 4) return 0;
  return Math.max(0, rateLimit.resetAt.getTime() - now.getTime());
}
