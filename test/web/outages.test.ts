import type { Response } from 'supertest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultKind } from '../../src/simulator/index.ts';
import { connect, migrate } from '../../src/store/index.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import type { OpenDatabase } from '../support/databases.ts';
import { describeIf } from '../support/left-out.ts';
import { createOwnMariadb, type OwnMariadb, ownMariadbAvailable } from '../support/own-mariadb.ts';
import { consent, pathOf } from '../support/sign-in.ts';

const pages = [
  '/twitch',
  '/twitch/favourites',
  '/twitch/search',
  '/twitch/streamers/otterlogic',
  '/twitch/account',
  '/twitch/status',
];
const longestWaitMs = 5_000;
const hourMs = 60 * 60_000;

describeIf(ownMariadbAvailable, 'While the database', () => {
  let server: OwnMariadb;
  let app: TestApp;
  let viewer: SignedInBrowser;
  let duties: ReturnType<TestApp['startDuties']>;

  beforeAll(async () => {
    server = await createOwnMariadb();
    app = await startApp({ POLL_INTERVAL_S: '0.2' }, openOn(server));
    viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'otterlogic' });
    duties = app.startDuties();
  }, 60_000);
  afterAll(async () => {
    server.thaw();
    await duties.stop();
    await app.close();
    await server.remove();
  });

  describe.each([
    ['is frozen', () => server.freeze(), () => Promise.resolve(server.thaw())],
    ['is dead', () => server.kill(), () => server.start()],
  ])('%s', (_what, begin, end) => {
    let signingIn: ReturnType<TestApp['browser']>;
    let callback: string;
    let isOver = false;
    const endOnce = async () => {
      if (!isOver) await end();
      isOver = true;
    };

    beforeAll(async () => {
      signingIn = app.browser();
      const begun = await signingIn.get('/twitch/sign-in');
      callback = pathOf(await consent(app, String(begun.headers['location'])));
      // Warm connections are those that hang.
      await Promise.all(Array.from({ length: 10 }, () => viewer.get('/twitch')));
      await begin();
    });
    afterAll(endOnce);

    it('pages and forms answer 503 in seconds and say when to come back, many at once too', async () => {
      const asks = [
        ...pages.map((page) => () => viewer.get(page)),
        ...Array.from({ length: 30 }, () => () => viewer.get('/twitch')),
        () => viewer.post('/twitch/sign-out'),
        () => viewer.post('/twitch/favourites', { streamer: 'fernhollow' }),
      ];
      for (const answers of [await together(asks), await together(asks)]) {
        expect(answers.map(({ status }) => status)).toEqual(asks.map(() => 503));
        for (const { ms, retryAfter, text } of answers) {
          expect(ms).toBeLessThan(longestWaitMs);
          expect(retryAfter).toMatch(/^[1-9]\d*$/);
          expect(text).toContain('Out of reach for the moment');
        }
        expect(answers.at(-1)?.text).toContain('name="streamer" value="fernhollow"');
      }
    });

    it('nobody is signed in halfway', async () => {
      const visits = [() => signingIn.get(callback), () => app.browser().get('/twitch/sign-in')];
      for (const { status, ms, retryAfter } of await together(visits)) {
        expect([status, retryAfter]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
        expect(ms).toBeLessThan(longestWaitMs);
      }
    });

    it('the process lives, is not ready, and shows who it is', async () => {
      const [live, ready, landing] = await together(
        ['/health/live', '/health/ready', '/twitch'].map((path) => () => app.browser().get(path)),
      );
      expect([live?.status, ready?.status, landing?.status]).toEqual([200, 503, 200]);
      expect(ready?.text).toBe('the database is not answering\n');
      expect(ready?.ms).toBeLessThan(longestWaitMs);
      expect(Math.max(live?.ms ?? Infinity, landing?.ms ?? Infinity)).toBeLessThan(1_000);
    });

    it('and within five seconds after, pages are back, and the listener with them', async () => {
      await endOnce();
      app.simulator.world.goOffline('otterlogic');
      app.simulator.world.goLive('otterlogic', { title: `Back at ${Date.now()}` });
      const title = app.simulator.world.find('otterlogic')?.title ?? 'no title';
      const { ms } = await timed(() =>
        vi.waitFor(
          async () => {
            const page = await viewer.get('/twitch');
            expect([page.status, page.text.includes(title)]).toEqual([200, true]);
            return page;
          },
          { timeout: longestWaitMs, interval: 50 },
        ),
      );
      expect(ms).toBeLessThan(longestWaitMs);
      expect((await app.browser().get('/health/ready')).status).toBe(200);
      const answers = await together(pages.map((page) => () => viewer.get(page)));
      expect(answers.map(({ status }) => status)).toEqual(pages.map(() => 200));
    });
  });
});

