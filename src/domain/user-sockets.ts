import { openUserSocket, type UserSocket, type UserSocketParts } from './user-socket.ts';
import type { Watch } from './watch.ts';

const goneForMs = 5 * 60_000;

export type UserSockets = ReturnType<typeof createUserSockets>;

/** The sockets of several users. Whose token is gone is left alone for a while, and `onGone` is told. */
export function createUserSockets(parts: Omit<UserSocketParts, 'userId'>) {
  const sockets = new Map<string, UserSocket>();
  /** Whose token was gone when it was last needed, until it is worth asking again. */
  const goneUntil = new Map<string, number>();
  let isStopped = false;

  function open(userId: string): UserSocket {
    function onGone(): void {
      goneUntil.set(userId, parts.now().getTime() + goneForMs);
      parts.onGone();
    }
    const socket = openUserSocket({ ...parts, userId, onGone });
    sockets.set(userId, socket);
    return socket;
  }

  return {
    /** Whether it is worth opening one for the user. */
    isAble: (userId: string): boolean => (goneUntil.get(userId) ?? 0) <= parts.now().getTime(),

    /** Gives each user these watches and nobody else any: who has none needs no socket. */
    async share(watches: ReadonlyMap<string, Watch[]>): Promise<void> {
      const leaving = [...sockets.values()].filter(({ userId }) => !watches.get(userId)?.length);
      for (const socket of leaving) sockets.delete(socket.userId);
      await Promise.all(leaving.map((socket) => socket.stop()));
      for (const [userId, ofUser] of watches) {
        if (ofUser.length === 0 || isStopped) continue;
        (sockets.get(userId) ?? open(userId)).wish(ofUser);
      }
    },

    of: (userId: string): UserSocket | undefined => sockets.get(userId),

    all: (): UserSocket[] => [...sockets.values()],

    /** The user has allowed something anew. */
    forgive(userId: string): void {
      goneUntil.delete(userId);
      for (const socket of sockets.values()) socket.forgive(userId);
    },

    /** Opens none any more. */
    async stop(): Promise<void> {
      isStopped = true;
      await Promise.all([...sockets.values()].map((socket) => socket.stop()));
    },
  };
}
