import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { HtmlValidate, type RuleConfig } from 'html-validate';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { openSlowWay } from '../support/slow-way.ts';
import { everyKind, newEvent } from '../support/stream-events.ts';
import { describeIf } from '../support/left-out.ts';

type Person = 'nobody' | 'newcomer' | 'viewer' | 'hurried';

interface Sight {
  what: string;
  person?: Person;
  status?: number;
  /** A path, or what leads to the page. */
  open: string | ((page: Page, app: TestApp) => Promise<Response | null>);
  /** Something that only this page has. */
  shows: string;
}

const sights: Sight[] = [
  { what: 'the landing page', person: 'nobody', open: '/twitch', shows: '.landing-picture' },
  { what: 'the simulated consent page', person: 'nobody', open: '/twitch/sign-in', shows: 'main.consent' },
  {
    what: 'the simulated player',
    person: 'nobody',
    open: openFrame('player/?channel=otterlogic'),
    shows: '.bar',
  },
  { what: 'the simulated chat', person: 'nobody', open: openFrame('embed/otterlogic/chat?'), shows: '.room' },
  { what: 'an empty wall', person: 'newcomer', open: '/twitch', shows: '.welcome' },
  { what: 'a wall', open: '/twitch', shows: '.live-card + .live-card' },
  { what: 'favourites', open: '/twitch/favourites', shows: '.rows' },
  { what: 'favourites with an error and matches', status: 404, open: addUnknown, shows: '.did-you-mean' },
  { what: 'favourites after one was removed', open: removeOne, shows: '.notice form' },
  { what: 'no favourites', person: 'newcomer', open: '/twitch/favourites', shows: '.nothing' },
  { what: 'the search', open: '/twitch/search', shows: 'main .muted' },
  { what: 'a search with results', open: '/twitch/search?q=otter', shows: '.rows' },
  { what: 'a search that found nobody', open: '/twitch/search?q=zzzzzz', shows: '.nothing' },
  { what: 'a live streamer', open: '/twitch/streamers/otterlogic', shows: '.stage iframe' },
  { what: 'a live streamer in the theatre', open: '/twitch/streamers/otterlogic?theatre=1', shows: '.stage' },
  { what: 'an offline streamer', open: '/twitch/streamers/fernhollow', shows: '.offline-stage' },
  { what: 'an unavailable streamer', open: '/twitch/streamers/wrenwright', shows: '.offline-stage' },
  { what: 'a hostile streamer', open: '/twitch/streamers/gravelbeard', shows: '.stage iframe' },
  { what: 'a long name', open: '/twitch/streamers/theverylongnamedstreamers', shows: '.stage iframe' },
  { what: 'an endless title', open: '/twitch/streamers/saltmarshsam', shows: '.bill-title' },
  { what: 'an endless title off air', open: '/twitch/streamers/brinepickle', shows: '.last-title' },
  { what: 'the events', open: '/twitch/events', shows: '.event-line' },
  { what: 'events in a filter', open: '/twitch/events?kind=raid&q=nova', shows: '.chip' },
  { what: 'events in an odd filter', status: 400, open: '/twitch/events?kind=odd', shows: '[role=alert]' },
  { what: 'no events', person: 'newcomer', open: '/twitch/events', shows: '.nothing' },
  { what: 'events of one', open: '/twitch/streamers/gravelbeard/events', shows: '.of-one .event' },
  { what: 'an event', open: openEvent, shows: '.one-event' },
  { what: 'the account', open: openAccount, shows: 'details[open]' },
  { what: 'the question to sign out', open: '/twitch/logout', shows: '.spot form' },
  { what: 'the status', open: '/twitch/status', shows: '.status-details' },
  { what: 'a forged sign-in (400)', status: 400, open: '/twitch/callback?state=x', shows: '.spot' },
  { what: 'an unknown streamer (404)', status: 404, open: '/twitch/streamers/nobody_at_all', shows: '.spot' },
  { what: 'too much (429)', person: 'hurried', status: 429, open: searchTooOften, shows: '.spot' },
  // Last: Twitch is left alone for a while after its faults.
  { what: 'a search that failed (503)', status: 503, open: searchInVain, shows: '[role=alert]' },
  { what: 'Twitch out of reach (503)', status: 503, open: meetInVain, shows: '.spot' },
];

