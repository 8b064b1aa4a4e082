import { openConnection, type Connection, type ConnectionEnd } from './connection.ts';
import { isStale } from './envelope.ts';
import type { Frame } from './frame.ts';
import { createMemory } from './memory.ts';
import {
  usualClocks,
  type EventSubSocket,
  type EventSubSocketSettings,
  type EventSubSocketState,
} from './socket-settings.ts';

/** Dials at once, and again whenever a session is lost. Rules: Twitch's guide to EventSub over WebSockets. */
export function openEventSubSocket(settings: EventSubSocketSettings): EventSubSocket {
  const { url, keepaliveS = 30, handlers, log = () => undefined } = settings;
  const clocks = { ...usualClocks, ...settings.clocks };
  const closing = new AbortController();
  const seen = createMemory(2_000);
  let current: Connection | null = null;
  let next: Connection | null = null;
  let failures = 0;
  let sessions = 0;
  let stableFrom = Number.POSITIVE_INFINITY;
  let isClosed = false;
  const state: EventSubSocketState = {
    status: 'connecting',
    sessionId: null,
    since: clocks.now(),
    lastMessageAt: null,
    keepaliveS,
    reconnects: 0,
    lastClose: null,
    ignored: 0,
  };
  start();

  return {
    state: () => ({ ...state }),
    close() {
      isClosed = true;
      closing.abort();
      current?.drop();
      next?.drop();
      become('closed', null);
    },
    retire() {
      closing.abort();
      current?.retire();
      next?.retire();
      become('closed', null);
    },
  };

  function start(): void {
    become('connecting', null);
    current = connect(withKeepalive(url, keepaliveS), clocks.welcomeMs);
  }

  /** The old connection is read on until the new one is welcome: what was under way to it still comes. */
  function move(address: string): void {
    const isAllowed = isTrusted(address, url);
    log(isAllowed ? { event: 'socket-moving' } : { event: 'socket-move-failed', reason: 'address' });
    if (isAllowed) next = connect(address, clocks.moveMs);
  }

  function connect(address: string, welcomeMs: number): Connection {
    const me = openConnection({
      url: address,
      welcomeMs,
      keepaliveS,
      onFrame: (frame) => hear(frame, me),
      onGarbage: () => void (state.ignored += 1),
      onEnd: (end) => ended(end, me),
    });
    return me;
  }

  function hear(frame: Frame, from: Connection): void {
    if (isClosed) return;
    state.lastMessageAt = clocks.now();
    if (!closing.signal.aborted) follow(frame, from);
    if (frame.kind !== 'notification' && frame.kind !== 'revocation') return;
    if (frame.sentAt < clocks.now() && isStale(frame.sentAt, clocks.now())) {
      state.ignored += 1;
      return;
    }
    if (!seen.isNew(frame.messageId)) return;
    if (frame.kind === 'notification') handlers.onMessage(frame.message);
    else handlers.onRevocation(frame.revocation);
  }

  function follow(frame: Frame, from: Connection): void {
    if (frame.kind === 'welcome') welcome(frame, from);
    if (frame.kind === 'reconnect' && from === current && !next) move(frame.url);
  }

  function welcome(frame: Welcome, from: Connection): void {
    const isResumed = from === next;
    if (isResumed) {
      current?.retire();
      current = from;
      next = null;
    } else {
      stableFrom = clocks.now().getTime() + clocks.stableMs;
    }
    if (sessions > 0) state.reconnects += 1;
    sessions += 1;
    state.keepaliveS = frame.keepaliveS ?? keepaliveS;
    become('open', frame.sessionId);
    log({ event: 'socket-open', isResumed, keepaliveS: state.keepaliveS });
    handlers.onSession({ id: frame.sessionId, keepaliveS: state.keepaliveS, isResumed });
  }

  function ended(end: ConnectionEnd, which: Connection): void {
    if (which === next) {
      next = null;
      log({ event: 'socket-move-failed', reason: `${end.code} ${end.reason}`.trim() });
      // The old one is good until Twitch hangs up.
      if (!current) lose(end);
      return;
    }
    current = null;
    // The session may still be on its way over; but 4004 says that we came too late.
    if (next && end.code !== 4004) become('connecting', null);
    else lose(end);
  }

  function lose(end: ConnectionEnd): void {
    next?.drop();
    next = null;
    const isStable = clocks.now().getTime() >= stableFrom;
    stableFrom = Number.POSITIVE_INFINITY;
    failures = isStable ? 0 : failures;
    const longest = Math.min(clocks.longestPauseMs, clocks.firstPauseMs * 2 ** failures);
    const pauseMs = longest * (0.5 + Math.random() / 2);
    failures += 1;
    state.lastClose = { ...end, at: clocks.now() };
    become('waiting', null);
    log({ event: 'socket-down', ...end, pauseMs: Math.round(pauseMs) });
    handlers.onDown(end);
    void startAfter(pauseMs);
  }

  async function startAfter(pauseMs: number): Promise<void> {
    await clocks.wait(pauseMs, closing.signal).catch(() => null);
    if (!closing.signal.aborted) start();
  }

  function become(status: EventSubSocketState['status'], sessionId: string | null): void {
    Object.assign(state, { status, sessionId, since: clocks.now() });
  }
}

type Welcome = Extract<Frame, { kind: 'welcome' }>;

function withKeepalive(address: string, keepaliveS: number): string {
  const url = new URL(address);
  url.searchParams.set(
    'keepalive_timeout_seconds',
    String(Math.min(600, Math.max(10, Math.round(keepaliveS)))),
  );
  return url.href;
}

/** Whether to go to an address that came from outside: never leave encryption for it. */
export function isTrusted(address: string, configured: string): boolean {
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  return protocol === 'wss:' || (protocol === 'ws:' && new URL(configured).protocol === 'ws:');
}
