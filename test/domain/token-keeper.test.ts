import { describe, expect, it } from 'vitest';
import { createTokenKeeper } from '../../src/domain/token-keeper.ts';
import type { TokenPair, UserToken } from '../../src/domain/user-token.ts';

const start = Date.parse('2026-11-23T12:00:00Z');
const never = new AbortController().signal;

/** One database with two instances before it, as behind a balancer. */
function twoInstances(options: {
  refresh?: TokenPair | null | Error;
  identity?: { clientId: string; userId: string | null } | null;
  /** How often saving fails, a second each, before it works. */
  saveFaults?: number;
  /** Runs while Twitch is asked to refresh. */
  meanwhile?: (signInAgain: () => void) => void;
}) {
  let time = start;
  let saveFaults = options.saveFaults ?? 0;
  let token: UserToken | null = {
    userId: '1',
    version: 1,
    accessToken: 'old',
    refreshToken: 'r1',
    scopes: [],
    expiresAt: new Date(start - 1),
  };
  let claimedUntil = 0;
  const log: string[] = [];
  const validated: string[] = [];
  const store = {
    find: async () => token,
    async save(userId: string, pair: TokenPair) {
      if (saveFaults > 0) {
        saveFaults -= 1;
        time += 1_000;
        log.push('not saved');
        throw new Error('The database is away');
      }
      log.push('saved');
      token = { ...pair, userId, version: (token?.version ?? 0) + 1 };
      claimedUntil = 0;
    },
    async claimRefresh(_userId: string, version: number, until: Date) {
      if (token?.version !== version || claimedUntil > start) return false;
      claimedUntil = until.getTime();
      return true;
    },
    async releaseRefresh() {
      claimedUntil = 0;
    },
    dueForValidation: async () => (token === null || validated.length > 0 ? [] : ['1']),
    markValidated: async (userId: string) => void validated.push(userId),
    async remove(_userId: string, version?: number) {
      if (version !== undefined && token?.version !== version) return;
      log.push('removed');
      token = null;
    },
  };
  const twitch = {
    async refresh() {
      log.push('refreshed');
      await new Promise((resolve) => setTimeout(resolve, 10));
      options.meanwhile?.(signInAgain);
      if (options.refresh instanceof Error) throw options.refresh;
      return options.refresh ?? null;
    },
    validate: async () => options.identity ?? null,
  };
  function signInAgain(): void {
    token = { ...newPair, accessToken: 'signed in again', userId: '1', version: 2 };
  }
  const create = () =>
    createTokenKeeper({
      twitch,
      store,
      clientId: 'me',
      now: () => new Date(time),
      lookEveryMs: 2,
      saveEveryMs: 2,
      endSessions: async () => log.push('sessions ended'),
      log: { info: () => undefined, warn: () => undefined },
    });
  return { keepers: [create(), create()] as const, log, validated };
}

const newPair: TokenPair = {
  accessToken: 'new',
  refreshToken: 'r2',
  scopes: [],
  expiresAt: new Date(start + 14_000_000),
};

