/** Who lets us read chats, and whose: those whom they favour. */
export interface Reader {
  userId: string;
  streamerIds: string[];
}

/** A user may read the chats of so many channels that did not authorise the app (dev.twitch.tv, "Chat"). */
const channelsPerReader = 100;

/**
 * Gives each streamer one reader, of those who favour them, as far as there is room. The live ones come
 * first, then those who keep the reader of before; the others go to whoever of theirs has most room left.
 */
export function assignReaders(
  streamers: { streamerId: string; isLive: boolean }[],
  readers: Reader[],
  before: ReadonlyMap<string, string> = new Map(),
  capacity: number = channelsPerReader,
): Map<string, string> {
  const room = new Map(readers.map(({ userId }) => [userId, capacity]));
  const favouredBy = new Map<string, Set<string>>();
  for (const { userId, streamerIds } of readers) {
    for (const id of streamerIds) favouredBy.set(id, (favouredBy.get(id) ?? new Set()).add(userId));
  }
  const assigned = new Map<string, string>();
  const wanted = streamers.filter(({ streamerId }) => favouredBy.has(streamerId));
  for (const isLive of [true, false]) {
    const ofTurn = wanted.filter((each) => each.isLive === isLive).map(({ streamerId }) => streamerId);
    const moving = ofTurn.filter((id) => !give(id, before.get(id)));
    // Whoever has the fewest readers to choose from chooses first.
    moving.sort((a, b) => choices(a) - choices(b) || (a < b ? -1 : 1));
    for (const id of moving) give(id, roomiest(favouredBy.get(id) ?? new Set()));
  }
  return assigned;

  function give(streamerId: string, userId: string | undefined): boolean {
    if (assigned.has(streamerId)) return true;
    const rest = room.get(userId ?? '') ?? 0;
    if (userId === undefined || rest <= 0 || favouredBy.get(streamerId)?.has(userId) !== true) return false;
    assigned.set(streamerId, userId);
    room.set(userId, rest - 1);
    return true;
  }

  function choices(streamerId: string): number {
    return favouredBy.get(streamerId)?.size ?? 0;
  }

  function roomiest(userIds: Set<string>): string | undefined {
    return [...userIds].toSorted((a, b) => (room.get(b) ?? 0) - (room.get(a) ?? 0) || (a < b ? -1 : 1))[0];
  }
}
