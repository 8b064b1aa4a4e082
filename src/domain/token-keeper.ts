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
  /** With a version: only if the pair has not been replaced since. */
  remove(userId: string, version?: number): Promise<unknown>;
}

export type TokenKeeper = ReturnType<typeof createTokenKeeper>;

const refreshLeaseMs = 15_000;
// Two thirds of the lease, so that the last try ends within it.
const saveForMs = 10_000;
const earlyMs = 60_000;
const mostFaultsInARow = 5;

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
  /** About how long before a new pair is saved again when that failed, in milliseconds. */
  saveEveryMs?: number;
}) {
  const { twitch, store, clientId, now, endSessions, log, lookEveryMs = 100, saveEveryMs = 500 } = parts;
  const flights = new Map<string, Promise<UserToken | null>>();

  /** One refresh for all who ask at once, in this process by the map, in all by the claim. */
  async function refresh(dead: UserToken): Promise<UserToken | null> {
    const { userId, version } = dead;
    const flight =
      flights.get(userId) ??
      refreshOnce(dead, () => lose(userId, version)).finally(() => flights.delete(userId));
    flights.set(userId, flight);
    return await flight;
  }

  async function refreshOnce(
    dead: UserToken,
    giveUp: () => Promise<UserToken | null>,
  ): Promise<UserToken | null> {
    const deadline = now().getTime() + 2 * refreshLeaseMs;
    for (;;) {
      const stored = await store.find(dead.userId);
      if (stored === null || stored.version !== dead.version) return stored;
      if (stored.refreshToken === null) return await giveUp();
      if (await store.claimRefresh(dead.userId, dead.version, new Date(now().getTime() + refreshLeaseMs))) {
        const pair = await twitch.refresh(stored.refreshToken).catch(async (error: unknown) => {
          await store.releaseRefresh(dead.userId, dead.version);
          throw error;
        });
        return pair === null ? await giveUp() : await keep(dead, pair);
      }
      if (now().getTime() > deadline)
        throw new Error('Another instance holds the refresh of a token for too long');
      await wait(lookEveryMs);
    }
  }

  /** Twitch hands a pair out once: the database is given several chances to take it. */
  async function keep(dead: UserToken, pair: TokenPair): Promise<UserToken | null> {
    const giveUpAt = now().getTime() + saveForMs;
    for (;;) {
      try {
        // What seemed to fail may have been done, and whoever signed in meanwhile has a newer pair.
        const stored = await store.find(dead.userId);
        if (stored?.version !== dead.version) return stored;
        await store.save(dead.userId, pair);
        return await store.find(dead.userId);
      } catch (error) {
        if (now().getTime() >= giveUpAt) throw error;
        log.warn({ userId: dead.userId, err: error }, 'A new token could not be saved yet');
        await wait(saveEveryMs * (0.5 + Math.random()));
      }
    }
  }

  /** Gives up a pair unless it has been replaced; `version` is `null` for one that cannot be opened. */
  async function lose(userId: string, version: number | null): Promise<UserToken | null> {
    const stored = await store.find(userId);
    if (stored !== null && stored.version !== version) return stored;
    await endSessions(userId);
    await store.remove(userId, version ?? undefined);
    log.info({ userId }, 'Twitch no longer honours the token of a user, who has to sign in again');
    return null;
  }

  async function check(userId: string): Promise<void> {
    const token = await store.find(userId);
    if (token === null) {
      await lose(userId, null);
      return;
    }
    const identity = await twitch.validate(token.accessToken);
    if (identity === null) {
      if ((await refresh(token)) !== null) await store.markValidated(userId, now());
      return;
    }
    if (identity.clientId !== clientId || identity.userId !== userId) await lose(userId, token.version);
    else await store.markValidated(userId, now());
  }

  /**
   * Validates every token last validated before the date. A fault with one of them keeps no other from it;
   * several in a row show that Twitch is away. @throws the first fault, at the end
   */
  async function validateAll(validatedBefore: Date, signal: AbortSignal): Promise<void> {
    const faults = new Map<string, unknown>();
    let faultsInARow = 0;
    for (;;) {
      const due = await store.dueForValidation(validatedBefore, 100 + faults.size);
      const rest = due.filter((userId) => !faults.has(userId));
      if (rest.length === 0 && faults.size > 0) throw [...faults.values()][0];
      if (rest.length === 0) return;
      for (const userId of rest) {
        if (signal.aborted) return;
        try {
          await check(userId);
          faultsInARow = 0;
        } catch (error) {
          faults.set(userId, error);
          faultsInARow += 1;
          if (faultsInARow === mostFaultsInARow) throw error;
        }
      }
    }
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

    /** As `refresh`, but whoever has a newer one at hand loses nothing when Twitch refuses. */
    async revive(dead: UserToken): Promise<UserToken | null> {
      return await refreshOnce(dead, async () => {
        await store.releaseRefresh(dead.userId, dead.version);
        return null;
      });
    },

    validateAll,

    /**
     * The work of validating all tokens every so many milliseconds. When it is tried again after a fault,
     * it leaves out who has passed already.
     */
    validation(everyMs: number): (signal: AbortSignal) => Promise<void> {
      let begunAt: Date | null = null;
      return async (signal) => {
        if (begunAt === null || now().getTime() - begunAt.getTime() >= everyMs) begunAt = now();
        await validateAll(begunAt, signal);
        begunAt = null;
      };
    },
  };
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