const looks = (['dark', 'light'] as const).flatMap((colorScheme) =>
  [320, 1440].map((width) => ({ colorScheme, width })),
);

describeIf(browserAvailable, 'The look of', () => {
  let app: TestApp;
  let browser: Browser;
  const cookies = new Map<Person, string>();

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    const people = await populate(app);
    for (const [person, { cookie }] of people) cookies.set(person, cookie);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  async function visit(person: Person = 'viewer'): Promise<Visit> {
    const cookie = cookies.get(person);
    return await openPage(browser, app.origin, {
      reducedMotion: 'reduce',
      ...(cookie === undefined ? {} : { cookie }),
    });
  }

  describe.each(sights)('$what', ({ person, status = 200, open, shows }) => {
    it('is whole, valid and for everybody, dark and light, on a phone and on a desk', async () => {
      const { page, problems, close } = await visit(person);
      const response = await (typeof open === 'string' ? page.goto(open) : open(page, app));
      expect(response?.status()).toBe(status);
      await page.locator(shows).first().waitFor();

      const complaints = await invalidHtml(response);
      for (const { colorScheme, width } of looks) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        const found = [...(await axeViolations(page)), ...(await sidewaysScroll(page))];
        complaints.push(...found.map((each) => `${colorScheme} ${width}: ${each}`));
      }
      expect(complaints).toEqual([]);
      expect(problems.filter((problem) => !problem.includes(String(status)))).toEqual([]);
      await close();
    });
  });

  describe.each([
    ['the wall', '/twitch', 0],
    ['the streamer page', '/twitch/streamers/otterlogic', 0],
    ['a wall whose Twitch does not answer', '/twitch', 3_600_000],
  ])('%s', (_what, path, age) => {
    beforeAll(async () => {
      await app.listener.round(new AbortController().signal);
      await app.knex('streamers').decrement('polled_at', age);
    });

    it.each([320, 1440])('does not shift while it loads at %i px', async (width) => {
      const { page, close } = await visit();
      await page.setViewportSize({ width, height: 800 });
      await page.goto(path, { waitUntil: 'networkidle' });
      expect(await page.locator('.freshness.stale').count()).toBe(age === 0 ? 0 : 1);
      expect(await layoutShift(page)).toBe(0);
      await page.evaluate(() => document.body.prepend(document.createElement('hr')));
      expect(await layoutShift(page)).toBeGreaterThan(0);
      await close();
    });

    it('does not shift while it comes in pieces', async () => {
      const way = await openSlowWay(app.origin);
      const cookie = cookies.get('viewer') ?? '';
      const { page, close } = await openPage(browser, way.origin, { cookie });
      await page.setViewportSize({ width: 1440, height: 800 });
      await page.goto(path, { waitUntil: 'domcontentloaded' });
      await page.locator('footer').waitFor();
      expect(await layoutShift(page)).toBe(0);
      await close();
      way.close();
    });

    it('weighs at most 40 kB without its embeds', async () => {
      const { page, close } = await visit();
      const ours: Response[] = [];
      page.on('response', (response) => {
        const isCode = /html|css|javascript/.test(response.headers()['content-type'] ?? '');
        if (isCode && response.url().startsWith(app.origin)) ours.push(response);
      });
      await page.goto(path, { waitUntil: 'networkidle' });
      const bodies = await Promise.all(ours.map((response) => response.body()));
      const types = new Set(ours.map((response) => response.headers()['content-type']?.split(';', 1)[0]));
      expect(types).toEqual(new Set(['text/css', 'text/html', 'text/javascript']));
      expect(bodies.reduce((sum, body) => sum + gzipSync(body).length, 0)).toBeLessThanOrEqual(40_000);
      await close();
    });
  });

  describe('the keyboard', () => {
    it('skips to the content', async () => {
      const { page, close } = await visit();
      await page.goto('/twitch');
      const link = page.getByRole('link', { name: 'Skip to content' });
      expect((await link.boundingBox())?.y).toBeLessThan(0);
      await page.keyboard.press('Tab');
      expect((await link.boundingBox())?.y).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
      await close();
    });

    it.each([
      ['the landing page', 'nobody', '/twitch'],
      ['the wall', 'viewer', '/twitch'],
      ['the empty wall', 'newcomer', '/twitch'],
      ['the favourites', 'viewer', '/twitch/favourites'],
      ['the search', 'viewer', '/twitch/search?q=otter'],
      ['a streamer page', 'viewer', '/twitch/streamers/otterlogic'],
      ['the events', 'viewer', '/twitch/events'],
      ['the account', 'viewer', '/twitch/account'],
    ] as const)('reaches everything on %s, and one sees where it is', async (_what, person, path) => {
      const { page, close } = await visit(person);
      await page.goto(path);
      const { all, reached, unseen } = await tabThrough(page);
      expect(all.length).toBeGreaterThan(4);
      expect(all.filter((name) => !reached.includes(name))).toEqual([]);
      expect(unseen).toEqual([]);
      await close();
    });
  });
});

