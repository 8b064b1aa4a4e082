import { createErrand, type ErrandPace } from './errand.ts';
import type { EventSub, EventSubMessage, HearingLog, OpenSocket } from './event-sub.ts';
import { reportOf, type ReaderReport, type SocketReport } from './hearing-status.ts';
import { assignReaders, type Reader } from './reader-assignment.ts';
import type { SocketTokens } from './user-socket.ts';
import { createUserSockets } from './user-sockets.ts';
import { chatWatch, concerns, type Favoured, type Watch } from './watch.ts';

const mostExceptions = 2_000;

export type ChatReaders = ReturnType<typeof openChatReaders>;

/**
 * Reads the chats of favourites for subs, gifts and raids, through users who have allowed it: one socket a
 * reader. Streamers move to another reader when theirs goes.
 */
export function openChatReaders(parts: {
  readers: () => Promise<Reader[]>;
  favoured: () => Promise<Favoured[]>;
  eventSub: EventSub;
  tokens: SocketTokens;
  openSocket: OpenSocket;
  hear: (message: EventSubMessage) => void;
  onGap: () => void;
  now: () => Date;
  scarceForMs: () => number;
  pace: ErrandPace;
  log: HearingLog;
  /** How many channels one reader may read. */
  capacity?: number;
}) {
  let assigned = new Map<string, string>();
  let wanted: string[] = [];
  /** The watches that Twitch does not let their reader have, and until when. */
  const deniedUntil = new Map<string, number>();
  const errand = createErrand({ name: 'chat readers', work: assign, pace: parts.pace, log: parts.log });
  const sockets = createUserSockets({ ...parts, onGone: errand.soon, onDenied });
  errand.soon();

  async function assign(): Promise<null> {
    const [readers, favoured] = await Promise.all([parts.readers(), parts.favoured()]);
    const able = readers
      .filter(({ userId }) => sockets.isAble(userId))
      .map((reader) => ({ ...reader, streamerIds: reader.streamerIds.filter((id) => mayRead(reader, id)) }));
    wanted = [...new Set(readers.flatMap(({ streamerIds }) => streamerIds))].toSorted();
    const live = new Map(favoured.map(({ streamerId, isLive }) => [streamerId, isLive]));
    const streamers = wanted.map((streamerId) => ({ streamerId, isLive: live.get(streamerId) ?? false }));
    assigned = assignReaders(streamers, able, assigned, parts.capacity);
    await sockets.share(watchesOf(assigned));
    return null;
  }

  function mayRead({ userId }: Reader, streamerId: string): boolean {
    return (deniedUntil.get(chatWatch(streamerId, userId).key) ?? 0) <= parts.now().getTime();
  }

  /** Somebody else may be let in. */
  function onDenied(denied: { key: string; until: number }[]): void {
    for (const [key, until] of deniedUntil) if (until <= parts.now().getTime()) deniedUntil.delete(key);
    for (const { key, until } of denied) deniedUntil.set(key, until);
    errand.soon();
  }

  function covers(streamerId: string): boolean {
    const userId = assigned.get(streamerId);
    if (userId === undefined) return false;
    return sockets.of(userId)?.isHeld(chatWatch(streamerId, userId).key) ?? false;
  }

  function whyNot(streamerId: string): string {
    const userId = assigned.get(streamerId);
    if (userId === undefined) return 'Nobody who favours this streamer can read one more chat, or is let in.';
    const socket = sockets.of(userId);
    const reason = socket?.reasonOf(chatWatch(streamerId, userId).key) ?? null;
    return socket?.trouble() ?? (reason === null ? 'The chat is about to be read.' : `${reason}.`);
  }

  return {
    /** Readers, favourites or who is live have changed. */
    refresh: errand.soon,

    /**
     * Somebody went live or offline. Only who goes live while the readers are full takes the place of another,
     * and keeps it afterwards: whoever flickers moves nobody twice.
     */
    liveChanged(afterMs: number): void {
      if (wanted.some((streamerId) => !assigned.has(streamerId))) errand.soon(afterMs);
    },

    /** A user has allowed something anew. */
    forgive(userId: string): void {
      for (const key of deniedUntil.keys()) if (concerns(key, userId)) deniedUntil.delete(key);
      sockets.forgive(userId);
    },

    covers,

    report(): {
      readers: ReaderReport[];
      sockets: SocketReport[];
      chat: { covered: number; exceptions: Record<string, string> };
    } {
      const open = sockets.all();
      const uncovered = wanted.filter((streamerId) => !covers(streamerId));
      return {
        readers: open.map((socket) => ({
          userId: socket.userId,
          channels: [...assigned.values()].filter((userId) => userId === socket.userId).length,
          status: socket.state().status,
          problem: socket.trouble(),
        })),
        sockets: open.map((socket, index) => reportOf(`chat reader ${index + 1}`, socket.state())),
        chat: {
          covered: wanted.length - uncovered.length,
          exceptions: Object.fromEntries(uncovered.slice(0, mostExceptions).map((id) => [id, whyNot(id)])),
        },
      };
    },

    async stop(): Promise<void> {
      await Promise.all([errand.stop(), sockets.stop()]);
    },
  };
}

/** In the order of ids, so that the same channels are the same wish. */
function watchesOf(assigned: ReadonlyMap<string, string>): Map<string, Watch[]> {
  const watches = new Map<string, Watch[]>();
  for (const [streamerId, userId] of [...assigned].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const ofUser = watches.get(userId);
    const watch = chatWatch(streamerId, userId);
    if (ofUser === undefined) watches.set(userId, [watch]);
    else ofUser.push(watch);
  }
  return watches;
}
