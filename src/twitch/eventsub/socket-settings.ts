import { setTimeout as sleep } from 'node:timers/promises';
import type { TwitchLog } from '../log.ts';
import type { ConnectionEnd } from './connection.ts';
import type { Revocation } from './envelope.ts';
import type { EventSubMessage } from './message.ts';

/** A session begins. When it `isResumed`, its subscriptions and its shard have moved along: ask for nothing. */
export interface EventSubSession {
  id: string;
  /** How long Twitch may be silent. */
  keepaliveS: number;
  isResumed: boolean;
}

/** Called as things happen; must not throw. */
export interface EventSubSocketHandlers {
  /** Unless it is resumed, Twitch hangs up within 10 s if nobody subscribes or attaches a shard. */
  onSession(session: EventSubSession): void;
  /** Each message once, as far as the last 2,000 tell. */
  onMessage(message: EventSubMessage): void;
  onRevocation(revocation: Revocation): void;
  /** There is no session any more, or a try to get one failed; the next try follows by itself. */
  onDown(end: ConnectionEnd): void;
}

/** How it stands. */
export interface EventSubSocketState {
  /** `waiting`: for the next try. */
  status: 'connecting' | 'open' | 'waiting' | 'closed';
  sessionId: string | null;
  /** Since when the status is this one. */
  since: Date;
  /** When anything readable came, keepalives too. */
  lastMessageAt: Date | null;
  keepaliveS: number;
  /** Sessions after the first one, resumed ones too. */
  reconnects: number;
  lastClose: (ConnectionEnd & { at: Date }) | null;
  /** Frames that could not be read, and messages older than ten minutes. */
  ignored: number;
}

/** Messages from Twitch for as long as it is not closed. */
export interface EventSubSocket {
  state(): EventSubSocketState;
  /** For good; no handler is called after that. */
  close(): void;
  /** For good as well, but what is under way is still heard, for a second. */
  retire(): void;
}

/** Milliseconds, and the clocks behind them. */
export interface EventSubClocks {
  now: () => Date;
  /** Waits between tries, or ends early with the signal, by rejecting or not. */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  welcomeMs: number;
  /** How long Twitch keeps an old session while we move. */
  moveMs: number;
  /** The first pause before a new try, about; each failure in a row doubles it. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** A session that lasted so long ends a row of failures; one that is hung up on at once does not. */
  stableMs: number;
}

/** `keepaliveS` is asked of Twitch, which takes 10 to 600; 30 by default. */
export interface EventSubSocketSettings {
  url: string;
  keepaliveS?: number;
  handlers: EventSubSocketHandlers;
  log?: TwitchLog;
  clocks?: Partial<EventSubClocks>;
}

/** As Twitch's guide to EventSub over WebSockets has them. */
export const usualClocks: EventSubClocks = {
  now: () => new Date(),
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  welcomeMs: 10_000,
  moveMs: 30_000,
  firstPauseMs: 500,
  longestPauseMs: 60_000,
  stableMs: 60_000,
};
