import type { TwitchErrorKind } from './errors.ts';

/** What is worth a line in a log. Never holds a token, a secret, a code or a query. */
export type TwitchLogEntry =
  | { event: 'circuit'; host: TwitchHost; state: 'closed' | 'open' | 'half-open' }
  | { event: 'retry'; path: string; kind: TwitchErrorKind; status: number | null }
  | { event: 'refused'; path: string; status: number | null }
  | { event: 'items-skipped'; path: string; count: number }
  | { event: 'app-token-issued'; expiresAt: Date }
  | { event: 'app-token-renewal-failed'; status: number | null };

/** `auth` issues tokens, `api` answers with them; each fails on its own. */
export type TwitchHost = 'auth' | 'api';

/** Receives entries; must not throw. */
export type TwitchLog = (entry: TwitchLogEntry) => void;
