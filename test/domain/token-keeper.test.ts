import { describe, expect, it } from 'vitest';
import { createTokenKeeper } from '../../src/domain/token-keeper.ts';
import type { TokenPair, UserToken } from '../../src/domain/user-token.ts';

const start = Date.parse('2026-11-23T12:00:00Z');
const never = new AbortController().signal;

/** One database with two instances before it, as behind a balancer. */
function twoInstances(options: {
  refresh?: TokenPair | null | Error;
  identity?: { clientId: string; userId: string | null } | null;
}) {
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
    async remove() {
      log.push('removed');
      token = null;
    },
  };
  const twitch = {
    async refresh() {
      log.push('refreshed');
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (options.refresh instanceof Error) throw options.refresh;
      return options.refresh ?? null;
    },
    validate: async () => options.identity ?? null,
  };
  const create = () =>
    createTokenKeeper({
      twitch,
      store,
      clientId: 'me',
      now: () => new Date(start),
      lookEveryMs: 2,
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
});
