import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage } from '../support/browser.ts';
import { newEvent, person } from '../support/stream-events.ts';
import { describeIf } from '../support/left-out.ts';

describeIf(browserAvailable, 'the latest events of an open page', () => {
  let app: TestApp;
  let browser: Browser;
  let viewer: SignedInBrowser;
  let otter: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ POLL_INTERVAL_S: '8' }), launchBrowser()]);
    app.feed.start();
    viewer = await app.signedIn();
    for (const streamer of ['otterlogic', 'fernhollow'])
      await viewer.post('/twitch/favourites', { streamer });
    otter = app.simulator.world.find('otterlogic')?.id ?? '';
    for (let index = 0; index < 12; index += 1) await happens(`Old ${index}`);
    await app.store.events.readUpTo('501', null);
  });
  afterAll(async () => {
    await browser.close();
    await app.feed.stop();
    await app.close();
  });

  async function happens(name: string, at = new Date()): Promise<void> {
    const body = { kind: 'follow', payload: { by: person(name) } } as const;
    await app.store.events.append([newEvent({ ...body, streamerId: otter, at })]);
    app.feed.wake();
  }

  /** Twice, since a broadcast ends only when it was missed twice. */
  async function round(): Promise<void> {
    for (let count = 0; count < 2; count += 1) await app.listener.round(new AbortController().signal);
  }

  async function open(path: string, reducedMotion: 'reduce' | 'no-preference' = 'reduce') {
    const visit = await openPage(browser, app.origin, { cookie: viewer.cookie, reducedMotion });
    await visit.page.goto(path);
    await visit.page.locator('[data-state=live]').waitFor();
    return visit;
  }

  it.each(['/twitch', '/twitch/streamers/otterlogic'])(
    'are joined on %s by what happens, each at its place, and stay ten',
    async (path) => {
      const { page, problems, close } = await open(path);
      await happens(`New on ${path}`);
      await expect.poll(() => first(page)).toBe(`New on ${path}`);
      const before = await names(page);
      await happens('Heard late', new Date(Date.now() - 60_000 * 60));
      await happens('And after');
      await expect.poll(() => first(page)).toBe('And after');
      expect(await names(page)).toEqual(['And after', ...before.slice(0, 9)]);
      await expect
        .poll(() => page.locator('[data-programme-news]').textContent(), { timeout: 5_000 })
        .toMatch(/^\d new events?$/);
      expect(problems).toEqual([]);
      const news = await marked(page);
      expect(news.slice(0, 2)).toEqual(['New', 'New']);
      // The words are true of what stands below them, wherever that is.
      expect(news).toContain('Seen before');
      await page.reload();
      expect(await names(page)).toEqual(['And after', ...before.slice(0, 9)]);
      expect(await marked(page)).toEqual(news);
      await close();
    },
  );

  it('do not move under a pointer, under the keyboard, or when paused', async () => {
    const { page, close } = await open('/twitch/streamers/otterlogic');
    await page.locator('.programme .event').nth(3).hover();
    const before = await names(page);
    await happens('While pointing');
    await page.getByText('1 waiting').waitFor();
    expect(await names(page)).toEqual(before);
    await page.mouse.move(5, 5);
    await expect.poll(() => first(page)).toBe('While pointing');

    const link = page.locator('.programme .event-foot a').nth(2);
    await link.focus();
    await happens('While reading');
    await page.getByText('1 waiting').waitFor();
    await page.locator('.wordmark').focus();
    await expect.poll(() => first(page)).toBe('While reading');

    const pause = page.locator('[data-programme-pause]');
    const state = page.locator('[data-programme-state]');
    expect(await state.textContent()).toBe('Connected');
    await pause.click();
    expect(await state.textContent()).toBe('Paused');
    expect(await pause.locator('.icon').isVisible()).toBe(false);
    await happens('While paused');
    await happens('Still paused');
    await page.getByText('Show 2 new').waitFor();
    expect(await first(page)).toBe('While reading');
    await pause.click();
    await expect.poll(() => first(page)).toBe('Still paused');
    expect(await state.textContent()).toBe('Connected');
    expect(await pause.locator('.icon').isVisible()).toBe(true);
    await close();
  });

  it.each([
    ['/twitch', 'Mark all as read', 'h1'],
    ['/twitch/streamers/otterlogic', 'Mark everything as read', '#programme-heading'],
  ])('are marked as read on %s without leaving it', async (path, button, heading) => {
    await happens('Unread');
    const { page, close } = await open(path);
    await page.locator('[data-event-line]').waitFor();
    await happens('Unread, too');
    await expect.poll(() => first(page)).toBe('Unread, too');
    await page.getByRole('button', { name: button }).click();
    await page.locator('[data-event-line]').waitFor({ state: 'detached' });
    await page.locator('.since-away').waitFor({ state: 'hidden' });
    expect(await page.locator('.event-new, .event-badge').count()).toBe(0);
    // Nothing to be seen by who uses a pointer, and what arrives is not held back.
    expect(await page.locator(`${heading}:focus:not(:focus-visible)`).count()).toBe(1);
    await page.locator('.programme .event').first().hover();
    await happens('While pointing there');
    await page.getByText('1 waiting').waitFor();
    await page.mouse.move(5, 5);
    await expect.poll(() => first(page)).toBe('While pointing there');
    await page.reload();
    await page.locator('[data-state=live]').waitFor();
    await page.getByRole('button', { name: button }).press('Enter');
    await page.locator('.since-away').waitFor({ state: 'hidden' });
    expect(await page.locator(`${heading}:focus-visible`).count()).toBe(1);
    await page.reload();
    expect(await page.locator('[data-event-line]').count()).toBe(0);
    await close();
  });

  it('take back that Followspot cannot be reached once it is, and keep the button where it is', async () => {
    await happens('Unread in a cut');
    const { page, close } = await open('/twitch');
    await page.setViewportSize({ width: 1_440, height: 900 });
    const button = page.getByRole('button', { name: 'Mark all as read' });
    const before = await button.boundingBox();
    const reason = page.getByText('Followspot cannot be reached.');
    // By the stream alone,
    await page.route('**/twitch', (route) => route.abort());
    await page.context().setOffline(true);
    await button.click();
    await reason.waitFor();
    expect(await button.boundingBox()).toEqual(before);
    await page.context().setOffline(false);
    // The browser lets an open stream live on.
    for (const type of ['pagehide', 'pageshow'])
      await page.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
    await reason.waitFor({ state: 'detached' });

    // and by the page alone.
    await page.unroute('**/twitch');
    await page.route('**/events/read', (route) => route.abort());
    await button.click();
    await reason.waitFor();
    await page.unroute('**/events/read');
    await reason.waitFor({ state: 'detached' });
    await button.click();
    await page.locator('.since-away').waitFor({ state: 'hidden' });
    await close();
  });

  it('show what waits at the press of the button that tells of it', async () => {
    const { page, close } = await open('/twitch/streamers/otterlogic');
    const button = page.locator('[data-programme-pause]');
    const words = () => button.locator('span').textContent();
    for (const way of ['pointer', 'keyboard']) {
      const name = `Waiting for the ${way}`;
      if (way === 'pointer') await page.locator('.programme .event').nth(2).hover();
      else await page.locator('.programme .event-foot a').first().focus();
      await happens(name);
      await page.getByText('1 waiting').waitFor();
      if (way === 'pointer') await button.click();
      else await button.press('Enter');
      await expect.poll(() => first(page)).toBe(name);
      expect(await words()).toBe('Pause');
      await page.mouse.move(5, 5);
      await page.locator('.wordmark').focus();
    }
    await button.click();
    // The words alone say what the button does: to be pressed besides would say it twice, and once wrongly.
    expect([await words(), await button.getAttribute('aria-pressed')]).toEqual(['Resume', null]);
    await close();
  });

  it('move the cards of the wall, and leave the place and the focus of others', async () => {
    app.simulator.world.goLive('fernhollow');
    await app.listener.round(new AbortController().signal);
    const { page, close } = await open('/twitch');
    expect(await page.locator('.live-card').count()).toBe(1);
    await page.locator('.offline-card a').focus();
    const event = newEvent({
      kind: 'live',
      payload: {
        broadcastId: '9001',
        startedAt: new Date().toISOString(),
        title: null,
        category: null,
        isRestart: false,
      },
      streamerId: otter,
    });
    await page.setViewportSize({ width: 1_440, height: 900 });
    await app.store.events.append([event]);
    app.feed.wake();
    await expect.poll(() => page.locator('.live-card').count()).toBe(2);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('OtterLogic');
    await expect.poll(() => page.locator('#wall-head .tally').textContent()).toBe('2 of 2');
    await close();
  });

  it.each([
    ['Pause is pressed', 'thimblewick'],
    ['somebody points at them', 'dunesparrow'],
  ])('bring cards of the wall up to date in place while %s, and move none', async (why, login) => {
    const { world } = app.simulator;
    for (const each of ['otterlogic', 'fernhollow']) world.goLive(each, { title: 'Before' });
    await viewer.post('/twitch/favourites', { streamer: login });
    const { id: streamerId = '', displayName } = world.find(login) ?? {};
    await round();
    const { page, close } = await open('/twitch');
    const liveNames = () => page.locator('.live-card h3').allTextContents();
    const before = await liveNames();
    expect(before).toHaveLength(2);
    const pause = page.locator('[data-programme-pause]');
    if (why === 'Pause is pressed') await pause.click();
    else await page.locator('.live-card').first().hover();

    const update = { title: 'After', category: 'Chess', language: 'en', before: null };
    const live = { broadcastId: '9002', startedAt: new Date().toISOString(), title: null };
    await app.store.events.append([
      newEvent({ kind: 'update', payload: update, streamerId: otter }),
      newEvent({
        kind: 'live',
        payload: { ...live, category: null, isRestart: false },
        streamerId,
      }),
    ]);
    app.feed.wake();
    await page.locator('.live-card-title', { hasText: 'After' }).waitFor();
    await page.locator('[data-behind]').waitFor();
    await expect.poll(() => page.title(), { timeout: 10_000 }).toContain('3 live');
    expect(await liveNames()).toEqual(before);
    if (why === 'Pause is pressed') await pause.click();
    else await page.mouse.move(5, 5);
    await expect.poll(liveNames).toEqual([displayName, ...before]);
    expect(await page.locator('[data-behind]').count()).toBe(0);
    await viewer.post(`/twitch/favourites/${streamerId}/delete`);
    await close();
  });

  it.each(['/twitch', '/twitch/streamers/otterlogic'])(
    'do not count on %s as what came while one was away, which stays until it is read elsewhere',
    async (path) => {
      await app.store.events.readUpTo('501', null);
      await happens('Before');
      const { page, close } = await open(path);
      const away = page.locator('#since-away');
      expect(await away.textContent()).toMatch(/Since you were away[^]*1 follow/);
      await happens('While it was open');
      await expect.poll(() => first(page)).toBe('While it was open');
      // The second time the first has been dealt with.
      for (let asked = 0; asked < 2; asked += 1)
        await page.waitForResponse((response) => response.url() === page.url(), { timeout: 15_000 });
      expect(await away.textContent()).toContain('1 follow');
      expect((await marked(page)).slice(0, 3)).toEqual(['New', 'New', 'Seen before']);
      await app.store.events.readUpTo('501', null);
      await away.waitFor({ state: 'hidden', timeout: 15_000 });
      expect(new Set(await marked(page))).toEqual(new Set(['read']));
      await close();
    },
  );

  it.each(['/twitch', '/twitch/streamers/otterlogic'])(
    'are new on %s to who comes back to it, since the last look',
    { timeout: 30_000 },
    async (path) => {
      await app.store.events.readUpTo('501', null);
      const { page, close } = await open(path);
      await happens('While it was seen');
      await expect.poll(() => first(page)).toBe('While it was seen');
      const end = await app.store.events.end();
      app.clock.advance(61_000);
      const seenTo = () => app.knex('users').where({ id: '501' }).pluck('seen_event_id');
      await expect.poll(seenTo, { timeout: 10_000 }).toEqual([end]);
      app.clock.advance(31 * 60_000);
      await happens('While nobody looked');
      await expect.poll(() => first(page)).toBe('While nobody looked');
      await expect
        .poll(() => marked(page), { timeout: 10_000 })
        .toEqual(['New', 'Seen before', ...Array.from({ length: 9 }, () => 'read')]);
      expect(await page.locator('#since-away').textContent()).toMatch(/Since you were away[^]*1 follow/);
      await close();
    },
  );

  it('change the bill of an open page, and the stage only for who comes on air', async () => {
    const { page, close } = await open('/twitch/streamers/otterlogic');
    const frame = page.locator('#stage iframe');
    await frame.waitFor();
    await frame.evaluate((element) => element.setAttribute('data-mark', 'untouched'));
    const update = { title: 'A wholly new title', category: 'Chess', language: 'en', before: null };
    await app.store.events.append([newEvent({ kind: 'update', payload: update, streamerId: otter })]);
    app.feed.wake();
    await expect.poll(() => page.locator('.bill-title').textContent()).toBe('A wholly new title');
    const payload = { broadcastId: null, durationS: null, title: null, category: null };
    await app.store.events.append([newEvent({ kind: 'offline', payload, streamerId: otter })]);
    app.feed.wake();
    await expect.poll(() => page.locator('.bill .live-mark').count()).toBe(0);
    expect(await frame.getAttribute('data-mark')).toBe('untouched');
    await close();
  });
});

async function names(page: Page): Promise<string[]> {
  return await page.locator('.programme .said-name').allTextContents();
}

async function first(page: Page): Promise<string | undefined> {
  return (await names(page))[0];
}

/** Of each entry whether it is called new, and where which line is drawn. */
async function marked(page: Page): Promise<string[]> {
  return await page
    .locator('.programme .events > li')
    .evaluateAll((items) =>
      items.map((item) =>
        item.classList.contains('event-line')
          ? item.textContent
          : (item.querySelector('.event-badge')?.textContent ?? 'read'),
      ),
    );
}
