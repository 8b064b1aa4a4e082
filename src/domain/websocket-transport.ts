import { createErrand } from './errand.ts';
import { reportOf } from './hearing-status.ts';
import { reasons } from './watch-bars.ts';
import type { Transport, TransportParts } from './transport.ts';
import { openUserSocket, type SocketTokens, type UserSocket } from './user-socket.ts';
import { shareWatches } from './watch-sharing.ts';
import { wishedOf } from './wishes.ts';

/** What one user's watches may cost over sockets, until Twitch says otherwise (dev.twitch.tv). */
const usualBudget = 10;
const mostSockets = 100;
const lookAgainMs = 60_000;
const goneForMs = 5 * 60_000;

/** The watches rest on tokens of users who signed in; several users' sockets share the streamers. */
export function openWebsocket(parts: TransportParts & { tokens: SocketTokens }): Transport {
  const { wishes, log, pace } = parts;
  const sockets = new Map<string, UserSocket>();
  let carriers = new Map<string, string>();
  /** Whose token was gone when it was last needed, until it is worth asking again. */
  const goneUntil = new Map<string, number>();
  let isStopped = false;
  const errand = createErrand({ name: 'websocket watches', work: share, pace, log });
  errand.soon();

  async function share(): Promise<number> {
    const [wished, holders] = await Promise.all([wishedOf(wishes), wishes.tokenHolders()]);
    if (isStopped) return lookAgainMs;
    const users = holders
      .filter((userId) => (goneUntil.get(userId) ?? 0) <= parts.now().getTime())
      .slice(0, mostSockets)
      .map((userId) => ({ userId, budget: budgetOf(userId) }));
    const { of } = shareWatches(wished, users, carriers);
    carriers = new Map([...of].flatMap(([userId, watches]) => watches.map(({ key }) => [key, userId])));
    const idle = [...sockets.values()].filter(({ userId }) => (of.get(userId) ?? []).length === 0);
    for (const socket of idle) sockets.delete(socket.userId);
    await Promise.all(idle.map((socket) => socket.stop()));
    for (const [userId, watches] of of) {
      if (watches.length === 0) continue;
      const socket = sockets.get(userId) ?? open(userId);
      sockets.set(userId, socket);
      socket.wish(watches);
    }
    return lookAgainMs;
  }

  function open(userId: string): UserSocket {
    function onGone(): void {
      goneUntil.set(userId, parts.now().getTime() + goneForMs);
      errand.soon();
    }
    return openUserSocket({ ...parts, userId, onGone });
  }

  function budgetOf(userId: string): number {
    return sockets.get(userId)?.report().costs.max ?? usualBudget;
  }

  function trouble(): string | null {
    if (errand.fault() !== null) return 'The watches cannot be shared out now.';
    if (sockets.size === 0) return 'There is nobody with a token, or nothing to watch.';
    const troubles = [...sockets.values()].map((socket) => socket.trouble());
    return troubles.includes(null) ? null : (troubles[0] ?? null);
  }

  const carrierOf = (key: string) => sockets.get(carriers.get(key) ?? '');

  return {
    refresh(afterMs) {
      errand.soon(afterMs);
      for (const socket of sockets.values()) socket.refresh(afterMs);
    },
    revoked(revocation) {
      for (const socket of sockets.values()) socket.revoked(revocation);
    },
    forgive(userId) {
      goneUntil.delete(userId);
      for (const socket of sockets.values()) socket.forgive(userId);
    },
    trouble,
    progress: () => sum([...sockets.values()].map((socket) => socket.progress())),
    isHeld: (key) => carrierOf(key)?.isHeld(key) ?? false,
    reasonOf: (key) => carrierOf(key)?.reasonOf(key) ?? (carriers.has(key) ? null : reasons.budget),
    report() {
      const all = [...sockets.values()].map((socket) => socket.report());
      const troubles = [...sockets.values()].map((socket) => socket.trouble());
      return {
        // When none works, that is said already.
        problems: troubles.includes(null) ? [...new Set(troubles.filter((each) => each !== null))] : [],
        sockets: [...sockets.values()].map((socket) =>
          reportOf(`watches of user ${socket.userId}`, socket.state()),
        ),
        shards: [],
        costs: {
          total: sum(all.map(({ costs }) => costs.total ?? 0)),
          max: sum(all.map(({ costs }) => costs.max ?? usualBudget)),
        },
        watches: {
          wished: sum(all.map(({ watches }) => watches.wished)),
          existing: sum(all.map(({ watches }) => watches.existing)),
          missing: sum(all.map(({ watches }) => watches.missing)),
        },
        reconciledAt: all.map(({ reconciledAt }) => reconciledAt).find((at) => at !== null) ?? null,
      };
    },
    // Its watches go with their sessions: there is nothing to remove.
    async stop() {
      isStopped = true;
      await errand.stop();
      await Promise.all([...sockets.values()].map((socket) => socket.stop()));
    },
  };
}

function sum(values: number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
