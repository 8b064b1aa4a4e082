import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { newEvent, person } from '../support/stream-events.ts';

const live = Array.from({ length: 24 }, (_, index) => String(70_000 + index));
const theirs = `/twitch/streamers/moving_${live[0]}`;
const offline = Array.from({ length: 30 }, (_, index) => String(71_000 + index));

describeIf(browserAvailable, 'What is pushed to an open page', () => {
  let app: TestApp;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ POLL_INTERVAL_S: '8' }), launchBrowser()]);
    app.feed.start();
    ({ cookie } = await app.signedIn());
    await app.store.streamers.saveProfiles([...live, ...offline].map(profile), new Date());
    for (const id of [...live, ...offline]) await app.store.favourites.add('501', id);
    const asked = [...live, ...offline];
    await app.store.streamers.saveRound({ asked, live: live.map(stream), at: new Date() });
    for (let turn = 0; turn < 12; turn += 1) await isFollowed(live[0]);
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
  ])('glides to its place, on a wall of %i px that was scrolled by %i', async (width, by) => {
    const { page, close, problems } = await open('/twitch', { width, by });
    await somebodyGoesLive(page);
    expect(await shiftOf(page)).toBeLessThan(0.005);
    expect(problems).toEqual([]);
    await close();
  });

  it('glides on from where things are when the next comes meanwhile', async () => {
    const { page, close } = await open('/twitch', { width: 320 });
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

  it('is there at once for who wants little motion', async () => {
    const { page, close } = await open('/twitch', { reducedMotion: 'reduce' });
    await somebodyGoesLive(page);
    expect(await shiftOf(page)).toBeGreaterThan(0.05);
    expect(await glidesOf(page)).toBe(0);
    await close();
  });

  it('is shown in one go when much comes at once', async () => {
    const { page, close } = await open('/twitch');
    const follows = live.slice(0, 9).map((streamerId) => aFollow(streamerId));
    await app.store.events.append(follows);
    app.feed.wake();
    await expect.poll(() => page.locator('.event-new').count()).toBe(9);
    const entries = await page.locator('.event').count();
    expect(await glidesOf(page)).toBeLessThanOrEqual(entries + 5);
    await close();
  });

  it('takes who goes live at once together, and names them in one sentence', async () => {
    const { page, close } = await open('/twitch');
    const three = [offline.pop(), offline.pop(), offline.pop()];
    await app.store.events.append(three.map((id) => aStart(id)));
    app.feed.wake();
    const news = page.locator('[data-live-wall-news]');
    await expect.poll(() => news.textContent()).toMatch(/^Moving \d+, Moving \d+, Moving \d+ went live$/);
    const cards = await page.locator('.live-card').evaluateAll((all) => all.slice(0, 3).map(({ id }) => id));
    expect(cards.toSorted()).toEqual(three.map((id) => `streamer-${id}`).toSorted());
    await close();
  });

  describe.each(['reduce', 'no-preference'] as const)('with prefers-reduced-motion: %s', (reducedMotion) => {
    it.each([
      ['the list of a wall on a phone', '/twitch', { width: 320 }, '.programme .event:nth-child(4)'],
      [
        'a streamer page with the chat beside it',
        theirs,
        { width: 1_100, height: 500 },
        '.event:nth-child(7)',
      ],
      ['a streamer page below the player', theirs, { width: 320, height: 640 }, '.event:nth-child(2)'],
    ])('leaves what is read where it is: %s', async (_what, path, screen: Screen, selector) => {
      const { page, close } = await open(path, { ...screen, reducedMotion });
      // As in a browser that does not see to it.
      await page.evaluate(() => void (document.body.style.overflowAnchor = 'none'));
      const read = await page.locator(selector).first().elementHandle();
      await read?.evaluate((part) => scrollBy(0, part.getBoundingClientRect().top - 250));
      await page.waitForTimeout(300);
      const before = await read?.boundingBox();
      expect(before?.y).toBeCloseTo(250, -1);
      const last = await page.locator('.event').first().getAttribute('id');
      await isFollowed(live[0]);
      await expect.poll(() => page.locator('.event').first().getAttribute('id')).not.toBe(last);
      await settled(page);
      expect(distance(await read?.boundingBox(), before)).toBeLessThan(1);
      await close();
    });
  });

  it.each([
    [768, 900],
    [1_440, 300],
  ])('scrolls for nobody who joins a grid or leaves it, on a wall of %i px', async (width, by) => {
    const { page, close } = await open('/twitch', { width, by });
    const top = () => page.evaluate(() => scrollY);
    await somebodyGoesLive(page);
    expect(await top()).toBe(by);
    const [first] = await page.locator('.live-card').evaluateAll((cards) => cards.map(({ id }) => id));
    const payload = { broadcastId: null, durationS: null, title: null, category: null };
    const streamerId = first?.replace('streamer-', '') ?? '';
    await app.store.events.append([newEvent({ kind: 'offline', payload, streamerId })]);
    app.feed.wake();
    await page.locator(`.offline-cards #${first}`).waitFor({ state: 'attached' });
    await settled(page);
    expect(await top()).toBe(by);
    expect(await shiftOf(page)).toBeLessThan(0.005);
    await close();
  });

  it('lets the sum of what is new come and go without a way of its own', async () => {
    const { page, close } = await open('/twitch', { width: 320, by: 40 });
    const away = page.locator('#since-away');
    await app.knex('users').where({ id: '501' }).update({ read_event_id: 0 });
    await away.waitFor({ timeout: 15_000 });
    expect(await glidesOf(page, '.since-away')).toBe(0);
    await page.evaluate(() => scrollTo(0, 400));
    const card = page.locator('.live-card').nth(8);
    const before = await card.boundingBox();
    await app.store.events.readUpTo('501', null);
    await away.waitFor({ state: 'hidden', timeout: 15_000 });
    expect(distance(await card.boundingBox(), before)).toBeLessThan(1);
    await close();
  });

  it('moves no card of a wide wall for the list at its side', async () => {
    await app.knex('streamers').whereNotIn('id', live.slice(0, 2)).update({ broadcast_id: null });
    const { page, close } = await open('/twitch', { width: 1_280, height: 600 });
    await page.evaluate(() => void (document.body.style.overflowAnchor = 'none'));
    const card = page.locator('.offline-card').first();
    await card.evaluate((part) => scrollBy(0, part.getBoundingClientRect().top - 250));
    const before = await card.boundingBox();
    const last = page.locator('.event').last();
    expect((await last.boundingBox())?.y).toBeGreaterThan(0);
    const glides = await glidesOf(page);
    await isFollowed(live[0]);
    await expect.poll(() => glidesOf(page, '.event')).toBeGreaterThan(glides);
    await settled(page);
    expect(distance(await card.boundingBox(), before)).toBeLessThan(1);
    await close();
  });

  interface Screen {
    width?: number;
    height?: number;
    by?: number;
    reducedMotion?: 'reduce' | 'no-preference';
  }

  async function open(path: string, { width = 1_440, height = 900, by = 0, ...rest }: Screen = {}) {
    await app.store.events.readUpTo('501', null);
    const visit = await openPage(browser, app.origin, {
      cookie,
      reducedMotion: 'no-preference',
      viewport: { width, height },
      ...rest,
    });
    await visit.page.goto(path);
    await visit.page.locator('[data-state=live]').waitFor();
    await visit.page.evaluate((top) => scrollTo(0, top), by);
    await visit.page.waitForTimeout(300);
    await watch(visit.page);
    return visit;
  }

  async function somebodyGoesLive(page: Page): Promise<void> {
    const streamerId = offline.pop() ?? '';
    await app.store.events.append([aStart(streamerId)]);
    app.feed.wake();
    await page.locator(`.live-cards #streamer-${streamerId}`).waitFor();
    await page.locator(`.programme a[href$=moving_${streamerId}]`).first().waitFor();
    await settled(page);
  }

  async function isFollowed(streamerId = ''): Promise<void> {
    await app.store.events.append([aFollow(streamerId)]);
    app.feed.wake();
  }
});

