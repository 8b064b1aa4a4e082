import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createSignIn } from '../../src/domain/sign-in.ts';
import type { Profile } from '../../src/domain/streamer.ts';
import type { TokenPair, UserToken } from '../../src/domain/user-token.ts';

const never = () => new Promise<never>(() => undefined);
const pair: TokenPair = { accessToken: 'new', refreshToken: 'r', scopes: [], expiresAt: new Date() };
const profile: Profile = {
  id: '1',
  login: 'lumi',
  displayName: 'Lumi',
  description: '',
  profileImageUrl: null,
  offlineImageUrl: null,
};

function signingIn(
  options: {
    users?: () => Promise<Profile[]>;
    revoke?: () => Promise<void>;
    saveUser?: () => Promise<void>;
    former?: TokenPair;
    revived?: TokenPair | null;
    isAllowed?: boolean;
    deadlineMs?: number;
    validate?: (accessToken: string) => Promise<{ clientId: string; userId: string } | null>;
  } = {},
) {
  const log: string[] = [];
  const signIn = createSignIn({
    twitch: {
      authorizeUrl: ({ scopes }) => `https://id.example/?scope=${scopes.join('+')}`,
      exchangeCode: async () => pair,
      validate: options.validate ?? (async () => ({ clientId: 'me', userId: '1' })),
      usersByIds: options.users ?? (async () => [profile]),
      async revoke(accessToken) {
        log.push(`revoked ${accessToken}`);
        await options.revoke?.();
      },
    },
    store: {
      findToken: async () => (options.former === undefined ? null : stored(options.former)),
      reviveToken: async () => {
        log.push('asked to refresh');
        return options.revived ? stored(options.revived) : null;
      },
      saveUser: options.saveUser ?? (async () => undefined),
      saveToken: async () => void log.push('saved'),
    },
    clientId: 'me',
    redirectUri: 'https://app.example/callback',
    isAllowed: () => options.isAllowed ?? true,
    now: () => new Date(),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  return { signIn, log };
}

const stored = (token: TokenPair): UserToken => ({ ...token, userId: '1', version: 1 });
const broken = () => Promise.reject(new Error('503'));

describe('completing a sign-in', () => {
  it('stores the pair and revokes nothing', async () => {
    const { signIn, log } = signingIn();
    expect(await signIn.complete('code')).toMatchObject({ id: '1', login: 'lumi' });
    expect(log).toEqual(['saved']);
  });

  it('revokes the former token once the new one is saved, waiting for nobody', async () => {
    const { signIn, log } = signingIn({ former: { ...pair, accessToken: 'former' }, revoke: never });
    await signIn.complete('code');
    expect(log).toEqual(['saved', 'revoked former']);
  });

  it('keeps a former token that was allowed more, and gives the new one back', async () => {
    const former = { ...pair, accessToken: 'former', scopes: ['user:read:chat'] };
    const { signIn, log } = signingIn({ former });
    await signIn.complete('code');
    expect(log).toEqual(['revoked new']);
  });

  it('does not hold on to a wider token that Twitch no longer honours', async () => {
    const former = { ...pair, accessToken: 'former', scopes: ['user:read:chat'] };
    const { signIn, log } = signingIn({
      former,
      validate: async (token) => (token === 'former' ? null : { clientId: 'me', userId: '1' }),
    });
    await signIn.complete('code');
    expect(log).toEqual(['asked to refresh', 'saved', 'revoked former']);
  });

  it('refreshes a wider token that has only expired, and gives the new one back', async () => {
    const former = { ...pair, accessToken: 'former', scopes: ['user:read:chat'] };
    const { signIn, log } = signingIn({
      former,
      revived: { ...former, accessToken: 'refreshed' },
      validate: async (token) => (token === 'former' ? null : { clientId: 'me', userId: '1' }),
    });
    await signIn.complete('code');
    expect(log).toEqual(['asked to refresh', 'revoked new']);
  });

  it('keeps a token that Twitch has issued a second time', async () => {
    const { signIn, log } = signingIn({ former: pair });
    await signIn.complete('code');
    expect(log).toEqual(['saved']);
  });

  it('stores nothing of somebody else than whom more was asked of, and gives the token back', async () => {
    const { signIn, log } = signingIn();
    await expect(signIn.complete('code', '2')).rejects.toMatchObject({ displayName: 'Lumi' });
    expect(log).toEqual(['revoked new']);
  });

  it('leaves a token that somebody else has stored already', async () => {
    const { signIn, log } = signingIn({ former: pair });
    await expect(signIn.complete('code', '2')).rejects.toMatchObject({ displayName: 'Lumi' });
    expect(log).toEqual([]);
  });

  it('takes no longer than its deadline, and leaves no token behind that arrives later', async () => {
    const twitch = new EventEmitter();
    const users = () => once(twitch, 'answer').then(() => [profile]);
    const { signIn, log } = signingIn({ users, deadlineMs: 20 });
    await expect(signIn.complete('code')).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 10 });
    twitch.emit('answer');
    await expect.poll(() => log).toEqual(['revoked new']);
  });

  it('waits for no revocation when it refuses somebody', async () => {
    const { signIn, log } = signingIn({ isAllowed: false, revoke: never });
    await expect(signIn.complete('code')).rejects.toMatchObject({ code: 'forbidden' });
    expect(log).toEqual(['revoked new']);
  });

  it.each([
    { users: broken, says: '503' },
    { saveUser: broken, says: '503' },
    { users: async () => [], says: 'does not know this account' },
  ])('revokes the token when a later step fails, whatever comes of it: %#', async ({ says, ...options }) => {
    const { signIn, log } = signingIn({ ...options, revoke: broken });
    await expect(signIn.complete('code')).rejects.toThrow(says);
    expect(log).toEqual(['revoked new']);
  });
});

describe('beginning a sign-in', () => {
  const former = { ...pair, scopes: ['channel:read:polls'] };

  it('asks for no scope', async () => {
    const { signIn } = signingIn({ former });
    expect((await signIn.begin('/')).url).toBe('https://id.example/?scope=');
  });

  it('adds what is wished for to what was allowed before', async () => {
    const { signIn } = signingIn({ former });
    const { url } = await signIn.begin('/account', { scopes: ['user:read:chat'], userId: '1' });
    expect(url).toBe('https://id.example/?scope=channel:read:polls+user:read:chat');
  });

  it.each([
    'user:edit',
    'channel:manage:broadcast',
    'channel:read:stream_key',
    'user:read:email',
    'user:read:chat openid',
    'x',
  ])('asks Twitch for what can be turned on only, not for %s', async (scope) => {
    const { signIn } = signingIn();
    await expect(signIn.begin('/', { scopes: ['bits:read', scope], userId: null })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});
