import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { newEvent } from '../support/stream-events.ts';

const live = Array.from({ length: 24 }, (_, index) => String(70_000 + index));
const offline = Array.from({ length: 30 }, (_, index) => String(71_000 + index));

describeIf(browserAvailable, 'The cards of an open wall', () => {
  let app: TestApp;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    app.feed.start();
    ({ cookie } = await app.signedIn());
    await app.store.streamers.saveProfiles([...live, ...offline].map(profile), new Date());
    for (const id of [...live, ...offline]) await app.store.favourites.add('501', id);
    await app.store.streamers.saveRound({
      asked: [...live, ...offline],
      live: live.map(stream),
      at: new Date(),
    });
  });
  afterAll(async () => {
    await browser.close();
    await app.feed.stop();
    await app.close();
  });

  it.each([
    [320, 0],
    [320, 2_500],
    [768, 0],
    [768, 900],
    [1_440, 0],
    [1_440, 400],
  ])('glide to make room, on a screen of %i px that was scrolled by %i', async (width, by) => {
    const { page, close, problems } = await open(width, 'no-preference', by);
    await somebodyGoesLive(page);
    expect(await shiftOf(page)).toBeLessThan(0.005);
    expect(problems).toEqual([]);
    await close();
  });

  it('glide on from where they are when the next push comes meanwhile', async () => {
    const { page, close } = await open(320, 'no-preference', 0);
    const moved: unknown = await page.evaluate(`(async () => {
      const { name } = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/settle.js'));
      const { settle } = await import(name);
      const list = document.querySelector('.live-cards');
      const card = list.children[3];
      const top = card.getBoundingClientRect().top;
      const step = list.children[4].getBoundingClientRect().top - top;
      for (const push of [1, 2, 3])
        settle(() => list.prepend(Object.assign(list.children[0].cloneNode(true), { id: 'pushed-' + push })));
      const away = Math.abs(Math.round(card.getBoundingClientRect().top - top));
      await Promise.all(card.getAnimations().map((each) => each.finished));
      return [away, Math.round((card.getBoundingClientRect().top - top) / step)];
    })()`);
    expect(moved).toEqual([0, 3]);
    await close();
  });

  it('make room at once for who wants little motion', async () => {
    const { page, close } = await open(1_440, 'reduce', 0);
    await somebodyGoesLive(page);
    expect(await shiftOf(page)).toBeGreaterThan(0.05);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await close();
  });

  it.each(['reduce', 'no-preference'] as const)(
    'leave what is read where it is (prefers-reduced-motion: %s)',
    async (motion) => {
      const { page, close } = await open(320, motion, 2_500);
      const first = page.locator('.programme-head');
      const before = await first.boundingBox();
      expect(before?.y).toBeGreaterThan(0);
      await somebodyGoesLive(page);
      expect((await first.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
      await close();
    },
  );

  async function open(width: number, reducedMotion: 'no-preference' | 'reduce', by: number) {
    const visit = await openPage(browser, app.origin, {
      cookie,
      reducedMotion,
      viewport: { width, height: 900 },
    });
    await visit.page.goto('/twitch');
    await visit.page.locator('[data-state=live]').waitFor();
    await visit.page.evaluate((top) => scrollTo(0, top), by);
    await visit.page.waitForTimeout(300);
    await watchShift(visit.page);
    return visit;
  }

  async function somebodyGoesLive(page: Page): Promise<void> {
    const streamerId = offline.pop() ?? '';
    const startedAt = new Date().toISOString();
    const broadcast = { broadcastId: `9${streamerId}`, startedAt, title: null, category: null };
    const payload = { ...broadcast, isRestart: false };
    await app.store.events.append([newEvent({ kind: 'live', payload, streamerId })]);
    app.feed.wake();
    await page.locator(`.live-cards #streamer-${streamerId}`).waitFor();
    await page.locator(`.programme a[href$=moving_${streamerId}]`).first().waitFor();
    await page.waitForTimeout(600);
  }
});

/** From now on. */
async function watchShift(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { dataset } = document.documentElement;
    dataset['shift'] = '0';
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('value' in entry) dataset['shift'] = String(Number(dataset['shift']) + Number(entry.value));
    }).observe({ type: 'layout-shift' });
  });
}

async function shiftOf(page: Page): Promise<number> {
  return await page.evaluate(() => Number(document.documentElement.dataset['shift']));
}

function profile(id: string) {
  return {
    id,
    login: `moving_${id}`,
    displayName: `Moving ${id}`,
    description: '',
    profileImageUrl: null,
    offlineImageUrl: null,
  };
}

function stream(streamerId: string) {
  return {
    id: `8${streamerId}`,
    streamerId,
    login: `moving_${streamerId}`,
    displayName: `Moving ${streamerId}`,
    title: 'A quiet evening',
    category: 'Chess',
    language: 'en',
    viewers: Number(streamerId) % 500,
    startedAt: new Date(Date.now() - 3_600_000),
    thumbnailUrl: null,
  };
}
