import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newEvent, person } from '../support/stream-events.ts';

describeOnEveryDatabase('what a page costs', (open) => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let queries: string[] = [];

  beforeAll(async () => {
    app = await startApp({}, open);
    viewer = await app.signedIn();
    const profiles = Array.from({ length: 1_000 }, (_, index) => ({
      id: String(50_000 + index),
      login: `many_${index}`,
      displayName: `Many ${index}`,
      description: '',
      profileImageUrl: null,
      offlineImageUrl: null,
    }));
    await app.store.streamers.saveProfiles(profiles, new Date());
    const rows = profiles.map(({ id }) => ({ user_id: '501', streamer_id: id, created_at: 0 }));
    await app.knex.batchInsert('favourites', rows, 200);
    const follow = { kind: 'follow', payload: { by: person('Quill') } } as const;
    const events = profiles.slice(0, 30).map(({ id }) => newEvent({ ...follow, streamerId: id }));
    await app.store.events.append(events);
    app.knex.on('query', ({ sql }: { sql: string }) => queries.push(sql));
  });
  afterAll(async () => await app.close());

  async function costOf(path: string): Promise<{ status: number; queries: number; calls: number }> {
    queries = [];
    app.simulator.calls.reset();
    const { status } = await viewer.get(path);
    return { status, queries: queries.length, calls: app.simulator.calls.count() };
  }

  it('is four queries and no call to Twitch for the page of a favourite with news, two when all is read', async () => {
    expect(await costOf('/twitch/streamers/many_7')).toEqual({ status: 200, queries: 4, calls: 0 });
    expect(await costOf('/twitch/streamers/many_7')).toEqual({ status: 200, queries: 3, calls: 0 });
    await app.store.events.readUpTo('501', null);
    expect(await costOf('/twitch/streamers/many_7')).toEqual({ status: 200, queries: 2, calls: 0 });
    await app.knex('users').where({ id: '501' }).update({ read_event_id: 0 });
    await app.store.events.append([
      newEvent({ kind: 'follow', payload: { by: person('Quill') }, streamerId: '50007' }),
    ]);
    expect(await costOf('/twitch/streamers/many_7')).toEqual({ status: 200, queries: 4, calls: 0 });
  });

  it('is at most one query more for the page of somebody else', async () => {
    await viewer.get('/twitch/streamers/brinepickle');
    app.clock.advance(61_000);
    const { queries: most, calls } = await costOf('/twitch/streamers/brinepickle');
    expect(most).toBeLessThanOrEqual(4);
    expect(calls).toBe(0);
  });

  it('is one query more once a minute, behind the answer, which notes that somebody looked', async () => {
    app.clock.advance(61_000);
    const path = '/twitch/streamers/many_900';
    const lookedAt = async () => await app.knex('users').where({ id: '501' }).pluck<number[]>('seen_at');
    const before = await lookedAt();
    queries = [];
    await viewer.get(path);
    await vi.waitFor(async () => expect(await lookedAt()).not.toEqual(before));
    const notes = () => queries.filter((sql) => sql.includes('UPDATE users SET'));
    expect(notes()).toHaveLength(1);
    await viewer.get(path);
    await viewer.get('/twitch/streamers/many_901');
    expect(notes()).toHaveLength(1);
  });

  it('is four queries and no call for a wall of a thousand, three where nothing has happened since', async () => {
    expect(await costOf('/twitch')).toEqual({ status: 200, queries: 4, calls: 0 });
    expect(await costOf('/twitch?offline=all')).toEqual({ status: 200, queries: 3, calls: 0 });
  });

  it('is nothing at all for the landing page', async () => {
    queries = [];
    expect((await app.browser().get('/twitch')).status).toBe(200);
    expect(queries).toEqual([]);
  });
});

