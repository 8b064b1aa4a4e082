import { describe, expect, it } from 'vitest';
import { nastyText } from '../../src/simulator/index.ts';
import { fieldsOf, redirectUri, runSimulator, textIn } from './running-simulator.ts';

const ids = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}=${index + 1}`).join('&');

describe('admission', () => {
  it('answers 401 in the words of Twitch without a token, without a client and for a client that does not fit', async () => {
    const { url, appToken, helix } = await runSimulator();
    const token = await appToken();
    const missing = await fetch(`${url}/helix/users?login=otto`);
    expect(await missing.json()).toEqual({
      error: 'Unauthorized',
      status: 401,
      message: 'OAuth token is missing',
    });
    const withoutClient = await fetch(`${url}/helix/users?login=otto`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await withoutClient.json()).toMatchObject({ status: 401, message: 'Client ID is missing' });
    expect((await helix('/users?login=otto', 'invented')).body['message']).toBe('Invalid OAuth token');
    expect((await helix('/users?login=otto', token, { 'Client-Id': 'other' })).status).toBe(401);
    expect((await helix('/users?login=otto', token)).status).toBe(200);
  });

  it('admits nobody who is banned', async () => {
    const { code, token, helix, simulator } = await runSimulator();
    const user = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    const statusOf = async () => (await helix('/users?login=otto', textIn(user, 'access_token'))).status;
    expect(await statusOf()).toBe(200);
    simulator.world.ban('ada_follows');
    expect(await statusOf()).toBe(401);
  });

  it('counts down a bucket, says when it is full, and answers 429 when it is empty', async () => {
    let now = 1_000_000_000_000;
    const { appToken, helix, simulator } = await runSimulator({ now: () => new Date(now) });
    simulator.rateLimit.set(2, 10_000);
    const token = await appToken();
    const first = await helix('/users?login=otto', token);
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(first.headers.get('ratelimit-reset')).toBe('1000000005');
    await helix('/users?login=otto', token);
    const third = await helix('/users?login=otto', token);
    expect(third.status).toBe(429);
    expect(third.headers.get('ratelimit-remaining')).toBe('0');
    now += 5000;
    expect((await helix('/users?login=otto', token)).status).toBe(200);
  });

  it('keeps the buckets of the app and of each user apart', async () => {
    const { appToken, code, token, helix, simulator } = await runSimulator();
    simulator.rateLimit.set(1);
    const user = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    expect((await helix('/users', textIn(user, 'access_token'))).status).toBe(200);
    expect((await helix('/users?login=otto', await appToken())).status).toBe(200);
    expect((await helix('/users', textIn(user, 'access_token'))).status).toBe(429);
  });
});

describe('GET /users', () => {
  it('finds by id and by login in any case, each once, and leaves out unknown and banned ones', async () => {
    const { appToken, helix, idOf, simulator } = await runSimulator();
    simulator.world.ban('fernhollow');
    const { data } = await helix(
      `/users?id=${idOf('otto')}&login=OTTO&login=IronPetal&login=nobody_at_all&login=fernhollow&id=1`,
      await appToken(),
    );
    expect(data.map(({ login }) => login)).toEqual(['otto', 'ironpetal']);
  });

  it('gives an address for the portrait that answers with a drawing', async () => {
    const { appToken, helix } = await runSimulator();
    const { data } = await helix('/users?login=kumo_no_ki', await appToken());
    expect(data[0]).toMatchObject({
      display_name: '雲の木',
      type: '',
      offline_image_url: expect.any(String),
    });
    const picture = await fetch(textIn(fieldsOf(data[0]), 'profile_image_url'));
    expect(picture.headers.get('content-type')).toContain('image/svg+xml');
  });

  it('means the owner of a user token when nothing is asked, and is 400 for an app', async () => {
    const { appToken, code, token, helix } = await runSimulator();
    const user = (
      await token({ grant_type: 'authorization_code', code: await code(), redirect_uri: redirectUri })
    ).body;
    expect((await helix('/users', textIn(user, 'access_token'))).data[0]).toMatchObject({
      login: 'ada_follows',
    });
    expect((await helix('/users', await appToken())).status).toBe(400);
  });

  it('takes 100 ids and logins together and not one more', async () => {
    const { appToken, helix } = await runSimulator();
    const token = await appToken();
    expect((await helix(`/users?${ids('id', 99)}&login=otto`, token)).data).toHaveLength(1);
    expect((await helix(`/users?${ids('id', 100)}&login=otto`, token)).status).toBe(400);
  });

  it('refuses ids that are no digits and logins that cannot be', async () => {
    const { appToken, helix } = await runSimulator();
    const token = await appToken();
    expect((await helix('/users?id=12a', token)).status).toBe(400);
    expect((await helix('/users?login=not%20one', token)).status).toBe(400);
  });
});

describe('GET /streams', () => {
  it('lags behind at both ends when it is told to', async () => {
    let at = Date.now();
    const running = await runSimulator({ now: () => new Date(at), streamsLagMs: 30_000 });
    const { world, streamList } = running.simulator;
    const token = await running.appToken();
    const listed = async () =>
      (await running.helix('/streams?user_login=otto', token)).data.map(({ id }) => id);
    const { id } = world.goLive('otto');
    at += 29_999;
    expect(await listed()).toEqual([]);
    at += 1;
    expect(await listed()).toEqual([id]);
    world.goOffline('otto');
    at += 10_000;
    const { id: next } = world.goLive('otto');
    at += 19_999;
    expect(await listed()).toEqual([id]);
    at += 1;
    expect(await listed()).toEqual([]);
    at += 10_000;
    expect(await listed()).toEqual([next]);
    world.goOffline('otto');
    streamList.setLag(0);
    expect(await listed()).toEqual([]);
  });

  it('shows nobody who was banned, however it lags', async () => {
    const { simulator, appToken, helix } = await runSimulator({ streamsLagMs: 30_000 });
    const token = await appToken();
    simulator.world.goLive('otto', { startedAt: new Date(Date.now() - 60_000) });
    expect((await helix('/streams', token)).data).toHaveLength(1);
    simulator.world.ban('otto');
    expect((await helix('/streams', token)).data).toEqual([]);
  });

  it('blinks on command, for one streamer and as often as it is told', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    for (const login of ['otto', 'ironpetal']) simulator.world.goLive(login, { viewers: 5 });
    const logins = async (query = '') =>
      (await helix(`/streams${query}`, token)).data.map((stream) => stream['user_login']);
    simulator.streamList.blink('otto', 2);
    expect(await logins('?user_login=ironpetal')).toEqual(['ironpetal']);
    expect([await logins(), await logins('?user_login=otto')]).toEqual([['ironpetal'], []]);
    expect(new Set(await logins())).toEqual(new Set(['ironpetal', 'otto']));
  });

  it('holds live streamers only, whatever is asked', async () => {
    const { appToken, helix, idOf, simulator } = await runSimulator();
    const token = await appToken();
    const address = `/streams?user_id=${idOf('otto')}&user_login=IRONPETAL`;
    expect((await helix(address, token)).data).toEqual([]);
    simulator.world.goLive('ironpetal', { viewers: 5 });
    const { data } = await helix(address, token);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      user_login: 'ironpetal',
      type: 'live',
      viewer_count: 5,
      tag_ids: [],
      is_mature: false,
    });
    expect(textIn(fieldsOf(data[0]), 'thumbnail_url')).toContain('{width}x{height}');
    expect(textIn(fieldsOf(data[0]), 'started_at')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    simulator.world.goOffline('ironpetal');
    expect((await helix(address, token)).data).toEqual([]);
  });

  it('writes "" for a missing category and title and null for missing tags', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    simulator.world.goLive('quietcorner', { tags: null });
    const { data } = await helix('/streams?user_login=quietcorner', await appToken());
    expect(data[0]).toMatchObject({ game_id: '', game_name: '', title: '', tags: null });
  });

  it('pages by 20 unless told, with a cursor after every full page, most watched first', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    const streamers = simulator.world.everybody().filter(({ kind }) => kind === 'streamer');
    for (const [index, { login }] of streamers.slice(0, 60).entries())
      simulator.world.goLive(login, { viewers: index });
    const seen: unknown[] = [];
    let after = '';
    for (let page = 0; page < 3; page += 1) {
      const { data, body } = await helix(`/streams${after}`, token);
      expect(data).toHaveLength(20);
      seen.push(...data.map(({ viewer_count: viewers }) => viewers));
      after = `?after=${textIn(fieldsOf(body['pagination']), 'cursor')}`;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => 59 - index));
    const last = await helix(`/streams${after}`, token);
    expect(last.body).toEqual({ data: [], pagination: {} });
    expect((await helix('/streams?first=100', token)).data).toHaveLength(60);
  });

  it('goes back a page with before', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    for (const login of ['otto', 'ironpetal', 'fernhollow', 'hazelrove']) simulator.world.goLive(login);
    const pageAt = async (more: string) => {
      const { data, body } = await helix(`/streams?first=2${more}`, token);
      return {
        logins: data.map(({ user_login: login }) => login),
        cursor: textIn(fieldsOf(body['pagination']), 'cursor'),
      };
    };
    const first = await pageAt('');
    const second = await pageAt(`&after=${first.cursor}`);
    expect(second.logins).not.toEqual(first.logins);
    expect((await pageAt(`&before=${second.cursor}`)).logins).toEqual(first.logins);
  });

  it('refuses more than 100 of a parameter, a page of 101 and a cursor that it did not write', async () => {
    const { appToken, helix } = await runSimulator();
    const token = await appToken();
    const cursor = Buffer.from('{"p":20}').toString('base64url');
    for (const query of [
      ids('user_id', 101),
      'first=101',
      'first=0',
      'after=nonsense',
      `after=${cursor}&before=${cursor}`,
      'user_id=x',
    ]) {
      const { status } = await helix(`/streams?${query}`, token);
      expect([query, status]).toEqual([query, 400]);
    }
    expect((await helix(`/streams?first=100&${ids('user_id', 100)}`, token)).status).toBe(200);
  });
});

describe('GET /channels', () => {
  it('tells title and category of offline channels too', async () => {
    const { appToken, helix, idOf } = await runSimulator();
    const { data } = await helix(
      `/channels?broadcaster_id=${idOf('otterlogic')}&broadcaster_id=1`,
      await appToken(),
    );
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      title: 'Ranked, and slightly afraid',
      game_name: 'Paper Kingdoms',
      broadcaster_language: 'en',
    });
  });

  it('is 400 with nothing asked and with more than 100', async () => {
    const { appToken, helix } = await runSimulator();
    const token = await appToken();
    expect((await helix('/channels', token)).status).toBe(400);
    expect((await helix(`/channels?${ids('broadcaster_id', 101)}`, token)).status).toBe(400);
  });
});

describe('GET /search/channels', () => {
  it('puts the exact name first and gives "" for the start of offline ones', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    simulator.world.addStreamer({ login: 'ottoman_empirical', popularity: 9000 });
    const { data } = await helix('/search/channels?query=Otto', await appToken());
    expect(data.map(({ broadcaster_login: login }) => login).slice(0, 2)).toEqual([
      'otto',
      'ottoman_empirical',
    ]);
    expect(data[0]).toMatchObject({ is_live: false, started_at: '' });
    expect(textIn(fieldsOf(data[0]), 'thumbnail_url')).toContain('/images/portraits/otto-300x300.svg');
  });

  it('finds names in other scripts, only live ones when asked, and never viewers or banned ones', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    expect((await helix(`/search/channels?query=${encodeURIComponent('夜ほ')}`, token)).data).toHaveLength(1);
    expect((await helix('/search/channels?query=iron&live_only=true', token)).data).toEqual([]);
    simulator.world.goLive('ironpetal');
    expect((await helix('/search/channels?query=iron&live_only=true', token)).data).toHaveLength(1);
    simulator.world.ban('ironpetal');
    expect((await helix('/search/channels?query=ironpetal', token)).data).toEqual([]);
    expect((await helix('/search/channels?query=ada_follows', token)).data).toEqual([]);
    expect((await helix('/search/channels', token)).status).toBe(400);
  });
});

describe('hostile text', () => {
  it('goes out in every field that a person can write', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    simulator.world.goLive('otto');
    simulator.world.makeHostile('otto');
    const { data } = await helix('/streams?user_login=otto', await appToken());
    expect(data[0]).toMatchObject({
      title: nastyText,
      user_name: nastyText,
      game_name: nastyText,
      tags: [nastyText],
    });
  });
});
