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
  live.sort((a, b) => viewers(b) - viewers(a) || byName(a, b));
  offline.sort(
    (a, b) =>
      Number(a.unavailableSince !== null) - Number(b.unavailableSince !== null) ||
      (b.lastLiveAt?.getTime() ?? 0) - (a.lastLiveAt?.getTime() ?? 0) ||
      byName(a, b),
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
  const times = streamers.flatMap(({ unavailableSince, polledAt }) =>
    unavailableSince === null && polledAt !== null ? [polledAt.getTime()] : [],
  );
  const recent = times.filter((time) => time >= staleBefore);
  const checkedAt = recent.length > 0 ? least(recent) : -least(times.map((time) => -time));
  return {
    checkedAt: times.length > 0 ? new Date(checkedAt) : null,
    isStale: times.length > 0 && recent.length === 0,
  };
}

const staleAfterRounds = 3;

function least(times: number[]): number {
  return times.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

/** Orders by the name that people see, in any script. */
export function byName(a: StreamerCard, b: StreamerCard): number {
  return collator.compare(a.displayName, b.displayName);
}

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

function viewers(streamer: StreamerCard): number {
  return streamer.broadcast?.viewers ?? 0;
}
