/**
 * How dear a watch is to us, the dearest first: what costs nothing; that somebody goes live or offline;
 * what they play; who raids whom.
 */
export type WatchTier = 0 | 1 | 2 | 3;

/** Something that we wish to hear of Twitch: one subscription there. */
export interface Watch {
  /** The same for the same wish: type and condition. */
  key: string;
  type: string;
  version: string;
  condition: Record<string, string>;
  tier: WatchTier;
  /**
   * What Twitch should charge: nothing where somebody's leave is needed, or when the streamer has given this
   * app any (dev.twitch.tv, "Managing Event Subscriptions").
   */
  cost: 0 | 1;
  /** Whom it is about; `null`: the app itself. */
  streamerId: string | null;
  /** The user who has to have allowed it; `null` when nobody has to. */
  userId: string | null;
}

/** A streamer whom somebody favours. */
export interface Favoured {
  streamerId: string;
  favouredBy: number;
  isLive: boolean;
  lastLiveAt: Date | null;
}

/** What names a watch, and a subscription at Twitch: it fills in what we left out of a condition with `''`. */
export function keyOf(type: string, condition: Record<string, string>): string {
  const fields = Object.entries(condition).filter(([, value]) => value !== '');
  return [type, ...fields.toSorted(([a], [b]) => (a < b ? -1 : 1)).map((field) => field.join('='))].join(' ');
}

/** Whether the watch of that key rests on a user's leave, or is about them. */
export function concerns(key: string, userId: string): boolean {
  return key.split(' ').some((field) => field.endsWith(`=${userId}`));
}

/** A watch by its parts. */
export function watchOf(parts: Omit<Watch, 'key' | 'cost'>): Watch {
  return {
    key: keyOf(parts.type, parts.condition),
    cost: parts.userId === null && parts.tier > 0 ? 1 : 0,
    ...parts,
  };
}

/** What is wished of one streamer, whoever they are: it needs nobody's leave. */
export function watchesOf(streamerId: string): Watch[] {
  const about = { broadcaster_user_id: streamerId };
  const make = (type: string, version: string, condition: Record<string, string>, tier: WatchTier) =>
    watchOf({ type, version, condition, tier, streamerId, userId: null });
  return [
    make('stream.online', '1', about, 1),
    make('stream.offline', '1', about, 1),
    make('channel.update', '2', about, 2),
    make('channel.raid', '1', { to_broadcaster_user_id: streamerId }, 3),
    make('channel.raid', '1', { from_broadcaster_user_id: streamerId }, 3),
  ];
}

/** What is wished of Twitch about the app itself; for app tokens alone. */
export function appWatches(clientId: string, conduitId: string | null): Watch[] {
  const revoke = appWatch('user.authorization.revoke', { client_id: clientId });
  if (conduitId === null) return [revoke];
  return [revoke, appWatch('conduit.shard.disabled', { client_id: clientId, conduit_id: conduitId })];
}

/** The subs, gifts and raids in a chat, as one of its readers hears them. */
export function chatWatch(streamerId: string, readerId: string): Watch {
  return watchOf({
    type: 'channel.chat.notification',
    version: '1',
    condition: { broadcaster_user_id: streamerId, user_id: readerId },
    tier: 0,
    streamerId,
    userId: readerId,
  });
}

/**
 * All that is wished, the dearest first: going live of everybody before the titles of anybody, and in each
 * tier whom most favour, who is live and who was so most recently. Those in `leave` have given this app any
 * leave: Twitch charges nothing for them.
 */
export function inOrder(
  favoured: Favoured[],
  others: Watch[] = [],
  leave: ReadonlySet<string> = new Set(),
): Watch[] {
  const streamers = favoured.toSorted(
    (a, b) =>
      b.favouredBy - a.favouredBy ||
      Number(b.isLive) - Number(a.isLive) ||
      (b.lastLiveAt?.getTime() ?? 0) - (a.lastLiveAt?.getTime() ?? 0) ||
      (a.streamerId < b.streamerId ? -1 : 1),
  );
  const of = (streamerId: string): Watch[] =>
    leave.has(streamerId)
      ? watchesOf(streamerId).map((watch) => ({ ...watch, cost: 0 }))
      : watchesOf(streamerId);
  const watches = [...others, ...streamers.flatMap(({ streamerId }) => of(streamerId))];
  const once = new Map(watches.map((watch) => [watch.key, watch]));
  return [...once.values()].toSorted((a, b) => a.tier - b.tier);
}

function appWatch(type: string, condition: Record<string, string>): Watch {
  return watchOf({ type, version: '1', condition, tier: 0, streamerId: null, userId: null });
}
