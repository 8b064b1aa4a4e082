import { createErrand } from './errand.ts';
import { reportOf } from './hearing-status.ts';
import { reasons } from './watch-bars.ts';
import type { Transport, TransportParts } from './transport.ts';
import type { SocketTokens } from './user-socket.ts';
import { createUserSockets } from './user-sockets.ts';
import { shareWatches } from './watch-sharing.ts';
import { wishedOf } from './wishes.ts';

/** What one user's watches may cost over sockets, until Twitch says otherwise (dev.twitch.tv). */
const usualBudget = 10;
const mostSockets = 100;
const lookAgainMs = 60_000;

/** The watches rest on tokens of users who signed in; several users' sockets share the streamers. */
export function openWebsocket(parts: TransportParts & { tokens: SocketTokens }): Transport {
  const { wishes, log, pace } = parts;
  let carriers = new Map<string, string>();
  const errand = createErrand({ name: 'websocket watches', work: share, pace, log });
  const sockets = createUserSockets({ ...parts, onGone: errand.soon });
  errand.soon();

  async function share(): Promise<number> {
    const [wished, holders] = await Promise.all([wishedOf(wishes), wishes.tokenHolders()]);
    const users = holders
      .filter(sockets.isAble)
      .slice(0, mostSockets)
      .map((userId) => ({ userId, budget: budgetOf(userId) }));
    const { of } = shareWatches(wished, users, carriers);
    carriers = new Map([...of].flatMap(([userId, watches]) => watches.map(({ key }) => [key, userId])));
    await sockets.share(of);
    return lookAgainMs;
  }

  function budgetOf(userId: string): number {
    return sockets.of(userId)?.report().costs.max ?? usualBudget;
  }

  function trouble(): string | null {
    if (errand.fault() !== null) return 'The watches cannot be shared out now.';
    if (sockets.all().length === 0) return 'There is nobody with a token, or nothing to watch.';
    const troubles = sockets.all().map((socket) => socket.trouble());
    return troubles.includes(null) ? null : (troubles[0] ?? null);
  }

  const carrierOf = (key: string) => sockets.of(carriers.get(key) ?? '');

  return {
    refresh(afterMs) {
      errand.soon(afterMs);
      for (const socket of sockets.all()) socket.refresh(afterMs);
    },
    revoked(revocation) {
      for (const socket of sockets.all()) socket.revoked(revocation);
    },
    forgive: (userId) => sockets.forgive(userId),
    trouble,
    progress: () => sum(sockets.all().map((socket) => socket.progress())),
    isHeld: (key) => carrierOf(key)?.isHeld(key) ?? false,
    reasonOf: (key) => carrierOf(key)?.reasonOf(key) ?? (carriers.has(key) ? null : reasons.budget),
    report() {
      const all = sockets.all().map((socket) => socket.report());
      const troubles = sockets.all().map((socket) => socket.trouble());
      return {
        // When none works, that is said already.
        problems: troubles.includes(null) ? [...new Set(troubles.filter((each) => each !== null))] : [],
        sockets: sockets.all().map((socket) => reportOf(`watches of user ${socket.userId}`, socket.state())),
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
      await Promise.all([errand.stop(), sockets.stop()]);
    },
  };
}

function sum(values: number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
