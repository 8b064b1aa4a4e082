import type { Knex } from 'knex';
import { createConduits } from './conduits.ts';
import type { Conduits } from './conduits.ts';
import { createDatabase } from './database.ts';
import { createEvents } from './events.ts';
import type { Events } from './events.ts';
import { createFavourites } from './favourites.ts';
import type { Favourites } from './favourites.ts';
import { createHealth } from './health.ts';
import type { Health } from './health.ts';
import { createReports } from './reports.ts';
import type { Reports } from './reports.ts';
import { SessionStore } from './session-store.ts';
import type { SessionStoreOptions } from './session-store.ts';
import { createSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { createStreamers } from './streamers.ts';
import type { Streamers } from './streamers.ts';
import type { TokenCipher } from './token-cipher.ts';
import { createTokens } from './tokens.ts';
import type { Tokens } from './tokens.ts';
import { createUsers } from './users.ts';
import type { Users } from './users.ts';
import { createWatches } from './watches.ts';
import type { Watches } from './watches.ts';

export { connect } from './connection.ts';
export type { ConnectionSettings } from './connection.ts';
export type { AppendResult } from './event-append.ts';
export type { HistoryFilter } from './event-history.ts';
export type { Events } from './events.ts';
export { openEmbedded } from './embedded.ts';
export { migrate } from './migrate.ts';
export { SessionStore } from './session-store.ts';
export { startSessionSweep } from './session-sweep.ts';
export { createTokenCipher } from './token-cipher.ts';

/** Everything that is kept. Any call may throw `AppError('unavailable')`. */
export interface Store {
  users: Users;
  tokens: Tokens;
  sessions: Sessions;
  streamers: Streamers;
  favourites: Favourites;
  events: Events;
  reports: Reports;
  watches: Watches;
  conduits: Conduits;
  health: Health;
  /** For express-session's `store`. */
  createSessionStore(options?: Omit<SessionStoreOptions, 'now'>): SessionStore;
}

/** The repositories over one pool. `now` is in milliseconds and moves on its own in production only. */
export function createStore(parts: { knex: Knex; tokenCipher: TokenCipher; now?: () => number }): Store {
  const { knex, tokenCipher, now = Date.now } = parts;
  const database = createDatabase(knex);
  return {
    users: createUsers(database, now),
    tokens: createTokens(database, tokenCipher, now),
    sessions: createSessions(database, now),
    streamers: createStreamers(database),
    favourites: createFavourites(database, now),
    events: createEvents(database, now),
    reports: createReports(database, now),
    watches: createWatches(database),
    conduits: createConduits(database, now),
    health: createHealth(database),
    createSessionStore: (options) => new SessionStore(database, { ...options, now }),
  };
}