describe('the keeper of tokens', () => {
  it('refreshes once for sixty who ask at once at two instances, and stores before anybody uses', async () => {
    const { keepers, log } = twoInstances({ refresh: newPair });
    const tokens = await Promise.all(
      Array.from({ length: 60 }, (_, index) => keepers[index % 2 === 0 ? 0 : 1].fresh('1')),
    );
    expect(tokens.map((token) => token?.accessToken)).toEqual(Array(60).fill('new'));
    expect(log).toEqual(['refreshed', 'saved']);
  });

  it('ends the sessions before it forgets a token that Twitch will not refresh', async () => {
    const { keepers, log } = twoInstances({ refresh: null });
    expect(await keepers[0].fresh('1')).toBeNull();
    expect(log).toEqual(['refreshed', 'sessions ended', 'removed']);
  });

  it('keeps token and sessions when Twitch fails, and lets the next one try', async () => {
    const { keepers, log } = twoInstances({ refresh: new Error('503') });
    await expect(keepers[0].fresh('1')).rejects.toThrow('503');
    await expect(keepers[1].fresh('1')).rejects.toThrow('503');
    expect(log).toEqual(['refreshed', 'refreshed']);
  });

  it('revives a token for who has another, who loses nothing when Twitch refuses', async () => {
    const dead = { ...newPair, accessToken: 'old', refreshToken: 'r1', userId: '1', version: 1 };
    const refused = twoInstances({ refresh: null });
    expect(await refused.keepers[0].revive(dead)).toBeNull();
    expect(await refused.keepers[1].revive(dead)).toBeNull();
    expect(refused.log).toEqual(['refreshed', 'refreshed']);
    const { keepers, log } = twoInstances({ refresh: newPair });
    const revived = await Promise.all(keepers.map((keeper) => keeper.revive(dead)));
    expect(revived.map((token) => token?.accessToken)).toEqual(['new', 'new']);
    expect(log).toEqual(['refreshed', 'saved']);
  });

  it('marks a token that is still honoured', async () => {
    const { keepers, log, validated } = twoInstances({ identity: { clientId: 'me', userId: '1' } });
    await keepers[0].validateAll(new Date(start), never);
    expect(validated).toEqual(['1']);
    expect(log).toEqual([]);
  });

  it('refreshes one that is not, and ends the sessions when that fails', async () => {
    const alive = twoInstances({ identity: null, refresh: newPair });
    await alive.keepers[0].validateAll(new Date(start), never);
    expect(alive.log).toEqual(['refreshed', 'saved']);
    const dead = twoInstances({ identity: null, refresh: null });
    await dead.keepers[0].validateAll(new Date(start), never);
    expect(dead.log).toEqual(['refreshed', 'sessions ended', 'removed']);
  });

  it.each([
    { clientId: 'another app', userId: '1' },
    { clientId: 'me', userId: '2' },
  ])('ends the sessions when the token belongs to %o', async (identity) => {
    const { keepers, log } = twoInstances({ identity });
    await keepers[0].validateAll(new Date(start), never);
    expect(log).toEqual(['sessions ended', 'removed']);
  });

  it('leaves a pair alone that replaced the dead one meanwhile, and the sessions with it', async () => {
    for (const refresh of [null, newPair]) {
      const { keepers, log } = twoInstances({ refresh, meanwhile: (signInAgain) => signInAgain() });
      expect(await keepers[0].fresh('1')).toMatchObject({ accessToken: 'signed in again' });
      expect(log).toEqual(['refreshed']);
    }
  });

  it('saves a new pair again when the database was away for a moment', async () => {
    const { keepers, log } = twoInstances({ refresh: newPair, saveFaults: 2 });
    expect(await keepers[0].fresh('1')).toMatchObject({ accessToken: 'new' });
    expect(log).toEqual(['refreshed', 'not saved', 'not saved', 'saved']);
  });

  it('gives up saving within the time of its claim', async () => {
    const { keepers, log } = twoInstances({ refresh: newPair, saveFaults: 100 });
    await expect(keepers[0].fresh('1')).rejects.toThrow('away');
    expect(log).toHaveLength(11);
  });
});

/** A database of tokens; those of `poisoned` cannot be asked about. */
function manyTokens(count: number, poisoned: (userId: string) => boolean) {
  const validatedAt = new Map(Array.from({ length: count }, (_, index) => [String(index), 0]));
  const clock = { time: start };
  const asked: string[] = [];
  const keeper = createTokenKeeper({
    twitch: {
      refresh: async () => null,
      async validate(userId) {
        asked.push(userId);
        if (poisoned(userId)) throw new Error(`500 for ${userId}`);
        return { clientId: 'me', userId };
      },
    },
    store: {
      find: async (userId) => ({ ...newPair, userId, version: 1, accessToken: userId }),
      save: async () => undefined,
      claimRefresh: async () => true,
      releaseRefresh: async () => undefined,
      dueForValidation: async (before, limit) =>
        [...validatedAt].flatMap(([userId, at]) => (at < before.getTime() ? [userId] : [])).slice(0, limit),
      markValidated: async (userId, at) => void validatedAt.set(userId, at.getTime()),
      remove: async () => undefined,
    },
    clientId: 'me',
    now: () => new Date(clock.time),
    endSessions: async () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  });
  return { keeper, asked, clock };
}

describe('validation of many', () => {
  const hour = 3_600_000;

  it('goes on after a fault with one, and tells of it at the end', async () => {
    const { keeper, asked } = manyTokens(250, (userId) => Number(userId) % 2 === 0);
    await expect(keeper.validateAll(new Date(start), never)).rejects.toThrow('500 for 0');
    expect(asked).toHaveLength(250);
    expect(new Set(asked).size).toBe(250);
  });

  it('stops after five faults in a row, for Twitch is away', async () => {
    const { keeper, asked } = manyTokens(250, () => true);
    await expect(keeper.validateAll(new Date(start), never)).rejects.toThrow('500');
    expect(asked).toHaveLength(5);
  });

  it('asks again only about those who failed, and about all when an interval has passed', async () => {
    const { keeper, asked, clock } = manyTokens(3, (userId) => userId === '1');
    const work = keeper.validation(hour);
    await expect(work(never)).rejects.toThrow('500');
    clock.time += 5_000;
    await expect(work(never)).rejects.toThrow('500');
    expect(asked).toEqual(['0', '1', '2', '1']);
    clock.time += hour;
    await expect(work(never)).rejects.toThrow('500');
    expect(asked.slice(4)).toEqual(['0', '1', '2']);
  });

  it('asks about all each time when there is no fault', async () => {
    const { keeper, asked, clock } = manyTokens(2, () => false);
    const work = keeper.validation(hour);
    await work(never);
    clock.time += hour - 1;
    await work(never);
    expect(asked).toEqual(['0', '1', '0', '1']);
  });
});
