import { describe, expect, it } from 'vitest';
import { consentQuery, redirectUri, runSimulator, textIn } from './running-simulator.ts';

const consentAddress = (changes: Record<string, string> = {}) =>
  `/oauth2/authorize?${new URLSearchParams({ ...consentQuery, ...changes }).toString()}`;

describe('the consent page', () => {
  it('offers people and says in words what is asked', async () => {
    const { url } = await runSimulator();
    const response = await fetch(url + consentAddress());
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('Ada_Follows');
    expect(page).toContain('MossAndMarble');
    expect(page).toContain('read chat as you');
    expect(page).toContain('Simulated Twitch');
  });

  it('has a policy without form-action, which would stop the way back', async () => {
    const { url } = await runSimulator();
    const policy = (await fetch(url + consentAddress())).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('form-action');
  });

  it('sends a code, the scope and the unchanged state to the redirect URI', async () => {
    const { authorise } = await runSimulator();
    const response = await authorise({});
    const location = new URL(response.headers.get('location') ?? '');
    expect(response.status).toBe(303);
    expect(location.origin + location.pathname).toBe(redirectUri);
    expect(location.searchParams.get('state')).toBe('a b&c');
    expect(location.searchParams.get('scope')).toBe('user:read:chat user:read:follows');
    expect(location.searchParams.get('code')).toMatch(/^\w{30}$/);
  });

  it('sends access_denied back when the person cancels', async () => {
    const { authorise } = await runSimulator();
    const location = new URL((await authorise({ decision: 'cancel' })).headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('access_denied');
    expect(location.searchParams.get('code')).toBeNull();
  });

  it('sends an unregistered redirect URI to the first registered one', async () => {
    const { url } = await runSimulator();
    for (const wrong of [
      `${redirectUri}/`,
      'http://localhost:8081/twitch/callback',
      'https://evil.invalid/',
    ]) {
      const response = await fetch(url + consentAddress({ redirect_uri: wrong }), { redirect: 'manual' });
      const location = response.headers.get('location') ?? '';
      expect(location).toContain(`${redirectUri}?error=redirect_mismatch`);
      expect(new URL(location).searchParams.get('state')).toBe('a b&c');
    }
  });

  it('refuses an unknown application on a page of its own', async () => {
    const { url } = await runSimulator();
    const response = await fetch(url + consentAddress({ client_id: 'somebody' }), { redirect: 'manual' });
    expect(response.status).toBe(400);
  });

  it('sends an unknown scope and another response type back as errors', async () => {
    const { url } = await runSimulator();
    const locationOf = async (changes: Record<string, string>) =>
      (await fetch(url + consentAddress(changes), { redirect: 'manual' })).headers.get('location');
    expect(await locationOf({ scope: 'user:read:minds' })).toContain('error=invalid_scope');
    expect(await locationOf({ response_type: 'token' })).toContain('error=unsupported_response_type');
  });

  it('asks again when nobody, an unknown or a banned person is chosen', async () => {
    const { authorise, simulator, idOf } = await runSimulator();
    simulator.world.ban('otto');
    for (const person of ['', '1', idOf('otto')]) {
      const response = await authorise({ person });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('Choose a person first');
    }
  });

  it('has the person of an earlier consent chosen, unless force_verify is set or more is asked', async () => {
    const { url, authorise } = await runSimulator();
    const isChosen = async (changes: Record<string, string>) =>
      (await (await fetch(url + consentAddress(changes))).text()).includes('allowed this before');
    expect(await isChosen({})).toBe(false);
    await authorise({});
    expect(await isChosen({})).toBe(true);
    expect(await isChosen({ scope: 'user:read:chat' })).toBe(true);
    expect(await isChosen({ force_verify: 'true' })).toBe(false);
    expect(await isChosen({ scope: 'user:read:chat user:write:chat' })).toBe(false);
  });

  it('takes no answer from another site', async () => {
    const { post } = await runSimulator();
    const response = await post(
      '/oauth2/authorize',
      { ...consentQuery, decision: 'authorise' },
      { 'Sec-Fetch-Site': 'cross-site' },
    );
    expect(response.status).toBe(403);
  });

  it('escapes hostile text in parameters and names', async () => {
    const { url, simulator } = await runSimulator();
    simulator.world.makeHostile('ada_follows');
    const page = await (await fetch(url + consentAddress({ state: '"><script>alert(1)</script>' }))).text();
    expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)');
    expect(page.replaceAll(/<script type="module" src="[^"]*">/g, '')).not.toMatch(/<script|<img src=x/);
  });
});

describe('the token endpoint', () => {
  it('exchanges a code once, for a pair with its scopes', async () => {
    const { code, token } = await runSimulator();
    const given = { grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri };
    const first = await token(given);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      scope: ['user:read:chat', 'user:read:follows'],
      token_type: 'bearer',
      expires_in: 14_400,
    });
    expect(await token(given)).toEqual({
      status: 400,
      body: { status: 400, message: 'Invalid authorization code' },
    });
  });

  it('leaves the scope out when none was granted', async () => {
    const { code, token } = await runSimulator();
    const answer = await token({
      grant_type: 'authorization_code',
      code: await code({ scope: '' }),
      redirect_uri: redirectUri,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('scope');
  });

  it('refuses a code for another redirect URI or after ten minutes', async () => {
    let now = Date.now();
    const { code, token } = await runSimulator({ now: () => new Date(now) });
    const grant_type = 'authorization_code';
    expect((await token({ grant_type, code: await code(), redirect_uri: `${redirectUri}/` })).status).toBe(
      400,
    );
    const old = await code();
    now += 10 * 60_000;
    expect((await token({ grant_type, code: old, redirect_uri: redirectUri })).body['message']).toBe(
      'Invalid authorization code',
    );
  });

  it('checks the client, in the body only', async () => {
    const { url, token } = await runSimulator();
    const grant_type = 'client_credentials';
    expect(await token({ grant_type, client_secret: 'wrong' })).toMatchObject({
      status: 403,
      body: { status: 403, message: 'invalid client secret' },
    });
    expect((await token({ grant_type, client_id: 'wrong' })).status).toBe(400);
    const query = 'client_id=simulated-client&client_secret=simulated-secret&grant_type=client_credentials';
    const inQuery = await fetch(`${url}/oauth2/token?${query}`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('simulated-client:simulated-secret')}` },
    });
    expect(inQuery.status).toBe(400);
  });

  it('refuses an unknown and a missing grant type', async () => {
    const { token } = await runSimulator();
    expect((await token({})).status).toBe(400);
    expect((await token({ grant_type: 'password' })).status).toBe(400);
  });

  it('refreshes with the same refresh token again and again, or with a new one each time', async () => {
    const { code, token, simulator } = await runSimulator();
    const pair = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token });
    const old = textIn(pair, 'refresh_token');
    expect((await refresh(old)).body['refresh_token']).toBe(old);
    simulator.tokens.settings.rotating = true;
    const rotated = await refresh(old);
    expect(rotated.body['refresh_token']).not.toBe(old);
    expect((await refresh(old)).status).toBe(400);
    expect((await refresh(textIn(rotated.body, 'refresh_token'))).status).toBe(200);
  });

  it('honours a refresh token from before a restart, and none that it did not sign', async () => {
    const { code, token } = await runSimulator();
    const form = { grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri };
    const refresh_token = textIn((await token(form)).body, 'refresh_token');
    const restarted = await runSimulator();
    const again = await restarted.token({ grant_type: 'refresh_token', refresh_token });
    expect(again.status).toBe(200);
    const stranger = await runSimulator({ clientSecret: 'another-secret' });
    const refused = await stranger.token({
      grant_type: 'refresh_token',
      refresh_token,
      client_secret: 'another-secret',
    });
    expect(refused.status).toBe(400);
  });

  it('answers 401 to the refresh token of somebody who disconnected', async () => {
    const { code, token, simulator, idOf } = await runSimulator();
    const pair = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    simulator.tokens.revokeUser(idOf('ada_follows'));
    expect(
      (await token({ grant_type: 'refresh_token', refresh_token: textIn(pair, 'refresh_token') })).status,
    ).toBe(401);
    expect((await token({ grant_type: 'refresh_token', refresh_token: 'nonsense' })).status).toBe(400);
  });
});

describe('validate and revoke', () => {
  it('tells who a user token belongs to, with either scheme', async () => {
    const { url, code, token, idOf } = await runSimulator();
    const pair = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    for (const scheme of ['OAuth', 'Bearer']) {
      const response = await fetch(`${url}/oauth2/validate`, {
        headers: { Authorization: `${scheme} ${textIn(pair, 'access_token')}` },
      });
      expect(await response.json()).toMatchObject({
        client_id: 'simulated-client',
        login: 'ada_follows',
        user_id: idOf('ada_follows'),
      });
    }
  });

  it('names nobody for an app token', async () => {
    const { url, appToken } = await runSimulator();
    const response = await fetch(`${url}/oauth2/validate`, {
      headers: { Authorization: `OAuth ${await appToken()}` },
    });
    const body = await response.json();
    expect(body).toMatchObject({ client_id: 'simulated-client', scopes: null });
    expect(body).not.toHaveProperty('login');
    expect(body).not.toHaveProperty('user_id');
  });

  it('refuses a token at the end of its time', async () => {
    let now = Date.now();
    const { url, appToken } = await runSimulator({ now: () => new Date(now), tokens: { appTokenS: 60 } });
    const headers = { Authorization: `OAuth ${await appToken()}` };
    now += 59_000;
    const { status } = await fetch(`${url}/oauth2/validate`, { headers });
    now += 1000;
    expect([status, (await fetch(`${url}/oauth2/validate`, { headers })).status]).toEqual([200, 401]);
  });

  it('refuses a token that is expired, revoked or invented', async () => {
    const { url, appToken, post, simulator } = await runSimulator();
    const statusOf = async (token: string) =>
      (await fetch(`${url}/oauth2/validate`, { headers: { Authorization: `OAuth ${token}` } })).status;
    const [expired, revoked] = [await appToken(), await appToken()];
    const revoke = () => post('/oauth2/revoke', { client_id: 'simulated-client', token: revoked });
    expect(await statusOf(revoked)).toBe(200);
    expect((await revoke()).status).toBe(200);
    expect((await revoke()).status).toBe(400);
    expect(await statusOf(revoked)).toBe(401);
    expect(await statusOf(expired)).toBe(200);
    simulator.tokens.expireAccess(null);
    expect(await statusOf(expired)).toBe(401);
    expect(await statusOf('invented')).toBe(401);
    expect((await post('/oauth2/revoke', { client_id: 'other', token: revoked })).status).toBe(404);
  });
});

describe('the memory of codes and access tokens', () => {
  it('is swept of what has expired whenever a new one is issued', async () => {
    let now = Date.now();
    const { code, appToken, token, simulator } = await runSimulator({
      now: () => new Date(now),
      tokens: { appTokenS: 60, codeS: 60 },
    });
    await code();
    await appToken();
    now += 59_000;
    const lively = await code();
    await appToken();
    expect(simulator.tokens.kept()).toBe(4);
    now += 1_000;
    await appToken();
    expect(simulator.tokens.kept()).toBe(4);
    await code();
    expect(simulator.tokens.kept()).toBe(4);
    const answer = await token({ grant_type: 'authorization_code', code: lively, redirect_uri: redirectUri });
    expect(answer.status).toBe(200);
  });
});
