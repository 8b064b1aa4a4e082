import type { TokenPair, UserToken } from './user-token.ts';

/** What the keeper wants of Twitch: `null` means that Twitch no longer honours the token. */
export interface KeeperTwitch {
  refresh(refreshToken: string): Promise<TokenPair | null>;
  validate(accessToken: string): Promise<{ clientId: string; userId: string | null } | null>;
}

/** What the keeper wants of the database. */
export interface KeeperStore {
  find(userId: string): Promise<UserToken | null>;
  save(userId: string, pair: TokenPair): Promise<void>;
  /** True for exactly one caller of all instances, until the date. */
  claimRefresh(userId: string, version: number, until: Date): Promise<boolean>;
  releaseRefresh(userId: string, version: number): Promise<void>;
  dueForValidation(validatedBefore: Date, limit: number): Promise<string[]>;
  markValidated(userId: string, at: Date): Promise<void>;
  remove(userId: string): Promise<unknown>;
}

export type TokenKeeper = ReturnType<typeof createTokenKeeper>;

const refreshLeaseMs = 15_000;
const earlyMs = 60_000;

/**
 * Keeps the tokens of users alive. Twitch demands that an app validates them at its start and hourly,
 * and ends what rests on those that are dead (dev.twitch.tv, "Validating Tokens").
 */
export function createTokenKeeper(parts: {
  twitch: KeeperTwitch;
  store: KeeperStore;
  clientId: string;
  now: () => Date;
  /** Ends all sessions of the user. */
  endSessions: (userId: string) => Promise<unknown>;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  /** How often to look whether another instance is done refreshing, in milliseconds. */
  lookEveryMs?: number;
}) {
  const { twitch, store, clientId, now, endSessions, log, lookEveryMs = 100 } = parts;
  const flights = new Map<string, Promise<UserToken | null>>();

  /** One refresh for all who ask at once, in this process by the map, in all by the claim. */
  async function refresh(dead: UserToken): Promise<UserToken | null> {
    const flight = flights.get(dead.userId) ?? refreshOnce(dead).finally(() => flights.delete(dead.userId));
    flights.set(dead.userId, flight);
    return await flight;
  }

  async function refreshOnce(dead: UserToken): Promise<UserToken | null> {
    const deadline = now().getTime() + 2 * refreshLeaseMs;
    for (;;) {
      const stored = await store.find(dead.userId);
      if (stored === null || stored.version !== dead.version) return stored;
      if (stored.refreshToken === null) return await lose(dead.userId);
      if (await store.claimRefresh(dead.userId, dead.version, new Date(now().getTime() + refreshLeaseMs))) {
        const pair = await twitch.refresh(stored.refreshToken).catch(async (error: unknown) => {
          await store.releaseRefresh(dead.userId, dead.version);
          throw error;
        });
        if (pair === null) return await lose(dead.userId);
        await store.save(dead.userId, pair);
        return await store.find(dead.userId);
      }
      if (now().getTime() > deadline)
        throw new Error('Another instance holds the refresh of a token for too long');
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  async function lose(userId: string): Promise<null> {
    await endSessions(userId);
    await store.remove(userId);
    log.info({ userId }, 'Twitch no longer honours the token of a user, who has to sign in again');
    return null;
  }

  async function check(userId: string): Promise<void> {
    const token = await store.find(userId);
    if (token === null) {
      await lose(userId);
      return;
    }
    const identity = await twitch.validate(token.accessToken);
    if (identity === null) {
      if ((await refresh(token)) !== null) await store.markValidated(userId, now());
      return;
    }
    if (identity.clientId !== clientId || identity.userId !== userId) await lose(userId);
    else await store.markValidated(userId, now());
  }

  return {
    /** A usable token, refreshed when it is about to end; `null` when the user has to sign in again. */
    async fresh(userId: string): Promise<UserToken | null> {
      const token = await store.find(userId);
      if (token === null || token.expiresAt.getTime() > now().getTime() + earlyMs) return token;
      return await refresh(token);
    },

    /** To be called with a token that Twitch has just refused. */
    refresh,

    /** Validates every token last validated before the date; a fault of Twitch leaves the rest for later. */
    async validateAll(validatedBefore: Date, signal: AbortSignal): Promise<void> {
      for (;;) {
        const due = await store.dueForValidation(validatedBefore, 100);
        if (due.length === 0) return;
        for (const userId of due) {
          if (signal.aborted) return;
          await check(userId);
        }
      }
    },
  };
}
