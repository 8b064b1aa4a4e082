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
const mostFormer = 1_000;

export type UserSocket = ReturnType<typeof openUserSocket>;

export interface UserSocketParts {
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
}

/**
 * A socket whose watches rest on the token of a user. They live and die with its session: a fresh one needs
 * all of them again, within ten seconds of the welcome.
 */
export function openUserSocket(parts: UserSocketParts) {
  const { userId, eventSub, tokens, hear, onGap, onGone, log, pace } = parts;
  let wished: Watch[] = [];
  let sessionId: string | null = null;
  let isGone = false;
  let wasDown = false;
  /** What the last sessions held: Twitch keeps it for a while after they are gone. */
  let former: string[] = [];
  /** How often in a row Twitch kept something for another session. */
  let waits = 0;

  const reconciler = createReconciler({
    ...parts,
    list: () => asUser(listWithoutFormer),
    create: ({ type, version, condition }) =>
      asUser(async (auth) => {
        if (sessionId === null) throw new Error('The socket has gone down meanwhile');
        const transport = { method: 'websocket', sessionId } as const;
        const answer = await eventSub.create(auth, { type, version, condition, transport });
        const isLate = sessionId !== transport.sessionId;
        if (isLate && answer.outcome === 'created') remember([answer.subscription.id]);
        return answer;
      }),
    // What exists sends to another session: that of another listener, or one that is gone.
    adopts: false,
    remove: (id) => asUser((auth) => eventSub.remove(auth, id)),
    isOurs: ({ transport }) => transport.method === 'websocket' && transport.sessionId === sessionId,
  });
  const errand = createErrand({ name: 'user socket', work: reconcile, pace, log });
  const socket = parts.openSocket({
    onSession({ id, isResumed }) {
      sessionId = id;
      if (isResumed) return;
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
      remember(reconciler.lost());
    },
  });

  async function reconcile(signal: AbortSignal): Promise<number | null> {
    if (sessionId === null || isGone) return null;
    const { elsewhere } = await reconciler.reconcile(wished, signal);
    const denied = wished.flatMap(({ key }) => {
      const until = reconciler.deniedUntil(key);
      return until === null ? [] : [{ key, until }];
    });
    if (denied.length > 0) parts.onDenied?.(denied);
    waits = elsewhere === 0 ? 0 : waits + 1;
    if (elsewhere > 0) return Math.min(lookAgainMs, pace.firstRetryMs * 2 ** Math.min(waits, 16));
    return reconciler.state().watches.missing > 0 ? lookAgainMs : null;
  }

  /** What the last session left goes first: it costs as long as Twitch has not noticed that it is gone. */
  async function listWithoutFormer(auth: EventSubAuth): ReturnType<EventSub['list']> {
    const before = new Set(former);
    const listed = await eventSub.list(auth);
    const left = listed.subscriptions.filter(({ id, status }) => status === 'enabled' && before.has(id));
    await Promise.all(left.map(({ id }) => eventSub.remove(auth, id)));
    former = former.filter((id) => !before.has(id));
    return left.length === 0 ? listed : await eventSub.list(auth);
  }

  function remember(ids: string[]): void {
    former = [...former, ...ids].slice(-mostFormer);
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
