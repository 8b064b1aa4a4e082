import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { everyKind, newEvent } from '../support/stream-events.ts';

describeIf(browserAvailable, 'The layout of', () => {
  let app: TestApp;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    const { world } = app.simulator;
    const live = ['otterlogic', 'kumo_no_ki', 'nightferryman', 'maraudingtea', 'ironpetal', 'saltmarshsam'];
    for (const login of live) world.goLive(login);
    const viewer = await app.signedIn({ id: '501', login: 'viewer', displayName: 'Viewer' });
    for (const streamer of [...live, 'fernhollow', 'thimblewick'])
      await viewer.post('/twitch/favourites', { streamer });
    await app.listener.round(new AbortController().signal);
    ({ cookie } = viewer);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  async function visit(options: { javaScriptEnabled?: boolean } = {}): Promise<Visit> {
    return await openPage(browser, app.origin, { cookie, reducedMotion: 'reduce', ...options });
  }

  /** So many events of one streamer that the viewer has not seen. */
  async function happens(times: number): Promise<void> {
    const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
    const events = everyKind('Nova').slice(0, times);
    await app.store.events.append(events.map((each) => newEvent({ ...each, streamerId })));
  }

  describe('the wall', () => {
    it.each([1440, 2560])('puts what was lately beside who is live, at %i px', async (width) => {
      await happens(3);
      const { page, close } = await visit();
      await page.setViewportSize({ width, height: 900 });
      await page.goto('/twitch');
      expect(await page.locator('.since-away').isVisible()).toBe(true);
      expect(await topOf(page, '#programme')).toBe(await topOf(page, '#wall-live'));
      await page.getByRole('button', { name: 'Mark all as read' }).click();
      await page.locator('.since-away').waitFor({ state: 'hidden' });
      expect(await topOf(page, '#programme')).toBe(await topOf(page, '#wall-live'));
      expect(await topOf(page, '#wall-offline')).toBeGreaterThan(await topOf(page, '#wall-live'));
      await close();
    });

    it('takes a row for each on a phone, and has a way to what was lately', async () => {
      const { page, close } = await visit();
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto('/twitch');
      const [thumbnail, card] = [
        await boxOf(page, '.live-card-thumbnail >> nth=0'),
        await boxOf(page, '.live-card >> nth=0'),
      ];
      expect(thumbnail.width / thumbnail.height).toBeCloseTo(16 / 9, 1);
      expect(card.height).toBeLessThan(100);
      expect(await topOf(page, '#programme')).toBeGreaterThan(480);
      await page.getByRole('link', { name: 'Lately' }).click();
      await expect.poll(() => topOf(page, '#programme')).toBeLessThan(240);
      await page.setViewportSize({ width: 1440, height: 900 });
      expect(await page.getByRole('link', { name: 'Lately' }).isVisible()).toBe(false);
      await close();
    });

    it('shows no button that does nothing where there is no JavaScript', async () => {
      const { page, close } = await visit({ javaScriptEnabled: false });
      await page.goto('/twitch');
      expect(await page.locator('[data-programme-pause]').count()).toBe(1);
      expect(await page.locator('[data-programme-pause]').isVisible()).toBe(false);
      await close();
    });
  });

  describe('what was lately', () => {
    it.each([
      [320, '/twitch'],
      [1440, '/twitch'],
      [1440, '/twitch/streamers/otterlogic'],
    ])('stays where it is whatever its heading tells, at %i px on %s', async (width, path) => {
      const { page, close } = await visit();
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      const state = page.locator('[data-programme-state]');
      const places = async () => [
        (await boxOf(page, '#programme .events')).y - (await boxOf(page, '#programme-heading')).y,
        (await boxOf(page, '#programme .events')).y - (await boxOf(page, '[data-programme-pause]')).y,
      ];
      await page.locator('[data-state=live]').waitFor();
      const before = await places();
      expect((await boxOf(page, '.programme-head')).height).toBe(44);

      await page.route(/\/live\?/, (route) => route.abort());
      await turnPage(page);
      await page.getByText('Reconnecting…').waitFor();
      expect(await places()).toEqual(before);
      // A phone so narrow may lose some of the word in another font.
      const lost = await state.evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(lost).toBeLessThanOrEqual(width > 320 ? 0 : 20);

      await page.unroute(/\/live\?/);
      await page.context().clearCookies();
      await turnPage(page);
      await page.getByText('Signed out. Sign in again').waitFor();
      expect(await places()).toEqual(before);
      await close();
    });
  });

  describe('what came since one was away', () => {
    it.each(['/twitch', '/twitch/streamers/otterlogic'])('has a button of one line on %s', async (path) => {
      await happens(3);
      const { page, close } = await visit();
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(path);
      expect((await boxOf(page, '.since-away button span')).height).toBeLessThan(20);
      await close();
    });
  });

  describe('the masthead', () => {
    it('has the search in place of a link where there is room, and the name where nobody is signed in', async () => {
      const { page, close } = await visit();
      await page.setViewportSize({ width: 768, height: 640 });
      await page.goto('/twitch');
      expect(await page.getByRole('searchbox', { name: 'Search channels' }).isVisible()).toBe(true);
      expect(await page.getByRole('link', { name: 'Search', exact: true }).isVisible()).toBe(false);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.locator('.wordmark span').isVisible()).toBe(false);
      await page.context().clearCookies();
      await page.goto('/twitch');
      expect(await page.locator('.wordmark span').isVisible()).toBe(true);
      await close();
    });
  });

  describe('the history', () => {
    it('shows ten events on one screen, each with who, what and when in one line', async () => {
      await happens(20);
      await app.store.events.readUpTo('501', null);
      const { page, close } = await visit();
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto('/twitch/events');
      const events = page.locator('.event');
      expect((await boxOf(page, '.event >> nth=9')).y).toBeLessThan(900 - 48);
      const lines = await events.first().evaluate((event) =>
        ['.event-streamer', '.event-sentence', '.event-foot'].map((part) => {
          const { top, bottom } = event.querySelector(part)?.getBoundingClientRect() ?? new DOMRect();
          return Math.round((top + bottom) / 2);
        }),
      );
      expect(Math.max(...lines) - Math.min(...lines)).toBeLessThanOrEqual(2);
      await close();
    });
  });

  describe('the events on a phone', () => {
    it.each(['/twitch', '/twitch/streamers/otterlogic'])(
      'says every sentence to its end, at %s',
      async (path) => {
        const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
        const events = everyKind('TheLongestNameOnAllTwitch').map((each) =>
          newEvent({ ...each, streamerId }),
        );
        await app.store.events.append(events);
        const { page, close } = await visit();
        await page.setViewportSize({ width: 320, height: 640 });
        await page.goto(path);
        const sentences = page.locator('.event-sentence');
        expect(await sentences.count()).toBe(10);
        const cut = await sentences.evaluateAll((all) =>
          all.filter((each) => each.scrollHeight > each.clientHeight + 1).map((each) => each.textContent),
        );
        expect(cut).toEqual([]);
        await close();
      },
    );
  });

  describe('the theatre on a phone', () => {
    it('keeps the player in sight while one scrolls, and the chat before what was lately', async () => {
      const { page, close } = await visit();
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto('/twitch/streamers/kumo_no_ki');
      expect(await topOf(page, '.audience')).toBeLessThan(await topOf(page, '#programme'));
      await page.evaluate(() => scrollTo(0, 900));
      const { x, y, width, height } = await boxOf(page, '.stage iframe');
      expect({ x, y, width }).toEqual({ x: 0, y: 0, width: 390 });
      expect(width / height).toBeCloseTo(16 / 9, 1);
      await close();
    });

    it('shows the whole player at once when it is held sideways', async () => {
      const { page, close } = await visit();
      await page.setViewportSize({ width: 844, height: 390 });
      await page.goto('/twitch/streamers/kumo_no_ki');
      const { y, width, height } = await boxOf(page, '.stage iframe');
      expect(y + height).toBeLessThanOrEqual(390);
      // Twitch's smallest.
      expect(width).toBeGreaterThanOrEqual(400);
      expect(height).toBeGreaterThanOrEqual(300);
      await close();
    });
  });

  describe('the stage of who is off air', () => {
    it('leaves their own picture free, and sets the words at its foot', async () => {
      const { page, close } = await visit();
      for (const width of [320, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto('/twitch/streamers/kazehikari');
        expect(await page.locator('.stage .offline-picture').count()).toBe(1);
        expect(await page.locator('.stage .portrait').count()).toBe(0);
        const [stage, words] = [await boxOf(page, '.stage'), await boxOf(page, '.offline-words')];
        expect(words.y + words.height).toBeCloseTo(stage.y + stage.height, 0);
        expect(words.y).toBeGreaterThan(stage.y + stage.height / 4);
        expect(words.width).toBe(stage.width);
      }
      await close();
    });
  });
});

/** As the browser does with a page that it keeps for the way back, and on the way back. */
async function turnPage(page: Page): Promise<void> {
  for (const name of ['pagehide', 'pageshow'])
    await page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), name);
}

async function topOf(page: Page, selector: string): Promise<number> {
  return (await boxOf(page, selector)).y;
}

async function boxOf(page: Page, selector: string) {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen`);
  return box;
}
