import { createErrand, type ErrandPace } from './errand.ts';
import {
  isUnauthorised,
  type EventSub,
  type EventSubAuth,
  type HearingLog,
  type EventSubMessage,
  type OpenSocket,
} from './event-sub.ts';
import { createReconciler } from './reconciler.ts';
import type { UserToken } from './user-token.ts';
import type { Watch } from './watch.ts';

/** What sockets of users want of the token keeper: `null` means that the user has to sign in again. */
export interface SocketTokens {
  fresh(userId: string): Promise<UserToken | null>;
  refresh(dead: UserToken): Promise<UserToken | null>;
}

const lookAgainMs = 60_000;

export type UserSocket = ReturnType<typeof openUserSocket>;

/**
 * A socket whose watches rest on the token of a user. They live and die with its session: a fresh one needs
 * all of them again, within ten seconds of the welcome.
 */
export function openUserSocket(parts: {
  userId: string;
  eventSub: EventSub;
  tokens: SocketTokens;
  openSocket: OpenSocket;
  hear: (message: EventSubMessage) => void;
  onGap: () => void;
  /** The user's token is gone. */
  onGone: () => void;
  /** Twitch lets the user have none of these watches for now: until when, in milliseconds since 1970. */
  onDenied?: (denied: { key: string; until: number }[]) => void;
  now: () => Date;
  scarceForMs: () => number;
  pace: ErrandPace;
  log: HearingLog;
}) {
  const { userId, eventSub, tokens, hear, onGap, onGone, log, pace } = parts;
  let wished: Watch[] = [];
  let sessionId: string | null = null;
  let isGone = false;
  let wasDown = false;

  const reconciler = createReconciler({
    ...parts,
    list: () => asUser((auth) => eventSub.list(auth)),
    create: ({ type, version, condition }) =>
      asUser((auth) => {
        if (sessionId === null) throw new Error('The socket has gone down meanwhile');
        const transport = { method: 'websocket', sessionId } as const;
        return eventSub.create(auth, { type, version, condition, transport });
      }),
    remove: (id) => asUser((auth) => eventSub.remove(auth, id)),
    isOurs: ({ transport }) => transport.method === 'websocket' && transport.sessionId === sessionId,
  });
  const errand = createErrand({ name: 'user socket', work: reconcile, pace, log });
  const socket = parts.openSocket({
    onSession({ id, isResumed }) {
      sessionId = id;
      if (isResumed) return;
      reconciler.lost();
      errand.soon();
      if (wasDown) onGap();
      wasDown = false;
    },
    onMessage: hear,
    onRevocation(revocation) {
      reconciler.revoked(revocation);
      errand.soon(pace.firstRetryMs);
    },
    onDown() {
      sessionId = null;
      wasDown = true;
      reconciler.lost();
    },
  });

  /** What a lost session held may count against the budget for a while. */
  async function reconcile(signal: AbortSignal): Promise<number | null> {
    if (sessionId === null || isGone) return null;
    await reconciler.reconcile(wished, signal);
    const denied = wished.flatMap(({ key }) => {
      const until = reconciler.deniedUntil(key);
      return until === null ? [] : [{ key, until }];
    });
    if (denied.length > 0) parts.onDenied?.(denied);
    return reconciler.state().watches.missing > 0 ? lookAgainMs : null;
  }

  /** A token that Twitch refuses is refreshed once. */
  async function asUser<Answer>(act: (auth: EventSubAuth) => Promise<Answer>): Promise<Answer> {
    const token = await tokens.fresh(userId);
    if (token === null) return gone();
    try {
      return await act(authOf(token));
    } catch (error) {
      if (!isUnauthorised(error)) throw error;
      const next = await tokens.refresh(token);
      if (next === null) return gone();
      return await act(authOf(next));
    }
  }

  function gone(): never {
    if (!isGone) onGone();
    isGone = true;
    throw new Error('The token of a user is gone');
  }

  return {
    userId,

    /** Replaces what is wished; the difference is made soon. */
    wish(watches: Watch[]): void {
      const isSame =
        watches.length === wished.length && watches.every(({ key }, index) => key === wished[index]?.key);
      wished = watches;
      if (!isSame) errand.soon();
    },

    refresh: errand.soon,
    forgive: reconciler.forgive,
    revoked: reconciler.revoked,
    isHeld: (key: string) => sessionId !== null && reconciler.isHeld(key),
    reasonOf: reconciler.reasonOf,
    isGone: () => isGone,
    state: () => socket.state(),
    report: () => reconciler.state(),
    progress: reconciler.progress,

    /** A sentence, or `null` while all is well. */
    trouble(): string | null {
      if (isGone) return 'The user has to sign in again.';
      if (sessionId === null) return 'The socket is not open.';
      if (errand.fault() !== null) return 'Twitch does not answer when it is asked for watches.';
      return reconciler.state().reconciledAt === null ? 'The watches are not made yet.' : null;
    },

    async stop(): Promise<void> {
      socket.close();
      await errand.stop();
    },
  };
}

function authOf({ accessToken }: UserToken): EventSubAuth {
  return { kind: 'user', accessToken };
}