/** Four people; the viewer has favourites on air, off air, unavailable and hostile. */
async function populate(app: TestApp): Promise<[Person, SignedInBrowser][]> {
  const { world } = app.simulator;
  const long = ['theverylongnamedstreamers', 'saltmarshsam'];
  const live = ['otterlogic', 'kumo_no_ki', 'nightferryman', 'gravelbeard', ...long];
  const offline = ['fernhollow', 'thimblewick', 'wrenwright', 'brinepickle'];
  for (const login of ['saltmarshsam', 'brinepickle']) {
    world.setProfile(login, { displayName: 'W'.repeat(25), description: 'W'.repeat(300) });
    world.setTitle(login, 'W'.repeat(140));
  }
  for (const login of [...live, 'fernhollow']) world.goLive(login);
  world.goOffline('fernhollow');
  const viewer = await app.signedIn({ id: '501', login: 'viewer', displayName: 'Viewer' });
  for (const streamer of [...live, ...offline]) await viewer.post('/twitch/favourites', { streamer });
  world.makeHostile('gravelbeard');
  await app.listener.round(new AbortController().signal);
  const streamerId = world.find('gravelbeard')?.id ?? '';
  const hostile = `"><img src=x onerror=alert(1)>`;
  // Of long before the broadcast, which goes on.
  const at = new Date(Date.now() - 7 * 86_400_000);
  const events = [...everyKind(hostile), ...everyKind('Nova')].map((each) =>
    newEvent({ ...each, streamerId, at }),
  );
  await app.store.events.append(events.slice(4));
  await app.store.events.readUpTo('501', null);
  await app.store.events.append(events.slice(0, 4));
  await app.store.streamers.markUnavailable([world.find('wrenwright')?.id ?? ''], new Date());
  const newcomer = await app.signedIn({ id: '502', login: 'newcomer', displayName: 'Newcomer' });
  const hurried = await app.signedIn({ id: '503', login: 'hurried', displayName: 'Hurried' });
  return [
    ['viewer', viewer],
    ['newcomer', newcomer],
    ['hurried', hurried],
  ];
}

function openFrame(path: string) {
  return (page: Page, app: TestApp) => page.goto(`${app.twitchUrl}/${path}&parent=localhost`);
}

async function addUnknown(page: Page): Promise<Response | null> {
  await page.goto('/twitch/favourites');
  await page.getByLabel('Add a favourite').fill('otter');
  const answer = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  return await answer;
}

async function removeOne(page: Page, app: TestApp): Promise<Response | null> {
  await page.goto('/twitch/favourites');
  await page.getByRole('button', { name: 'Remove Thimblewick' }).click();
  await page.waitForURL('**/favourites?removed=*');
  const response = await page.reload();
  const userId = '501';
  await app.store.favourites.add(userId, app.simulator.world.find('thimblewick')?.id ?? '');
  return response;
}

