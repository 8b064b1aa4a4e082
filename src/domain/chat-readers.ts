import { createErrand, type ErrandPace } from './errand.ts';
import type { EventSub, EventSubMessage, HearingLog, OpenSocket } from './event-sub.ts';
import { reportOf, type ReaderReport, type SocketReport } from './hearing-status.ts';
import { assignReaders, type Reader } from './reader-assignment.ts';
import { openUserSocket, type SocketTokens, type UserSocket } from './user-socket.ts';
import { chatWatch, concerns, type Favoured } from './watch.ts';

const mostExceptions = 2_000;
const goneForMs = 5 * 60_000;

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
  const sockets = new Map<string, UserSocket>();
  let assigned = new Map<string, string>();
  let wanted: string[] = [];
  /** Whose token was gone when it was last needed, until it is worth asking again. */
  const goneUntil = new Map<string, number>();
  /** The watches that Twitch does not let their reader have, and until when. */
  const deniedUntil = new Map<string, number>();
  let isStopped = false;
  const errand = createErrand({ name: 'chat readers', work: assign, pace: parts.pace, log: parts.log });
  errand.soon();

  async function assign(): Promise<null> {
    const [readers, favoured] = await Promise.all([parts.readers(), parts.favoured()]);
    if (isStopped) return null;
    const able = readers
      .filter(({ userId }) => (goneUntil.get(userId) ?? 0) <= parts.now().getTime())
      .map((reader) => ({ ...reader, streamerIds: reader.streamerIds.filter((id) => mayRead(reader, id)) }));
    wanted = [...new Set(readers.flatMap(({ streamerIds }) => streamerIds))].toSorted();
    const live = new Map(favoured.map(({ streamerId, isLive }) => [streamerId, isLive]));
    const streamers = wanted.map((streamerId) => ({ streamerId, isLive: live.get(streamerId) ?? false }));
    assigned = assignReaders(streamers, able, assigned, parts.capacity);
    const channels = channelsOf(assigned);
    const leaving = [...sockets.values()].filter(({ userId }) => !channels.has(userId));
    for (const socket of leaving) sockets.delete(socket.userId);
    await Promise.all(leaving.map((socket) => socket.stop()));
    for (const [userId, streamerIds] of channels) {
      const socket = sockets.get(userId) ?? openReader(userId);
      sockets.set(userId, socket);
      socket.wish(streamerIds.toSorted().map((streamerId) => chatWatch(streamerId, userId)));
    }
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

  function openReader(userId: string): UserSocket {
    function onGone(): void {
      goneUntil.set(userId, parts.now().getTime() + goneForMs);
      errand.soon();
    }
    return openUserSocket({ ...parts, userId, onGone, onDenied });
  }

  function covers(streamerId: string): boolean {
    const userId = assigned.get(streamerId);
    if (userId === undefined) return false;
    return sockets.get(userId)?.isHeld(chatWatch(streamerId, userId).key) ?? false;
  }

  function whyNot(streamerId: string): string {
    const userId = assigned.get(streamerId);
    if (userId === undefined) return 'Nobody who favours this streamer can read one more chat, or is let in.';
    const socket = sockets.get(userId);
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
      goneUntil.delete(userId);
      for (const key of deniedUntil.keys()) if (concerns(key, userId)) deniedUntil.delete(key);
      for (const socket of sockets.values()) socket.forgive(userId);
    },

    covers,

    report(): {
      readers: ReaderReport[];
      sockets: SocketReport[];
      chat: { covered: number; exceptions: Record<string, string> };
    } {
      const open = [...sockets.values()];
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
      isStopped = true;
      await errand.stop();
      await Promise.all([...sockets.values()].map((socket) => socket.stop()));
    },
  };
}

function channelsOf(assigned: ReadonlyMap<string, string>): Map<string, string[]> {
  const channels = new Map<string, string[]>();
  for (const [streamerId, userId] of assigned) {
    const ofUser = channels.get(userId);
    if (ofUser === undefined) channels.set(userId, [streamerId]);
    else ofUser.push(streamerId);
  }
  return channels;
}
