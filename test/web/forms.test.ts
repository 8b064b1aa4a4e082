import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import supertest from 'supertest';
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
  it('is slowed down with Retry-After, for that user alone', async () => {
    const app = await startApp();
    const { get } = await app.signedIn();
    const answers = await Promise.all(
      Array.from({ length: 130 }, () => get('/twitch/search/suggestions?q=a')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    const other = await app.signedIn({ id: '502' });
    expect((await other.get('/twitch/search/suggestions?q=a')).status).toBe(200);
    await app.close();
  });
});