/** From now on what shifts, and what is made to glide, is counted. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { dataset } = document.documentElement;
    dataset['shift'] = '0';
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('value' in entry) dataset['shift'] = String(Number(dataset['shift']) + Number(entry.value));
    }).observe({ type: 'layout-shift' });
  });
  await page.evaluate(`(() => {
    const { animate } = Element.prototype;
    const { dataset } = document.documentElement;
    Element.prototype.animate = function (...given) {
      dataset.glides = (dataset.glides ?? '') + ' .' + this.classList[0];
      return animate.apply(this, given);
    };
  })()`);
}

/** Nothing glides any more; what else is pushed at the same time has come, too. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(300);
  await page.waitForFunction(() =>
    document.getAnimations().every((each) => each instanceof CSSAnimation || each instanceof CSSTransition),
  );
}

async function shiftOf(page: Page): Promise<number> {
  return await page.evaluate(() => Number(document.documentElement.dataset['shift']));
}

async function glidesOf(page: Page, name = ''): Promise<number> {
  const all = await page.evaluate(() => document.documentElement.dataset['glides'] ?? '');
  return all.split(' ').filter((each) => each !== '' && each.includes(name)).length;
}

interface Box {
  y: number;
}

function distance(one: Box | null | undefined, other: Box | null | undefined): number {
  return Math.abs((one?.y ?? Number.NaN) - (other?.y ?? Number.NaN));
}

function aStart(streamerId = '') {
  const startedAt = new Date().toISOString();
  const broadcast = { broadcastId: `9${streamerId}`, startedAt, title: null, category: null };
  return newEvent({ kind: 'live', payload: { ...broadcast, isRestart: false }, streamerId });
}

function aFollow(streamerId: string) {
  return newEvent({ kind: 'follow', payload: { by: person('Quill') }, streamerId, at: new Date() });
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