describe.each<FaultKind>(['status', 'hang', 'reset'])('While Twitch fails for an hour (%s)', (kind) => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let duties: ReturnType<TestApp['startDuties']>;

  beforeEach(async () => {
    app = await startApp({ POLL_INTERVAL_S: '0.2' });
    app.simulator.world.goLive('otterlogic');
    viewer = await app.signedIn();
    for (const streamer of ['otterlogic', 'fernhollow'])
      await viewer.post('/twitch/favourites', { streamer });
    duties = app.startDuties();
  });
  afterEach(async () => {
    app.simulator.faults.clear();
    await duties.stop();
    await app.close();
  });

  it('the page of a streamer whom others favour shows what is known and its age, as theirs does', async () => {
    const other = await app.signedIn({ id: '502', login: 'other' });
    const isKnown = async () => expect((await other.get(page)).text).toContain('class="live-mark">Live');
    const page = '/twitch/streamers/otterlogic';
    await vi.waitFor(isKnown, 5_000);
    app.simulator.faults.outage(true, kind);
    await vi.waitFor(() => expect(app.twitch.state().api.circuit).not.toBe('closed'), 10_000);
    app.clock.advance(hourMs);

    for (const { text } of await together(
      [viewer, other].map(
        ({ get }) =>
          () =>
            get(page),
      ),
    )) {
      expect(text).toContain('class="live-mark">Live');
      expect(text).toContain('Twitch is not answering');
      expect(text).toContain('/player?channel=otterlogic');
      expect(text).not.toMatch(/nobody here follows|is offline/);
    }
    expect((await other.get('/twitch/streamers/fernhollow')).text).toContain('was offline when last checked');
  });

  it('every page answers with what is known and its age; then the listener catches up by itself', async () => {
    const asked = app.simulator.calls.all().length;
    await vi.waitFor(() => expect(app.simulator.calls.all().length).toBeGreaterThan(asked), 5_000);
    app.simulator.faults.outage(true, kind);
    // What was under way is answered or has failed by then.
    await vi.waitFor(() => expect(app.twitch.state().api.circuit).not.toBe('closed'), 10_000);
    app.clock.advance(hourMs);
    app.simulator.world.goLive('fernhollow');

    const answers = await together(pages.map((page) => () => viewer.get(page)));
    expect(answers.map(({ status }) => status)).toEqual(pages.map(() => 200));
    for (const { ms } of answers) expect(ms).toBeLessThan(1_000);
    const [wall, , , streamer, , status] = answers.map(({ text }) => text);
    expect(wall).toContain('Twitch is not answering');
    expect(wall).toContain('OtterLogic');
    expect(streamer).toContain('Twitch is not answering');
    expect(status).toContain('Twitch last answered for everybody 1 hour ago.');
    expect(status).toContain('Does not answer');
    const unknown = await viewer.get('/twitch/streamers/cosmicbadger');
    expect([unknown.status, unknown.headers['retry-after']]).toEqual([503, expect.any(String)]);

    app.simulator.faults.clear();
    const { ms } = await timed(() =>
      vi.waitFor(
        async () => {
          const page = await viewer.get('/twitch');
          expect(page.text).toContain('Live now <span class="tally">2 of 2');
          expect(page.text).not.toContain('Twitch is not answering');
          return page;
        },
        { timeout: longestWaitMs, interval: 50 },
      ),
    );
    expect(ms).toBeLessThan(longestWaitMs);
    expect((await viewer.get('/twitch/streamers/cosmicbadger')).status).toBe(200);
  });
});

interface Answer {
  status: number;
  retryAfter: string | undefined;
  text: string;
  ms: number;
}

async function together(asks: (() => PromiseLike<Response>)[]): Promise<Answer[]> {
  return await Promise.all(asks.map(timed));
}

async function timed(ask: () => PromiseLike<Response>): Promise<Answer> {
  const startedAt = performance.now();
  const { status, headers, text } = await ask();
  return { status, retryAfter: headers['retry-after'], text, ms: performance.now() - startedAt };
}

function openOn({ port }: OwnMariadb): OpenDatabase {
  return async () => {
    const settings = {
      kind: 'mysql',
      host: '127.0.0.1',
      port,
      name: 'followspot',
      user: 'root',
      password: '',
    } as const;
    const knex = connect(settings);
    await migrate(knex);
    return { settings, knex, drop: () => knex.destroy() };
  };
}
