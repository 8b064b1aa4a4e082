import type { StreamerCard } from './streamer.ts';

/** A user's favourites in the order of the wall. */
export interface LiveWall {
  /** Most watched first. */
  live: StreamerCard[];
  /** Last seen live first, the unavailable at the end. */
  offline: StreamerCard[];
  /** How many offline favourites are left out. */
  hiddenOffline: number;
  total: number;
  freshness: Freshness;
}

/** How old the knowledge is. */
export interface Freshness {
  /** When Twitch last answered; `null`: never. */
  checkedAt: Date | null;
  /** True when Twitch has been silent for longer than the pace of the poll explains. */
  isStale: boolean;
}

const offlineOnFirstSight = 48;

/** Lays out the wall. `pollIntervalS` is the pace at which the listener asks, in seconds. */
export function arrangeLiveWall(
  favourites: StreamerCard[],
  options: { allOffline: boolean; now: Date; pollIntervalS: number },
): LiveWall {
  const live = favourites.filter((streamer) => streamer.broadcast !== null);
  const offline = favourites.filter((streamer) => streamer.broadcast === null);
  live.sort((a, b) => viewers(b) - viewers(a) || byLogin(a, b));
  offline.sort(
    (a, b) =>
      Number(a.unavailableSince !== null) - Number(b.unavailableSince !== null) ||
      (b.lastLiveAt?.getTime() ?? 0) - (a.lastLiveAt?.getTime() ?? 0) ||
      byLogin(a, b),
  );
  const shown = options.allOffline ? offline : offline.slice(0, offlineOnFirstSight);
  return {
    live,
    offline: shown,
    hiddenOffline: offline.length - shown.length,
    total: favourites.length,
    freshness: freshnessOf(favourites, options.now, options.pollIntervalS),
  };
}

/**
 * The freshness of what is known of several streamers. While Twitch answers it is that of the one who has
 * waited longest in the present rounds; whoever just joined them after a long absence is asked in the next.
 */
export function freshnessOf(streamers: StreamerCard[], now: Date, pollIntervalS: number): Freshness {
  const staleBefore = now.getTime() - staleAfterRounds * pollIntervalS * 1_000;
  let longestWait = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { unavailableSince, polledAt } of streamers) {
    if (unavailableSince !== null || polledAt === null) continue;
    const time = polledAt.getTime();
    latest = Math.max(latest, time);
    if (time >= staleBefore) longestWait = Math.min(longestWait, time);
  }
  if (latest === Number.NEGATIVE_INFINITY) return { checkedAt: null, isStale: false };
  const isStale = latest < staleBefore;
  return { checkedAt: new Date(isStale ? latest : longestWait), isStale };
}

const staleAfterRounds = 3;

/** Orders by the name that people see, in any script. */
export function byName(a: StreamerCard, b: StreamerCard): number {
  return collator.compare(a.displayName, b.displayName);
}

/** Where the order is only to stay the same: a collator takes as long as the rest of the wall. */
function byLogin(a: StreamerCard, b: StreamerCard): number {
  return a.login < b.login ? -1 : Number(a.login > b.login);
}

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

function viewers(streamer: StreamerCard): number {
  return streamer.broadcast?.viewers ?? 0;
}
