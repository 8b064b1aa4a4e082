import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { describeIf } from '../support/left-out.ts';
import { newEvent, person } from '../support/stream-events.ts';

const favourites = ['otterlogic', 'nightferryman', 'kumo_no_ki', 'fernhollow', 'thimblewick'];

describeIf(browserAvailable, 'With JavaScript', () => {
  let browser: Browser;
  let app: TestApp;
  let viewer: SignedInBrowser;
  let duties: ReturnType<TestApp['startDuties']>;
  let visits: Visit[] = [];

  beforeAll(async () => {
    // So often does an open wall look for news.
    [app, browser] = await Promise.all([startApp({ POLL_INTERVAL_S: '0.5' }), launchBrowser()]);
    duties = app.startDuties();
  });
  afterAll(async () => {
    await browser.close();
    await duties.stop();
    await app.close();
  });
  beforeEach(async () => {
    const { world } = app.simulator;
    for (const login of favourites) world.goOffline(login);
    world.goLive('otterlogic', { viewers: 900 });
    world.goLive('nightferryman', { viewers: 500 });
    viewer = await app.signedIn();
    for (const streamer of favourites) await viewer.post('/twitch/favourites', { streamer });
    await listen();
  });
  afterEach(async () => {
    const problems = visits.flatMap((visit) => visit.problems);
    await Promise.all(visits.map((visit) => visit.close()));
    visits = [];
    if (problems.length > 0) throw new Error(`The browser complained:\n${problems.join('\n')}`);
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const visit = await openPage(browser, app.origin, { cookie: viewer.cookie, ...options });
    visits.push(visit);
    await visit.page.goto(path);
    return visit.page;
  }

  /** Twice, since a broadcast ends only when it was missed twice. */
  async function listen(): Promise<void> {
    await app.listener.round(new AbortController().signal);
    await app.listener.round(new AbortController().signal);
  }

  it('changes the theme in place and keeps it', async () => {
    const page = await open('/twitch/streamers/otterlogic', { colorScheme: 'dark' });
    const loads = countLoads(page);
    const dark = await background(page);
    const saved = page.waitForResponse((response) => response.url().endsWith('/theme'));
    await page.getByRole('form', { name: 'Theme' }).getByRole('button', { name: 'Light' }).click();
    expect(await background(page)).not.toBe(dark);
    expect(await page.getByRole('button', { name: 'Light' }).getAttribute('aria-pressed')).toBe('true');
    await saved;
    expect(loads()).toEqual([]);
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light');
  });

  it('draws the chosen theme from the first moment', async () => {
    const page = await open('/twitch/favourites', { colorScheme: 'light' });
    const light = await background(page);
    const saved = page.waitForResponse((response) => response.url().endsWith('/theme'));
    await page.getByRole('button', { name: 'Dark' }).click();
    await saved;
    // Without scripts nothing can be drawn anew: what is seen now is what is seen first.
    const storageState = await page.context().storageState();
    const still = await open('/twitch', { colorScheme: 'light', javaScriptEnabled: false, storageState });
    expect(await background(still)).not.toBe(light);
  });

  it('adds and removes a favourite while the player plays on', async () => {
    const page = await open('/twitch/streamers/otterlogic');
    const loads = countLoads(page);
    const remove = page.getByRole('button', { name: 'Favourite: remove OtterLogic' });
    const add = page.getByRole('button', { name: 'Add to favourites: OtterLogic' });
    await remove.click();
    await add.waitFor();
    expect(await isFavourite('otterlogic')).toBe(false);
    expect(await focused(page)).toBe('Add to favourites: OtterLogic');
    await page.keyboard.press('Enter');
    await remove.waitFor();
    expect(await isFavourite('otterlogic')).toBe(true);
    expect(loads()).toEqual([]);
  });

  it('says beside the form why it was refused, for as long as that is so', async () => {
    const page = await open('/twitch/streamers/otterlogic');
    const loads = countLoads(page);
    const add = page.getByRole('button', { name: 'Add to favourites: OtterLogic' });
    const reason = page.locator('.bill-actions [role=alert]');
    const theatre = await page.locator('[data-theatre]').elementHandle();
    await page.getByRole('button', { name: 'Favourite: remove OtterLogic' }).click();
    await add.waitFor();

    const nowhere = await page.request.get('/twitch/nowhere');
    const refusals: [(route: Route) => Promise<void>, string][] = [
      [(route) => route.continue({ postData: 'streamer=nobody_at_all' }), 'goes by “nobody_at_all”'],
      [(route) => route.abort(), 'Followspot cannot be reached'],
      [(route) => route.fulfill({ response: nowhere }), 'Nothing here: There is no page at this address.'],
    ];
    for (const [refuse, words] of refusals) {
      await page.route('**/favourites', refuse);
      await add.click();
      await expect.poll(() => reason.textContent()).toContain(words);
      await page.unroute('**/favourites');
    }
    expect(await focused(page)).toBe('Add to favourites: OtterLogic');

    app.simulator.world.setViewers('otterlogic', 902);
    await listen();
    await page.getByText('902 watching').waitFor();
    expect(await reason.isVisible()).toBe(true);
    expect(await theatre?.evaluate((link) => link.isConnected)).toBe(true);
    await add.click();
    await reason.waitFor({ state: 'detached' });
    expect(loads()).toEqual([]);
    visits[0]?.problems.splice(0);
  });

  it('leads to the sign-in when a favourite is changed by nobody any more', async () => {
    const page = await open('/twitch/streamers/otterlogic');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Favourite: remove OtterLogic' }).click();
    await page.getByRole('heading', { name: 'Who is signing in?' }).waitFor();
    expect(visits[0]?.problems.splice(0).every((problem) => problem.includes('401'))).toBe(true);
  });

  it('enters and leaves the theatre while the player plays on', async () => {
    const page = await open('/twitch/streamers/otterlogic');
    const loads = countLoads(page);
    const before = await page.locator('.stage').boundingBox();
    await page.getByRole('link', { name: 'Theatre layout' }).click();
    expect((await page.locator('.stage').boundingBox())?.width).toBeGreaterThan(before?.width ?? Infinity);
    expect(page.url()).toBe(`${app.origin}/twitch/streamers/otterlogic?theatre=1`);
    await page.getByRole('link', { name: 'Leave theatre' }).click();
    expect(await page.locator('.stage').boundingBox()).toEqual(before);
    expect(page.url()).toBe(`${app.origin}/twitch/streamers/otterlogic`);
    expect(loads().filter((url) => url.startsWith(app.twitchUrl))).toEqual([]);
  });

  it('comes back from the theatre by the way back and by Escape, as often as one likes', async () => {
    const page = await open('/twitch');
    const stream = `${app.origin}/twitch/streamers/otterlogic`;
    await page.goto('/twitch/streamers/otterlogic');
    const loads = countLoads(page);
    const enter = page.getByRole('link', { name: 'Theatre layout' });
    const isOpen = async (url: string, layout: string) => {
      await expect.poll(() => page.url()).toBe(url);
      await page.locator(`[data-layout=${layout}]`).waitFor();
      await page.getByText(layout === 'open' ? 'Theatre layout' : 'Leave theatre').waitFor();
    };
    await enter.click();
    await isOpen(`${stream}?theatre=1`, 'theatre');
    await page.evaluate(() => history.back());
    await isOpen(stream, 'open');
    await page.evaluate(() => history.forward());
    await isOpen(`${stream}?theatre=1`, 'theatre');
    await page.keyboard.press('Escape');
    await isOpen(stream, 'open');
    await page.keyboard.press('Escape');
    await isOpen(stream, 'open');
    expect(loads()).toEqual([]);

    // What was entered and left is no step on the way back.
    await enter.click();
    await page.getByRole('searchbox').press('Escape');
    await isOpen(`${stream}?theatre=1`, 'theatre');
    await page.getByRole('link', { name: 'Leave theatre' }).click();
    await isOpen(stream, 'open');
    await page.goBack();
    expect(page.url()).toBe(`${app.origin}/twitch`);
  });

  it('keeps the bill of an open streamer page true, whatever the name', async () => {
    const { world } = app.simulator;
    world.goLive('velvetpiston', { viewers: 100 });
    const page = await open('/twitch/streamers/velvetpiston?theatre=1');
    const loads = countLoads(page);
    await page.getByText('100 watching').waitFor();
    world.setViewers('velvetpiston', 5005);
    await listen();
    await page.getByText('5,005 watching').waitFor();
    expect(loads()).toEqual([]);
    world.rename('velvetpiston', 'velvet_renamed');
    await listen();
    await page.waitForURL('**/streamers/velvet_renamed?theatre=1');
    const frames = () =>
      page.locator('iframe').evaluateAll((all) => all.map((frame) => frame.getAttribute('src') ?? ''));
    await expect
      .poll(frames)
      .toEqual([
        expect.stringContaining('channel=velvet_renamed&'),
        expect.stringContaining('/velvet_renamed/chat'),
      ]);
    await page.frameLocator('.audience iframe').locator('.room').waitFor();
    const loadsSince = countLoads(page);
    world.setViewers('velvet_renamed', 6006);
    await listen();
    await page.getByText('6,006 watching').waitFor();
    expect(loadsSince()).toEqual([]);
    await page.getByRole('link', { name: 'Leave theatre' }).click();
    expect(page.url()).toBe(`${app.origin}/twitch/streamers/velvet_renamed`);
    // New frames, not new addresses of the old ones: those would be steps on the way back.
    await page.goBack();
    expect(page.url()).toBe('about:blank');
    world.goOffline('velvet_renamed');
  });

  it('takes the chat away of who is not available any more, and brings it back', async () => {
    const page = await open('/twitch/streamers/hazelrove');
    await page.locator('.audience iframe').waitFor();
    await app.knex('streamers').where({ login: 'hazelrove' }).update({ unavailable_since: Date.now() });
    await expect.poll(() => page.locator('.audience').count(), { timeout: 10_000 }).toBe(0);
    await app.knex('streamers').where({ login: 'hazelrove' }).update({ unavailable_since: null });
    await page.locator('.bill + .audience iframe').waitFor();
  });

  it('has whom nobody favours followed for as long as the page is open', async () => {
    await open('/twitch/streamers/hazelrove');
    const visitedAt = async () =>
      (await app.store.streamers.pageOf('hazelrove', '501'))?.requestedAt?.getTime() ?? 0;
    await expect.poll(visitedAt).toBeGreaterThan(0);
    const longAgo = Date.now() - 14 * 60_000;
    await app.knex('streamers').where({ login: 'hazelrove' }).update({ requested_at: longAgo });
    await expect.poll(visitedAt, { timeout: 10_000 }).toBeGreaterThan(longAgo);
  });

  it('shows on what it showed who has signed out, until they are back and look again', async () => {
    const page = await open('/twitch/streamers/otterlogic');
    const asked: number[] = [];
    page.on('response', (response) => {
      if (response.url() === page.url()) asked.push(response.status());
    });
    await page.context().clearCookies();
    await expect.poll(() => asked, { timeout: 10_000 }).toContain(401);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    expect(await page.getByText('900 watching').isVisible()).toBe(true);
    const [name = '', value = ''] = viewer.cookie.split('=');
    await page.context().addCookies([{ name, value, url: `${app.origin}/twitch` }]);
    app.simulator.world.setViewers('otterlogic', 905);
    await listen();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByText('905 watching').waitFor();
    const problems = visits[0]?.problems.splice(0) ?? [];
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
  });

  it('says on an open streamer page that one is signed out, and asks for no stream any more', async () => {
    const page = await open('/twitch/favourites');
    await page.clock.install();
    await page.goto('/twitch/streamers/otterlogic');
    await page.locator('[data-state=live]').waitFor();
    await viewer.post('/twitch/sign-out');
    const link = page.getByRole('link', { name: 'Signed out. Sign in again' });
    await link.waitFor({ timeout: 15_000 });
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    await page.clock.fastForward(120_000);
    expect(asked.filter((url) => url.includes('/live'))).toEqual([]);
    await link.click();
    await page.getByRole('heading', { name: 'Who is signing in?' }).waitFor();
    visits[0]?.problems.splice(0);
  });

  it('lights a card up without touching what one reads or where one stands', async () => {
    const page = await open('/twitch', { viewport: { width: 800, height: 300 } });
    const link = page.getByRole('link', { name: 'FernHollow' });
    await link.focus();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const top = async () => (await link.boundingBox())?.y;
    const stood = await page.evaluate(() => scrollY);
    expect(stood).toBeGreaterThan(0);
    const seen = await top();
    await markWall(page);
    app.simulator.world.setViewers('otterlogic', 901);
    await listen();
    await page.getByText('901 watching').waitFor({ state: 'attached' });
    expect(await page.evaluate(() => scrollY)).toBe(stood);
    expect(await top()).toBe(seen);

    app.simulator.world.goLive('kumo_no_ki', { viewers: 700 });
    await listen();
    await page.locator('.live-card', { hasText: '雲の木' }).waitFor({ state: 'attached' });
    expect(await page.locator('.live-card h3').allTextContents()).toEqual([
      '雲の木',
      'OtterLogic',
      'NightFerryman',
    ]);
    expect(await page.locator('[data-live-wall-news]').textContent()).toBe('雲の木 went live');
    expect(await page.title()).toContain('3 live');
    expect(await focused(page)).toBe('FernHollow');
    expect(await isMarked(page)).toBe(true);
  });

  it('puts who was added elsewhere among the others, and says nothing of going live', async () => {
    const { world } = app.simulator;
    world.goLive('maraudingtea', { viewers: 700, startedAt: new Date(Date.now() - 4 * 3_600_000) });
    world.goLive('ironpetal', { viewers: 100 });
    const page = await open('/twitch');
    await noteAnimations(page);
    await viewer.post('/twitch/favourites', { streamer: 'maraudingtea' });
    await listen();
    const names = () => page.locator('.live-card h3').allTextContents();
    await page.locator('.live-card', { hasText: 'MaraudingTea' }).waitFor();
    expect(await names()).toEqual(['OtterLogic', 'MaraudingTea', 'NightFerryman']);
    expect(await page.locator('[data-live-wall-news]').textContent()).toBe('');
    expect(await animations(page)).toEqual([]);

    // A moment ago, though the page did not know of them before.
    await viewer.post('/twitch/favourites', { streamer: 'ironpetal' });
    await listen();
    await page.locator('.live-card', { hasText: 'IronPetal' }).waitFor();
    expect(await names()).toEqual(['IronPetal', 'OtterLogic', 'MaraudingTea', 'NightFerryman']);
    expect(await page.locator('[data-live-wall-news]').textContent()).toBe('IronPetal went live');
    for (const login of ['maraudingtea', 'ironpetal']) {
      await viewer.post(`/twitch/favourites/${world.find(login)?.id}/delete`);
      world.goOffline(login);
    }
  });

  it('keeps the focus on a streamer who goes live', async () => {
    const page = await open('/twitch');
    await page.getByRole('link', { name: 'FernHollow' }).focus();
    app.simulator.world.goLive('fernhollow');
    await listen();
    await page.locator('.live-card', { hasText: 'FernHollow' }).waitFor();
    expect(await focused(page)).toBe('FernHollow');
  });

  it('moves nothing for those who want no motion', async () => {
    const moving = await open('/twitch', { reducedMotion: 'no-preference' });
    const still = await open('/twitch', { reducedMotion: 'reduce' });
    for (const page of [moving, still]) await noteAnimations(page);
    app.simulator.world.goLive('fernhollow');
    await listen();
    for (const page of [moving, still])
      await page
        .locator('[data-live-wall-news]', { hasText: 'FernHollow went live' })
        .waitFor({ state: 'attached' });
    await vi.waitFor(async () => expect(await animations(moving)).toContain('light-up'));
    expect(await animations(still)).toEqual([]);
  });

  it('admits it when the wall cannot be refreshed, and recovers', async () => {
    const page = await open('/twitch');
    await page.context().setOffline(true);
    await page.getByText(/This page could not be refreshed since .+; it keeps trying\./).waitFor();
    expect(await page.locator('.live-card').count()).toBe(2);
    await page.context().setOffline(false);
    await page.getByText('it keeps trying').waitFor({ state: 'detached' });
    expect(
      visits[0]?.problems.splice(0).every((problem) => problem.includes('ERR_INTERNET_DISCONNECTED')),
    ).toBe(true);
  });

  it('leaves the wall for the landing page when one has signed out elsewhere', async () => {
    const page = await open('/twitch');
    await viewer.post('/twitch/sign-out');
    await page.getByRole('heading', { name: 'The light follows your streamers.' }).waitFor();
    expect(await page.locator('[data-live-wall]').count()).toBe(0);
    // Its stream ended with the session; when it comes back before the page is asked for, it is refused.
    for (const { problems } of visits)
      problems.splice(
        0,
        problems.length,
        ...problems.filter((each) => !/\/live\?.* 401$|status of 401/.test(each)),
      );
  });

  it('tells times in the viewer’s own zone', async () => {
    const startedAt = new Date('2026-11-20T12:00:00Z');
    app.simulator.world.goLive('otterlogic', { startedAt });
    await listen();
    const titles = await Promise.all(
      ['Asia/Tokyo', 'America/New_York'].map(async (timezoneId) => {
        const page = await open('/twitch', { timezoneId, locale: 'en-US' });
        return await page
          .locator('.live-card', { hasText: 'OtterLogic' })
          .locator('time')
          .getAttribute('title');
      }),
    );
    expect(titles).toEqual([expect.stringContaining('21:00'), expect.stringContaining('07:00')]);
  });

  it('filters the history by the days that stand in its headings', async () => {
    const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
    const payload = { by: person('Nightowl') };
    const at = new Date('2026-11-23T20:00:00Z');
    await app.store.events.append([newEvent({ kind: 'follow', payload, streamerId, at })]);
    const page = await open('/twitch/streamers/otterlogic/events', { timezoneId: 'Asia/Tokyo' });
    await page.getByText(/Tuesday,? 24 November 2026/).waitFor();
    await page.getByText('Filter', { exact: true }).click();
    for (const name of ['From Asia/Tokyo', 'To Asia/Tokyo']) {
      await page.getByLabel(name).fill('2026-11-24');
    }
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('From 2026-11-24 Asia/Tokyo').waitFor();
    expect(await page.locator('.event').count()).toBe(1);
    expect(await page.getByLabel('To Asia/Tokyo').inputValue()).toBe('2026-11-24');
  });

  it('writes dates in one way, whatever the browser speaks', async () => {
    const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
    const at = new Date('2026-11-22T21:05:00Z');
    const payload = { by: person('Earlybird') };
    await app.store.events.append([newEvent({ kind: 'follow', payload, streamerId, at })]);
    const manner = { timezoneId: 'UTC', locale: 'en-US' };
    const page = await open('/twitch/streamers/otterlogic/events', manner);
    const day = await page.getByText(/Sunday,? 22 November 2026/).innerText();
    const link = page.locator('.event', { hasText: 'Earlybird' }).locator('a[href*="/events/"]').first();
    await page.goto(String(await link.getAttribute('href')));
    await page.getByText(`Happened ${day} at 21:05`).waitFor();
    const account = await open('/twitch/account', manner);
    const since = account.getByText('here since');
    await expect.poll(() => since.innerText()).toMatch(/here since \d+ \w+ \d{4}/);
  });

  it('keeps the zone of an address until one of its days is changed', async () => {
    const path = '/twitch/events?from=2026-11-24&to=2026-11-24&zone=America%2FNew_York';
    const page = await open(path, { timezoneId: 'Asia/Tokyo' });
    const apply = async () => {
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.waitForLoadState();
    };
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('From America/New York').waitFor();
    await apply();
    await page.getByText('From 2026-11-24 America/New York').waitFor();
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('From America/New York').fill('2026-11-23');
    await page.getByLabel('From Asia/Tokyo').fill('2026-11-24');
    await page.getByLabel('From America/New York').fill('2026-11-23');
    await page.getByLabel('To Asia/Tokyo').waitFor();
    await apply();
    await page.getByText('From 2026-11-23 Asia/Tokyo').waitFor();
    expect(new URL(page.url()).searchParams.get('zone')).toBe('Asia/Tokyo');
  });

  it('brings a removed favourite back', async () => {
    const page = await open('/twitch/favourites');
    const notice = page.locator('.notice:focus');
    await page.getByRole('button', { name: 'Remove FernHollow' }).press('Enter');
    await notice.getByText('FernHollow is no longer a favourite.').waitFor();
    expect(await isFavourite('fernhollow')).toBe(false);
    await page.keyboard.press('Tab');
    await page.locator('button:focus', { hasText: 'Undo' }).waitFor();
    await page.keyboard.press('Enter');
    await notice.getByText('FernHollow is now a favourite.').waitFor();
    expect(await isFavourite('fernhollow')).toBe(true);
    expect(await notice.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('none');
  });

  it('suggests channels and takes one by arrow keys', async () => {
    const page = await open('/twitch/favourites');
    const field = page.getByRole('combobox', { name: 'Add a favourite' });
    await field.pressSequentially('bri');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect(await field.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Escape');
    expect(await options.count()).toBe(0);
    await page.keyboard.press('Backspace');
    await options.nth(2).waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await options.first().getAttribute('id'));
    await page.keyboard.press('ArrowUp');
    const chosen = page.getByRole('option', { selected: true });
    expect(await chosen.getAttribute('id')).toBe(await options.last().getAttribute('id'));
    const login = (await chosen.getAttribute('data-value')) ?? '';
    await page.keyboard.press('Enter');
    await page.getByText('is now a favourite.').waitFor();
    expect(await isFavourite(login)).toBe(true);
    await viewer.post(`/twitch/favourites/${app.simulator.world.find(login)?.id}/delete`);
  });

  async function isFavourite(login: string): Promise<boolean> {
    const id = app.simulator.world.find(login)?.id ?? '';
    return (await app.store.favourites.has('501', [id])).has(id);
  }
});

/** The addresses that the page or one of its frames has loaded since. */
function countLoads(page: Page): () => string[] {
  const loads: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) loads.push(request.url());
  });
  return () => loads;
}

async function background(page: Page): Promise<string> {
  return await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** The name of what has the focus. */
async function focused(page: Page): Promise<string | null | undefined> {
  return await page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
  );
}

/** The light on a card goes with the wall's next look, so what it began is noted as it begins. */
async function noteAnimations(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.addEventListener('animationstart', ({ animationName }) => {
      document.documentElement.dataset['animations'] =
        `${document.documentElement.dataset['animations'] ?? ''} ${animationName}`.trim();
    }),
  );
}

async function animations(page: Page): Promise<string[]> {
  return await page.evaluate(() => document.documentElement.dataset['animations']?.split(' ') ?? []);
}

/** Marks a card that stays, to see later whether it is still the same element. */
async function markWall(page: Page): Promise<void> {
  await page
    .locator('.live-card')
    .first()
    .evaluate((card) => Object.assign(card, { isMarked: true }));
}

async function isMarked(page: Page): Promise<boolean> {
  return await page.locator('.live-card').evaluateAll((cards) => cards.some((card) => 'isMarked' in card));
}