async function openEvent(page: Page): Promise<Response | null> {
  await page.goto('/twitch/events');
  const href = await page.locator('.event-foot a').first().getAttribute('href');
  return await page.goto(href ?? '');
}

async function openAccount(page: Page): Promise<Response | null> {
  const response = await page.goto('/twitch/account');
  await page.locator('summary').click();
  return response;
}

async function searchTooOften(page: Page): Promise<Response | null> {
  const { request } = page.context();
  while ((await request.get('/twitch/search/suggestions?q=a')).status() === 200);
  return await page.goto('/twitch/search');
}

async function searchInVain(page: Page, app: TestApp): Promise<Response | null> {
  app.simulator.faults.add({ path: '/helix/search', kind: 'status' });
  return await page.goto('/twitch/search?q=unheard');
}

async function meetInVain(page: Page, app: TestApp): Promise<Response | null> {
  app.simulator.faults.add({ path: '/helix/users', kind: 'status' });
  return await page.goto('/twitch/streamers/cosmicbadger');
}

const tastesOfTheSimulator = { 'void-style': 'off', 'doctype-style': 'off' } as const;
/** The wall holds a streamer with line breaks and a very long name. */
const saidByStreamers = { 'no-trailing-whitespace': 'off', 'long-title': 'off' } as const;
/** Boxes of one question share its name. */
const boxesOfOneName: RuleConfig = {
  'form-dup-name': ['error', { shared: ['radio', 'button', 'reset', 'submit', 'checkbox'] }],
};

async function invalidHtml(response: Response | null): Promise<string[]> {
  const html = (await response?.text()) ?? '';
  const rules = { ...tastesOfTheSimulator, ...saidByStreamers, ...boxesOfOneName };
  const validator = new HtmlValidate({ extends: ['html-validate:recommended'], rules });
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, message }) => `${ruleId} in line ${line}: ${message}`),
  );
}

async function axeViolations(page: Page): Promise<string[]> {
  // What is inside frames is Twitch's, and the simulator's have a test of their own.
  const rules = { 'target-size': { enabled: true } };
  const axe = new AxeBuilder({ page }).exclude('iframe').setLegacyMode(true);
  const { violations } = await axe.options({ resultTypes: ['violations'], rules }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 150)} ${failureSummary}`),
  );
}

async function sidewaysScroll(page: Page): Promise<string[]> {
  const excess = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return excess > 0 ? [`scrolls ${excess} px sideways`] : [];
}

/** The sum of all shifts so far. */
async function layoutShift(page: Page): Promise<number> {
  return await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if ('value' in entry) sum += Number(entry.value);
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(sum), 100));
      }),
  );
}

/** What can be used, what the tabulator reaches of it, and what does not show that it has the focus. */
async function tabThrough(page: Page): Promise<{ all: string[]; reached: string[]; unseen: string[] }> {
  const all = await page.evaluate(() => {
    const usable = 'a[href], button, input:not([type=hidden]), summary, select, textarea';
    const visible = [...document.querySelectorAll<HTMLElement>(usable)].filter((each) =>
      each.checkVisibility(),
    );
    return visible.map((each, index) => {
      const words = each.getAttribute('aria-label') ?? each.textContent.trim().replaceAll(/\s+/g, ' ');
      return (each.dataset['name'] = `${index} ${each.tagName} ${words}`);
    });
  });
  const reached: string[] = [];
  const unseen: string[] = [];
  // Frames have stops of their own.
  for (let presses = 0; presses < all.length + 10 && reached.length < all.length; presses += 1) {
    await page.keyboard.press('Tab');
    const { name, isSeen } = await page.evaluate(() => {
      const element = document.activeElement;
      const hasOutline = (pseudo?: string) => {
        if (element === null) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(element, pseudo);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      };
      const named = element instanceof HTMLElement ? element.dataset['name'] : undefined;
      return { name: named ?? null, isSeen: hasOutline() || hasOutline('::after') };
    });
    if (name === null) continue;
    reached.push(name);
    if (!isSeen) unseen.push(name);
  }
  return { all, reached, unseen };
}
