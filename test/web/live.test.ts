import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mostAtOnce } from '../../src/web/middleware/overload.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { describeOnEveryDatabase, type OpenDatabase, openSqlite } from '../support/databases.ts';
import { type EventStream, openEventStream } from '../support/event-stream.ts';
import { newRaid } from '../support/events.ts';
import { streamer } from '../support/streamers.ts';

const viewer = { id: '501', login: 'viewer', displayName: 'Viewer', profileImageUrl: null };
const streams: EventStream[] = [];
let app: TestApp;
let counter = 0;

async function begin(open: OpenDatabase = openSqlite): Promise<void> {
  app = await startApp({}, open);
  app.feed.start();
  await app.store.streamers.saveProfiles(
    [streamer(), streamer({ id: '1002', login: 'mira' }), streamer({ id: '1003', login: 'otto' })],
    new Date(),
  );
  await app.store.users.save(viewer);
  await app.store.favourites.add(viewer.id, '1001');
  await app.store.favourites.add(viewer.id, '1002');
}

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await app.feed.stop();
  await app.close();
});

async function listen(
  cookie: string,
  path = '/live',
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const stream = await openEventStream(`${app.origin}/twitch${path}`, { cookie, ...headers });
  streams.push(stream);
  return stream;
}

/** Stores a raid and resolves to the id of its entry. */
async function raid(streamerId = '1001', name?: string): Promise<number> {
  const event = newRaid(`raid-${(counter += 1)}`, streamerId);
  if (name !== undefined && event.kind === 'raid') event.payload.from.name = name;
  const [result] = await app.store.events.append([event]);
  app.feed.wake();
  return result?.id ?? 0;
}

describeOnEveryDatabase('GET /live', (open) => {
  beforeEach(async () => await begin(open));

  it('tells of favourites, of one streamer, and of nobody else', async () => {
    const { cookie } = await app.signedIn();
    const all = await listen(cookie);
    const one = await listen(cookie, '/streamers/mira/live');
    const stranger = await listen(cookie, '/streamers/otto/live');
    const ids = [await raid('1001'), await raid('1003'), await raid('1002')];
    await vi.waitFor(() => expect(all.ids()).toEqual([ids[0], ids[2]]));
    await vi.waitFor(() => expect(one.ids()).toEqual([ids[2]]));
    await vi.waitFor(() => expect(stranger.ids()).toEqual([ids[1]]));
    expect(all.received[0]?.data).toContain(`id="event-${ids[0]}"`);
  });

  it('neither misses nor repeats one of 400 events over 90 reconnects', { timeout: 60_000 }, async () => {
    const { cookie } = await app.signedIn();
    const stored: number[] = [];
    const seen: number[] = [];
    const isWriting = { now: true };
    const writing = (async () => {
      while (stored.length < 400) {
        const batch = Array.from({ length: 4 }, () => newRaid(`raid-${(counter += 1)}`));
        const results = await app.store.events.append(batch);
        stored.push(...results.flatMap(({ id }) => id ?? []));
        app.feed.wake();
      }
      isWriting.now = false;
    })();
    for (let connection = 0; connection < 90 || isWriting.now; connection += 1) {
      const stream = await listen(cookie, '/live?after=0', lastId(seen));
      if (connection % 3 === 0) await stream.begins();
      stream.close();
      await stream.ended;
      seen.push(...stream.ids());
    }
    await writing;
    const last = await listen(cookie, '/live?after=0', lastId(seen));
    await vi.waitFor(() => expect(seen.length + last.ids().length).toBeGreaterThanOrEqual(400), {
      timeout: 10_000,
    });
    expect([...seen, ...last.ids()]).toEqual(stored);
  });
});

function lastId(seen: number[]): Record<string, string> {
  const id = seen.at(-1);
  return id === undefined ? {} : { 'Last-Event-ID': String(id) };
}

