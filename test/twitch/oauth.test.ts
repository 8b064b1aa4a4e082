import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  clientSecret,
  cut,
  failureOf,
  hang,
  json,
  raw,
  reset,
  startFakeTwitch,
  status,
} from './fake-twitch.ts';
import type { FakeTwitch } from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

const now = () => new Date('2026-11-22T08:00:00Z');
const callback = 'https://example.test/twitch/callback';
const pair = {
  access_token: 'access',
  refresh_token: 'refresh',
  expires_in: 14322,
  scope: ['a', 'b'],
  token_type: 'bearer',
};

describe('authorizeUrl', () => {
  it('is the consent page with everything escaped', () => {
    const href = clientOf(fake).authorizeUrl({
      redirectUri: callback,
      state: 'a&b=c',
      scopes: ['user:read:follows', 'user:read:chat'],
    });
    const url = new URL(href);
    expect(url.origin + url.pathname).toBe('https://id.example/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client-1',
      redirect_uri: callback,
      response_type: 'code',
      scope: 'user:read:follows user:read:chat',
      state: 'a&b=c',
    });
    expect(href).not.toContain(clientSecret);
  });
});

describe('exchangeCode', () => {
  it('buys a pair', async () => {
    fake.script('/token', json(pair));
    expect(await clientOf(fake, { now }).exchangeCode('the-code', callback)).toEqual({
      accessToken: 'access',
      refreshToken: 'refresh',
      scopes: ['a', 'b'],
      expiresAt: new Date('2026-11-22T11:58:42Z'),
    });
    expect(Object.fromEntries(fake.asked('/token')[0]?.form ?? [])).toEqual({
      client_id: 'client-1',
      client_secret: clientSecret,
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: callback,
    });
  });

  it.each([
    ['one string', 'a b', ['a', 'b']],
    ['an empty string', '', []],
    ['null', null, []],
    ['absent', undefined, []],
  ])('reads a scope that is %s', async (_, scope, scopes) => {
    fake.script('/token', json({ ...pair, scope, refresh_token: '' }));
    expect(await clientOf(fake).exchangeCode('c', callback)).toMatchObject({ scopes, refreshToken: null });
  });

  it.each([400, 401, 403])('is null when Twitch answers %i', async (code) => {
    fake.script('/token', status(code));
    expect(await clientOf(fake).exchangeCode('c', callback)).toBeNull();
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['500', status(500), 'unavailable'],
    ['503', status(503), 'unavailable'],
    ['429', status(429), 'rate-limited'],
    ['a reset', reset, 'unavailable'],
    ['half a body', cut, 'unavailable'],
    ['silence', hang, 'unavailable'],
    ['HTML', raw('<p>no'), 'malformed'],
    ['a redirect', raw('', 302, { Location: '/token' }), 'malformed'],
  ])('fails, and is never repeated, after %s', async (_, fault, kind) => {
    fake.script('/token', fault);
    expect(await failureOf(clientOf(fake, { deadlineMs: 1000 }).exchangeCode('c', callback))).toMatchObject({
      kind,
      path: '/token',
    });
    expect(fake.requests).toHaveLength(1);
  });

  it('is not repeated even where nobody listens', async () => {
    const retries: unknown[] = [];
    await fake.close();
    const failure = await failureOf(
      clientOf(fake, { log: (entry) => retries.push(entry) }).exchangeCode('c', callback),
    );
    expect(failure).toMatchObject({ kind: 'unavailable', sent: false });
    expect(retries).toEqual([]);
  });
});

