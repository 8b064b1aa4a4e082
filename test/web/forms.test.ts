import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import supertest from 'supertest';
import { AppError } from '../../src/domain/errors.ts';
import { localPathOf } from '../../src/web/query.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';

describe('every POST', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;

  beforeAll(async () => {
    app = await startApp();
    viewer = await app.signedIn();
  });
  afterAll(async () => await app.close());

  const post = (
    path: string,
    headers: Record<string, string>,
    body = 'streamer=brinepickle&confirm=yes&theme=dark',
  ) =>
    supertest(app.origin)
      .post(path)
      .set({ Cookie: viewer.cookie, 'Content-Type': 'application/x-www-form-urlencoded', ...headers })
      .send(body);

  const paths = [
    '/twitch/favourites',
    '/twitch/favourites/1/delete',
    '/twitch/streamer',
    '/twitch/sign-out',
    '/twitch/theme',
    '/twitch/account/delete',
    '/twitch/account/sessions/delete',
    '/twitch/account/sessions/1/delete',
  ];

  it.each(paths)('to %s is refused unless it comes from a page of ours', async (path) => {
    const port = new URL(app.origin).port;
    const foreign: Record<string, string>[] = [
      {},
      { Origin: 'null' },
      { Origin: 'https://evil.example' },
      { Origin: `http://sub.localhost:${port}` },
      { Origin: 'http://localhost:1' },
      { Origin: 'not an origin' },
      { Origin: app.origin, 'Sec-Fetch-Site': 'cross-site' },
      { Origin: app.origin, 'Sec-Fetch-Site': 'same-site' },
      { Origin: app.origin, 'Sec-Fetch-Site': 'none' },
      { Origin: app.origin, 'Content-Type': 'text/plain' },
      { Origin: app.origin, 'Content-Type': 'application/json' },
      { Origin: app.origin, 'Content-Type': 'multipart/form-data; boundary=x' },
      { Origin: app.origin, 'X-HTTP-Method-Override': 'DELETE' },
    ];
    for (const headers of foreign) {
      const answer = await post(path, headers);
      expect([headers, answer.status]).toEqual([headers, 403]);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await viewer.get('/twitch/account')).status).toBe(200);
    expect(await app.store.favourites.count('501')).toBe(0);
  });

  it('is taken with Sec-Fetch-Site alone, and with an Origin that is the Host', async () => {
    expect((await post('/twitch/theme', { 'Sec-Fetch-Site': 'same-origin' })).status).toBe(303);
    const port = new URL(app.origin).port;
    const viaAddress = await post('/twitch/theme', {
      Host: `127.0.0.1:${port}`,
      Origin: `http://127.0.0.1:${port}`,
    });
    expect(viaAddress.status).toBe(303);
  });

  it('may be small only', async () => {
    const answer = await post('/twitch/favourites', { Origin: app.origin }, `streamer=${'x'.repeat(10_000)}`);
    expect(answer.status).toBe(400);
  });

  it('keeps what was typed for who is not signed in any more, also across the sign-in', async () => {
    for (const [path, field] of [
      ['favourites', 'streamer'],
      ['streamer', 'streamer_name'],
    ] as const) {
      const answer = await supertest(app.origin)
        .post(`/twitch/${path}`)
        .set('Origin', app.origin)
        .type('form')
        .send({ [field]: '"100%' });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.text).toContain('name="streamer" value="&#34;100%"');
      const [, wayOn = ''] = /href="([^"]*)">Sign in<\/a><\/div>/.exec(answer.text) ?? [];
      const signIn = new URL(wayOn, app.origin);
      expect(signIn.pathname).toBe('/twitch/sign-in');
      const back = localPathOf(signIn.searchParams.get('returnTo'), '/twitch', 'refused');
      expect((await viewer.get(back)).text).toContain('name="streamer" value="&#34;100%"');
    }
  });

  it('keeps what was typed while the database is out of reach', async () => {
    const away = new AppError('unavailable', 'The database does not answer.');
    const counting = vi.spyOn(app.store.favourites, 'count').mockRejectedValue(away);
    const { status, text } = await viewer.post('/twitch/favourites', { streamer: 'brine' });
    counting.mockRestore();
    expect(status).toBe(503);
    expect(text).toContain('name="streamer" value="brine"');
    expect(text).toContain('href="/twitch/favourites?streamer=brine">Try again');
  });

  it('leads back to a page, and never to the address of another form', async () => {
    const { text } = await viewer.post('/twitch/events/read', { upTo: 'nonsense' });
    expect(text).toContain('name="returnTo" value="/twitch"');
    const list = await viewer.post('/twitch/streamer', { streamer_name: '' });
    expect(list.text).toContain('name="returnTo" value="/twitch/favourites"');
  });

  it('answers who is not signed in any more with 401 and changes nothing', async () => {
    const answer = await supertest(app.origin)
      .post('/twitch/favourites')
      .set('Origin', app.origin)
      .type('form')
      .send({ streamer: 'brinepickle' });
    expect(answer.status).toBe(401);
  });
});

describe('what comes too often', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());

  it('is slowed down with Retry-After, for that user alone', async () => {
    const { get } = await app.signedIn();
    const answers = await Promise.all(
      Array.from({ length: 130 }, () => get('/twitch/search/suggestions?q=a')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    const search = await get('/twitch/search?q=typed');
    expect([search.status, search.text]).toEqual([429, expect.stringContaining('value="typed"')]);
    const other = await app.signedIn({ id: '502' });
    expect((await other.get('/twitch/search/suggestions?q=a')).status).toBe(200);
  });

  it('is slowed down when it adds, and keeps what was typed', async () => {
    const { post } = await app.signedIn({ id: '503' });
    for (let sent = 0; sent < 300; sent += 1) {
      expect((await post('/twitch/favourites', { streamer: '' })).status).toBe(400);
    }
    for (const path of ['favourites', 'streamer']) {
      const answer = await post(`/twitch/${path}`, { streamer: 'typed' });
      expect([path, answer.status]).toEqual([path, 429]);
      expect(answer.text).toContain('name="streamer" value="typed"');
    }
  });

  it('is slowed down when it signs in', async () => {
    for (let sent = 0; sent < 300; sent += 1) {
      expect((await app.browser().get('/twitch/callback')).status).toBe(400);
    }
    for (const path of ['callback', 'sign-in']) {
      expect([path, (await app.browser().get(`/twitch/${path}`)).status]).toEqual([path, 429]);
    }
  });

  it('is counted for a whole network of IPv6', async () => {
    const proxied = await startApp({ TRUST_PROXY: '1' });
    const from = (address: string) =>
      proxied.browser().get('/twitch/callback').set('X-Forwarded-For', address);
    for (let sent = 0; sent < 300; sent += 1) {
      expect((await from(`2001:db8:1:2::${sent.toString(16)}`)).status).toBe(400);
    }
    expect((await from('2001:db8:1:2:3:4:5:6')).status).toBe(429);
    expect((await from('2001:db8:1:3::1')).status).toBe(400);
    await proxied.close();
  });
});