describe('every page', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());

  it('leads signed-out visitors to the sign-in and back', async () => {
    for (const path of [
      '/favourites',
      '/search?q=a',
      '/streamers/lumi',
      '/streamers/lumi/events',
      '/events?kind=raid',
      '/events/7',
      '/account',
      '/status',
      '/streamer',
    ]) {
      const answer = await app.browser().get(`/twitch${path}`);
      expect([path, answer.status]).toEqual([path, 303]);
      expect(answer.headers['location']).toBe(
        `/twitch/sign-in?returnTo=${encodeURIComponent(`/twitch${path}`)}`,
      );
    }
  });

  it('is kept by no cache', async () => {
    const { get } = await app.signedIn();
    for (const path of ['/twitch', '/twitch/account', '/twitch/nowhere']) {
      expect((await get(path)).headers['cache-control']).toBe('private, no-store');
    }
  });

  it('arrives whole, in whichever script it is', async () => {
    const { get } = await app.signedIn();
    for (const sign of ['a', 'é', '灯', '𝄞', '<']) {
      const description = sign.repeat(1_990 / sign.length);
      const profile = { id: '60001', login: 'scribe', displayName: sign, description };
      const pictures = { profileImageUrl: null, offlineImageUrl: null };
      await app.store.streamers.saveProfiles([{ ...profile, ...pictures }], new Date());
      const { text } = await get('/twitch/streamers/scribe');
      expect(text).toContain(description.replaceAll('<', '&lt;'));
      expect(text.trimEnd().endsWith('</html>')).toBe(true);
    }
  });

  it('carries the headers that keep it safe, errors and assets included', async () => {
    const { get, post } = await app.signedIn();
    const answers = [
      await get('/twitch'),
      await get('/twitch/nowhere'),
      await get('/twitch/%'),
      await get('/'),
      await get('/health/live'),
      await get('/twitch/assets/css/base.css'),
      await post('/twitch/favourites', { streamer: '' }),
      await app.browser().post('/twitch/favourites'),
    ];
    for (const { headers } of answers) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("object-src 'none';base-uri 'none';frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cross-origin-opener-policy']).toMatch(/^same-origin/);
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['referrer-policy']).toBe('strict-origin-when-cross-origin');
      expect(headers['permissions-policy']).toContain('camera=()');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
  });

  it('knows its addresses as they are written, and only as paths', async () => {
    const { get } = await app.signedIn();
    for (const path of ['/TWITCH', '/TWITCH/favourites', '/twitch/FAVOURITES', '/Twitch/sign-in']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    const port = Number(new URL(app.origin).port);
    const absolute = await new Promise((resolve) => {
      const asked = request({ port, host: '127.0.0.1', path: 'http://evil.example/twitch' }, resolve);
      asked.end();
    });
    expect(absolute).toMatchObject({ statusCode: 400 });
  });

  it('offers to try again right where it failed', async () => {
    const { get } = await app.signedIn();
    app.simulator.faults.outage(true);
    const answer = await get('/twitch/streamers/mossandmarble?theatre=1');
    app.simulator.faults.outage(false);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('href="/twitch/streamers/mossandmarble?theatre=1">Try again');
    const lines = app.logLines.filter((line) => line.includes('Twitch is not answering'));
    expect(lines.join('')).toContain('"cause":');
    expect(app.logLines.join('')).not.toMatch(/"stack":".*TwitchError/);
  });

  it('says on an unknown address that nobody stands there', async () => {
    const answer = await app.browser().get('/twitch/nowhere');
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('There is no page at this address');
  });

  it('shows a request id and nothing else of a fault of ours, which the log explains', async () => {
    const { get } = await app.signedIn({ id: '77' });
    const broken = vi.spyOn(app.store.favourites, 'ofUser').mockRejectedValue(new TypeError('SELECT secret'));
    const answer = await get('/twitch');
    broken.mockRestore();
    const id = /request <code>([0-9a-f-]{36})<\/code>/.exec(answer.text)?.[1];
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/SELECT|TypeError|\.ts/);
    expect(app.logLines.some((line) => line.includes(String(id)) && line.includes('TypeError'))).toBe(true);
  });

  it('is drawn in the chosen theme from the first byte', async () => {
    const browser = app.browser();
    expect((await browser.get('/twitch')).text).not.toContain('data-theme=');
    const chosen = await browser
      .post('/twitch/theme')
      .set('Origin', app.origin)
      .type('form')
      .send({ theme: 'dark', returnTo: '/twitch?offline=all' });
    expect([chosen.status, chosen.headers['location']]).toEqual([303, '/twitch?offline=all']);
    expect((await browser.get('/twitch')).text).toContain('data-theme="dark"');
    const odd = await browser
      .post('/twitch/theme')
      .set('Origin', app.origin)
      .type('form')
      .send({ theme: '"><x' });
    expect(odd.status).toBe(400);
  });

  it('carries a year’s cache on assets with a version, five minutes on others', async () => {
    const browser = app.browser();
    const page = (await browser.get('/twitch')).text;
    const cacheOf = async (path: string) => (await browser.get(path)).headers['cache-control'];
    const href = /href="(\/twitch\/assets\/[0-9a-f]{8}\/)css\/base\.css"/.exec(page)?.[1];
    expect(await cacheOf(`${href}css/base.css`)).toBe('public, max-age=31536000, immutable');
    // A page from before an upgrade may not keep for a year what is of another version.
    for (const path of ['css/base.css', '00000000/css/base.css', 'css/base.css?v=1'])
      expect(await cacheOf(`/twitch/assets/${path}`)).toBe('public, max-age=300');
    expect((await browser.get('/twitch/assets/../../package.json')).status).toBe(404);
    expect((await browser.get('/twitch/assets/00000000/../../package.json')).status).toBe(404);
  });

  it('gives modules to each other in the version of the page', async () => {
    const { get } = await app.signedIn();
    const script = /src="(\S+\/js\/suggestions\.js)"/.exec((await get('/twitch')).text)?.[1] ?? '';
    const wall = script.replace('suggestions', 'live-wall');
    const [, imported = ''] = /from '(\.\/[\w-]+\.js)'/.exec((await get(wall)).text) ?? [];
    const other = new URL(imported, `http://a${wall}`).pathname;
    expect((await get(other)).headers['cache-control']).toContain('immutable');
  });
});

describe('behind other addresses', () => {
  it('works below the root, below a longer path of a proxy, and over https', async () => {
    const app = await startApp({ BASE_PATH: '/', PUBLIC_URL: 'https://example.org/community' });
    const { cookie, get } = await app.signedIn();
    const page = await get('/favourites');
    expect(page.status).toBe(200);
    expect(page.text).toContain('action="/community/favourites"');
    expect(page.text).toMatch(/href="\/community\/assets\/[0-9a-f]{8}\/css\/base.css"/);
    expect(page.headers['strict-transport-security']).toContain('max-age=31536000');
    const begun = await app.browser().get('/sign-in');
    expect(String(begun.headers['set-cookie'])).toMatch(
      /; Path=\/community; .*HttpOnly; Secure; SameSite=Lax/,
    );
    expect(String(begun.headers['location'])).toContain(
      encodeURIComponent('https://example.org/community/callback'),
    );
    expect(cookie).toContain('followspot=');
    await app.close();
  });
});