describe('refresh', () => {
  it('buys the next pair', async () => {
    fake.script('/token', json({ ...pair, refresh_token: 'next+/=' }));
    expect(await clientOf(fake).refresh('odd+/=&')).toMatchObject({ refreshToken: 'next+/=' });
    expect(fake.asked('/token')[0]?.form.get('refresh_token')).toBe('odd+/=&');
    expect(fake.asked('/token')[0]?.form.get('grant_type')).toBe('refresh_token');
  });

  it.each([400, 401])('is null when Twitch answers %i', async (code) => {
    fake.script('/token', status(code));
    expect(await clientOf(fake).refresh('r')).toBeNull();
  });

  it.each([
    ['403', status(403), 'rejected'],
    ['429', status(429), 'rate-limited'],
    ['500', status(500), 'unavailable'],
    ['503', status(503), 'unavailable'],
    ['a reset', reset, 'unavailable'],
    ['half a body', cut, 'unavailable'],
  ])('fails without declaring the token dead, and without repeating, after %s', async (_, fault, kind) => {
    fake.script('/token', fault);
    expect((await failureOf(clientOf(fake).refresh('r'))).kind).toBe(kind);
    expect(fake.requests).toHaveLength(1);
  });

  it('is tried twice where nobody listens, for then it cannot have been heard', async () => {
    const entries: { event: string }[] = [];
    await fake.close();
    await failureOf(clientOf(fake, { log: (entry) => entries.push(entry) }).refresh('r'));
    expect(entries.map(({ event }) => event)).toEqual(['retry']);
  });
});

describe('validate', () => {
  const identity = {
    client_id: 'client-1',
    login: 'quietotter',
    scopes: ['a'],
    user_id: '88',
    expires_in: 13901,
  };

  it('tells whose token it is', async () => {
    fake.script('/validate', json(identity));
    expect(await clientOf(fake).validate('token-1')).toEqual({
      clientId: 'client-1',
      userId: '88',
      login: 'quietotter',
      scopes: ['a'],
    });
    expect(fake.asked('/validate')[0]?.headers.authorization).toBe('OAuth token-1');
  });

  it.each([
    ['null', { client_id: 'c', login: null, user_id: null, scopes: null, expires_in: 5 }],
    ['empty', { client_id: 'c', login: '', user_id: '', scopes: [], expires_in: 5 }],
    ['absent', { client_id: 'c', expires_in: 5 }],
  ])('knows an app token, its user being %s', async (_, body) => {
    fake.script('/validate', json(body));
    expect(await clientOf(fake).validate('t')).toMatchObject({ userId: null, login: null, scopes: [] });
  });

  it('is null for a dead token', async () => {
    fake.script('/validate', status(401));
    expect(await clientOf(fake).validate('t')).toBeNull();
  });

  it('is asked once more after a fault, and tells of the second', async () => {
    fake.script('/validate', status(500), json(identity), status(502));
    const twitch = clientOf(fake);
    expect(await twitch.validate('t')).not.toBeNull();
    expect(await failureOf(twitch.validate('t'))).toMatchObject({ status: 502, path: '/validate' });
    expect(fake.requests).toHaveLength(4);
  });

  it('sends no header that a broken token forged', async () => {
    fake.script('/validate', json(identity));
    const twitch = clientOf(fake, { pace: { faults: 1 } });
    await twitch.validate('t\r\nX-Evil: 1').catch(() => undefined);
    expect(fake.requests.every(({ headers }) => headers['x-evil'] === undefined)).toBe(true);
    expect(twitch.state().auth.circuit).toBe('closed');
  });
});

describe('revoke', () => {
  it('names the token and the client, without the secret', async () => {
    fake.script('/revoke', raw(''));
    await clientOf(fake).revoke('token-1');
    expect(fake.requests.map(({ method, form }) => [method, form.toString()])).toEqual([
      ['POST', 'client_id=client-1&token=token-1'],
    ]);
  });

  it.each([400, 404])('ignores a %i', async (code) => {
    fake.script('/revoke', status(code));
    await expect(clientOf(fake).revoke('t')).resolves.toBeUndefined();
  });

  it('fails when Twitch does', async () => {
    fake.script('/revoke', status(500));
    expect(await failureOf(clientOf(fake).revoke('t'))).toMatchObject({ status: 500, path: '/revoke' });
  });
});
