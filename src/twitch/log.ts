import type { TwitchErrorKind } from './errors.ts';

/** What is worth a line in a log. Never holds a token, a secret, a code or a query. */
export type TwitchLogEntry =
  | { event: 'circuit'; host: TwitchHost; state: 'closed' | 'open' | 'half-open' }
  | { event: 'retry'; path: string; kind: TwitchErrorKind; status: number | null }
  | { event: 'refused'; path: string; status: number | null }
  | { event: 'items-skipped'; path: string; count: number }
  | { event: 'list-cut'; path: string; pages: number }
  | { event: 'app-token-issued'; expiresAt: Date }
  | { event: 'app-token-renewal-failed'; status: number | null }
  | { event: 'socket-open'; isResumed: boolean; keepaliveS: number }
  | { event: 'socket-moving' }
  | { event: 'socket-move-failed'; reason: string }
  | { event: 'socket-down'; code: number; reason: string; pauseMs: number };

/** `auth` issues tokens, `api` and `eventsub` answer with them; each fails on its own. */
export type TwitchHost = 'auth' | 'api' | 'eventsub';

/** Receives entries; must not throw. */
export type TwitchLog = (entry: TwitchLogEntry) => void;
