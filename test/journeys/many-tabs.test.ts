import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { newEvent, person } from '../support/stream-events.ts';

// A browser has six connections for a host; a page that cannot get one never loads.
const streamers = ['otterlogic', 'nightferryman', 'kumo_no_ki', 'fernhollow', 'thimblewick', 'gravelbeard'];

describeIf(browserAvailable, 'Six pages of one browser', () => {
  let app: TestApp;
  let browser: Browser;
  let viewer: SignedInBrowser;
  let visit: Visit;
  let tabs: BrowserContext;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser('lan.test')]);
    app.feed.start();
    viewer = await app.signedIn();
    for (const streamer of streamers) await viewer.post('/twitch/favourites', { streamer });
  });
  afterAll(async () => {
    await browser.close();
    await app.feed.stop();
    await app.close();
  });

  describe.each(['localhost', 'lan.test'])('at http://%s', (host) => {
    beforeEach(async () => {
      const origin = app.origin.replace('localhost', host);
      visit = await openPage(browser, origin, { cookie: viewer.cookie, reducedMotion: 'reduce' });
      tabs = visit.page.context();
    });
    afterEach(async () => {
      await visit.close();
      await vi.waitUntil(() => app.live.size() === 0);
    });

    it('leave room for another while all of them are seen, and hear everything in turns', async () => {
      const pages = await openAll(streamers.map((login) => `/twitch/streamers/${login}`));
      const seventh = await tabs.newPage();
      await seventh.goto('/twitch');
      await seventh.locator('.live-card, .offline-card').first().waitFor();
      for (const login of streamers) await happensTo(login);
      for (const page of [...pages, seventh])
        await page.locator('.programme .event').first().waitFor({ timeout: 30_000 });
      expect(app.live.size()).toBeLessThanOrEqual(5);
    });

    it('of the wall leave room for another too', async () => {
      await openAll(streamers.map(() => '/twitch'));
      const seventh = await tabs.newPage();
      await seventh.goto('/twitch');
      await isLive(seventh);
      expect(await seventh.getByRole('heading', { name: 'Live now' }).isVisible()).toBe(true);
    });

    it('hold no connection while nobody sees them, and catch up when they are seen', async () => {
      const pages = await openAll(streamers.slice(0, 2).map((login) => `/twitch/streamers/${login}`));
      const [first] = pages;
      await vi.waitUntil(() => app.live.size() === 2);
      for (const page of pages) await setHidden(page, true);
      await expect.poll(() => app.live.size(), { timeout: 15_000 }).toBe(0);
      const unseen = `While nobody saw ${host}`;
      await happensTo('otterlogic', unseen);
      if (first) await setHidden(first, false);
      await first?.locator('.programme .event', { hasText: unseen }).waitFor();
      expect(app.live.size()).toBe(1);
    });

    it('open behind others without a connection', async () => {
      const behind = await tabs.newPage();
      await behind.addInitScript(() => Object.defineProperty(document, 'hidden', { get: () => true }));
      const code = behind.waitForResponse((response) => response.url().includes('/connection'));
      await behind.goto('/twitch');
      await code;
      await visit.page.goto('/twitch');
      await isLive(visit.page);
      expect(await behind.locator('[data-state]').count()).toBe(0);
      expect(app.live.size()).toBe(1);
    });
  });

  async function openAll(paths: string[]): Promise<Page[]> {
    const pages: Page[] = [];
    for (const path of paths) {
      const page = pages.length === 0 ? visit.page : await tabs.newPage();
      await page.goto(path);
      await isLive(page);
      pages.push(page);
    }
    return pages;
  }

  async function happensTo(login: string, name = 'Somebody'): Promise<void> {
    const streamerId = app.simulator.world.find(login)?.id ?? '';
    await app.store.events.append([newEvent({ kind: 'follow', payload: { by: person(name) }, streamerId })]);
    app.feed.wake();
  }
});

async function isLive(page: Page): Promise<void> {
  await page.locator('[data-state=live]').waitFor();
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}