describe('GET /live for whom and how', () => {
  beforeEach(async () => await begin());

  it('is 401 without a session, and no way to the sign-in', async () => {
    for (const path of ['/live', '/streamers/lumi/live']) {
      const { status, headers } = await listen('', path);
      expect(status).toBe(401);
      expect(headers.location).toBeUndefined();
    }
  });

  it('is 404 about a streamer whom nobody knows', async () => {
    const { cookie } = await app.signedIn();
    expect((await listen(cookie, '/streamers/nobody_here/live')).status).toBe(404);
  });

  it('goes on from what the page holds, and from what the browser has seen rather', async () => {
    const { cookie } = await app.signedIn();
    const ids = [await raid(), await raid(), await raid()];
    const page = await listen(cookie, `/live?after=${ids[0]}`);
    await vi.waitFor(() => expect(page.ids()).toEqual(ids.slice(1)));
    const browser = await listen(cookie, `/live?after=${ids[0]}`, { 'Last-Event-ID': String(ids[1]) });
    await vi.waitFor(() => expect(browser.ids()).toEqual(ids.slice(2)));
  });

  it.each(['', 'x', '-1', '1e3', '1.5', '99999999999999999999', "1' OR 1=1", '0x1f', '999999999'])(
    'begins now when the last id is %j',
    async (garbage) => {
      const { cookie } = await app.signedIn();
      await raid();
      const stream = await listen(cookie, '/live', { 'Last-Event-ID': garbage });
      expect(stream.status).toBe(200);
      const id = await raid();
      await vi.waitFor(() => expect(stream.ids()).toEqual([id]));
    },
  );

  it('is the same for who accepts compression, and for HEAD without a body', async () => {
    const { cookie } = await app.signedIn();
    const stream = await listen(cookie, '/live', { 'Accept-Encoding': 'gzip, deflate, br' });
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.headers['cache-control']).toBe('no-store, no-transform');
    const id = await raid();
    await vi.waitFor(() => expect(stream.ids()).toEqual([id]));
    const head = await fetch(`${app.origin}/twitch/live`, { method: 'HEAD', headers: { cookie } });
    expect(head.status).toBe(200);
    expect(head.headers.get('Content-Type')).toContain('text/event-stream');
    expect(app.live.size()).toBe(1);
  });

  it('lets a name with line ends forge nothing', async () => {
    const { cookie } = await app.signedIn();
    const stream = await listen(cookie);
    const id = await raid('1001', 'a\n\nid: 7\nevent: streamer-card\ndata: b\rdata: c');
    const next = await raid();
    await vi.waitFor(() => expect(stream.ids()).toEqual([id, next]));
    expect(stream.received).toHaveLength(2);
  });

  it('counts for the address that a trusted proxy names', async () => {
    await app.feed.stop();
    await app.close();
    app = await startApp({ TRUST_PROXY: '1' });
    const { cookie } = await app.signedIn();
    const open = vi.spyOn(app.live, 'open');
    await listen(cookie, '/live', { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' });
    expect(open.mock.calls[0]?.[1]).toMatchObject({ address: '203.0.113.7' });
  });

  it('follows the favourites that a form adds and removes', async () => {
    const { cookie, post } = await app.signedIn();
    const stream = await listen(cookie);
    await post('/twitch/favourites', { streamer: 'otto' });
    await post('/twitch/favourites/1001/delete');
    await raid('1001');
    // The change is read behind the answer of the form.
    await vi.waitFor(async () => {
      await raid('1003');
      expect(stream.ids().length).toBeGreaterThan(0);
    });
    expect(stream.received.every(({ data }) => data.includes('/streamers/otto'))).toBe(true);
  });

  it.each([
    ['its session is signed out', '/twitch/sign-out'],
    ['all sessions are signed out', '/twitch/account/sessions/delete'],
    ['the account is deleted', '/twitch/account/delete'],
  ])('ends when %s, and no stream of others', async (_what, path) => {
    const { cookie, post } = await app.signedIn();
    const other = await app.signedIn({ id: '502', login: 'other' });
    const [mine, theirs] = [await listen(cookie), await listen(other.cookie)];
    await post(path, { confirm: 'yes' });
    await mine.ended;
    await vi.waitFor(() => expect(app.live.size()).toBe(1));
    expect(theirs.status).toBe(200);
    expect((await listen(cookie)).status).toBe(401);
  });

  it('hangs up at the drain and takes nobody any more', async () => {
    const { cookie } = await app.signedIn();
    const stream = await listen(cookie);
    app.lifecycle.isDraining = true;
    app.live.drain();
    await stream.ended;
    expect(stream.retryMs()).toBeGreaterThanOrEqual(1_000);
    const refused = await listen(cookie);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('takes no place from pages once it is open', async () => {
    const browsers = await Promise.all(
      Array.from({ length: 22 }, (_, user) => app.signedIn({ id: `7${user}`, login: `reader_${user}` })),
    );
    for (let turn = 0; turn < 12; turn += 1) {
      await Promise.all(browsers.map(async ({ cookie }) => expect((await listen(cookie)).status).toBe(200)));
    }
    expect(app.live.size()).toBeGreaterThan(mostAtOnce);
    expect((await (await app.signedIn()).get('/twitch')).status).toBe(200);
  });

  it('forgets who hangs up', async () => {
    const { cookie } = await app.signedIn();
    for (let count = 0; count < 20; count += 1) {
      const asking = request(`${app.origin}/twitch/live`, { agent: false, headers: { cookie } });
      asking.on('error', () => null).end();
      await new Promise((resolve) => setTimeout(resolve, count));
      asking.destroy();
    }
    await vi.waitFor(() => expect(app.live.size()).toBe(0));
    expect((await listen(cookie)).status).toBe(200);
  });
});
