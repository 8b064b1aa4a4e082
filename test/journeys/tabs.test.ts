import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { newEvent, person } from '../support/stream-events.ts';

const theatre = '/twitch/streamers/otterlogic';

describeIf(browserAvailable, 'the tabs of one browser', () => {
  let app: TestApp;
  let browser: Browser;
  let viewer: SignedInBrowser;
  let otter: string;
  let visit: Visit;
  let tabs: BrowserContext;
  let first: Page;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    app.feed.start();
    viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'otterlogic' });
    otter = app.simulator.world.find('otterlogic')?.id ?? '';
  });
  afterAll(async () => {
    await browser.close();
    await app.feed.stop();
    await app.close();
  });
  beforeEach(async () => {
    visit = await openPage(browser, app.origin, { cookie: viewer.cookie, reducedMotion: 'reduce' });
    first = visit.page;
    tabs = first.context();
  });
  afterEach(async () => {
    await visit.close();
    await vi.waitUntil(() => app.live.size() === 0);
  });

  async function happens(name: string): Promise<void> {
    const body = { kind: 'follow', payload: { by: person(name) } } as const;
    await app.store.events.append([newEvent({ ...body, streamerId: otter })]);
    app.feed.wake();
  }

  /** A page as it was when it was asked for; it begins to follow once it is let go. */
  async function openHeld(): Promise<{ page: Page; letGo: () => Promise<void> }> {
    const page = await tabs.newPage();
    const held: Route[] = [];
    await page.route(/\/live-events\b[^/]*\.js/, (route) => void held.push(route));
    await page.goto(theatre, { waitUntil: 'commit' });
    await vi.waitUntil(() => held.length > 0);
    return {
      page,
      async letGo() {
        await Promise.all(held.map((route) => route.continue()));
        await isLive(page);
      },
    };
  }

  it('share one connection for one stream', async () => {
    await open(first);
    const second = await open(await tabs.newPage());
    expect(app.live.size()).toBe(1);
    await open(await tabs.newPage(), '/twitch');
    expect(app.live.size()).toBe(2);
    await happens('To everybody');
    for (const page of tabs.pages()) await expect.poll(() => count(page, 'To everybody')).toBe(1);
    await second.close();
  });

  it('go on when the one that reads is closed, with what happened meanwhile', async () => {
    await open(first);
    const others = [await open(await tabs.newPage()), await open(await tabs.newPage())];
    await Promise.all([first.close(), happens('As it closed')]);
    await happens('After it closed');
    for (const page of others)
      for (const name of ['As it closed', 'After it closed'])
        await expect.poll(() => count(page, name), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => app.live.size()).toBe(1);
  });

  it('go on when the one that reads goes elsewhere', async () => {
    await open(first);
    const second = await open(await tabs.newPage());
    await first.goto('/twitch/account');
    await happens('While it was elsewhere');
    await expect.poll(() => count(second, 'While it was elsewhere'), { timeout: 10_000 }).toBe(1);
  });

  it('take in one that comes late, and lacks what the others were told', async () => {
    await open(first);
    const late = await openHeld();
    await happens('Before it listened');
    await expect.poll(() => count(first, 'Before it listened')).toBe(1);
    expect(await count(late.page, 'Before it listened')).toBe(0);
    await late.letGo();
    await happens('When it listens');
    for (const page of [first, late.page])
      for (const name of ['Before it listened', 'When it listens'])
        await expect.poll(() => count(page, name)).toBe(1);
    await expect.poll(() => app.live.size()).toBe(1);
  });

  it('take in one that lacks more than any of them was ever told', async () => {
    const late = await openHeld();
    await happens('Before all others');
    await open(first);
    await late.letGo();
    await happens('After all others');
    for (const page of [first, late.page])
      for (const name of ['Before all others', 'After all others'])
        await expect.poll(() => count(page, name)).toBe(1);
    await expect.poll(() => app.live.size()).toBe(1);
  });

  it('take in one that came while nobody read, and lacks what the reader knows', async () => {
    const lock = await tabs.newPage();
    await lock.goto('/twitch/account');
    await lock.evaluate(
      async (name) =>
        await new Promise<void>((isHeld) => {
          void navigator.locks.request(name, async () => {
            isHeld();
            await new Promise((letGo) => addEventListener('let-go', letGo));
          });
        }),
      `followspot ${theatre}/live`,
    );
    const late = await openHeld();
    await happens('Before both');
    await first.goto(theatre);
    await isWaitingForLock(first, 1);
    const going = late.letGo();
    await isWaitingForLock(first, 2);
    await lock.evaluate(() => dispatchEvent(new Event('let-go')));
    await going;
    for (const page of [first, late.page]) await expect.poll(() => count(page, 'Before both')).toBe(1);
  });

  it('take in what happened before what they heard first', async () => {
    const late = await openHeld();
    for (const name of ['First', 'Second']) await happens(name);
    const texts = await textsOf(await open(first), ['First', 'Second']);
    await late.letGo();
    await first.close();
    await expect.poll(() => count(late.page, 'Second')).toBe(1);

    const follower = await open(await tabs.newPage());
    await follower.evaluate(
      ([name = '', second, again]) => {
        const channel = new BroadcastChannel(name);
        for (const [id, html] of [
          [1_000_002, second],
          [1_000_001, again],
          [1_000_002, second],
        ])
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- It reaches our own origin only.
          channel.postMessage({ what: 'event', id, html });
      },
      [
        `followspot ${theatre}/live`,
        asNew(texts[1], 1_000_002, 'Heard first'),
        asNew(texts[0], 1_000_001, 'Heard second'),
      ],
    );
    for (const name of ['Heard first', 'Heard second'])
      await expect.poll(() => count(late.page, name)).toBe(1);
  });

  it('let go of everything when they are put by, and catch up on the way back', async () => {
    await open(first);
    await turnPage(first, 'pagehide');
    await expect.poll(() => app.live.size()).toBe(0);
    await happens('While it was put by');
    await turnPage(first, 'pageshow');
    await expect.poll(() => count(first, 'While it was put by')).toBe(1);
    await expect.poll(() => app.live.size()).toBe(1);
  });
});

async function open(page: Page, path = theatre): Promise<Page> {
  await page.goto(path);
  await isLive(page);
  return page;
}

/** The entries of these names, as the page has them. */
async function textsOf(page: Page, names: string[]): Promise<string[]> {
  return await Promise.all(
    names.map((name) =>
      page
        .locator('.programme .event', { hasText: name })
        .first()
        .evaluate((entry) => entry.outerHTML),
    ),
  );
}

/** An entry as if it were another. */
function asNew(html: string | undefined, id: number, name: string): string {
  return (html ?? '')
    .replace(/id="event-\d+"/, `id="event-${id}"`)
    .replace(/data-event-id="\d+"/, `data-event-id="${id}"`)
    .replace(/data-sequence="\d+"/, `data-sequence="${id}"`)
    .replace(/First|Second/, name);
}

async function isWaitingForLock(page: Page, howMany: number): Promise<void> {
  await expect
    .poll(() => page.evaluate(async () => (await navigator.locks.query()).pending?.length))
    .toBe(howMany);
}

async function isLive(page: Page): Promise<void> {
  await page.locator('[data-state=live]').waitFor();
}

async function count(page: Page, name: string): Promise<number> {
  return (await page.locator('.programme .said-name').allTextContents()).filter((each) => each === name)
    .length;
}

/** As the browser does with a page that it keeps for the way back. */
async function turnPage(page: Page, name: 'pagehide' | 'pageshow'): Promise<void> {
  await page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), name);
}
