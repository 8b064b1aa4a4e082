import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { describeOnEveryDatabase, type OpenDatabase, type TestDatabase } from '../support/databases.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { describeIf } from '../support/left-out.ts';
import { endProcesses } from '../support/processes.ts';

const pollIntervalS = 2;
/** The listener's round, then the look that the open wall takes as often, and what a busy machine adds. */
const withinOneRoundMs = 2 * pollIntervalS * 1_000 + 2_000;

describeIf(browserAvailable, 'The main job', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    endProcesses();
  });

  describeOnEveryDatabase('in a browser', (open) => {
    describe.each([
      ['with JavaScript', true],
      ['without JavaScript', false],
    ])('%s', (_how, javaScriptEnabled) => {
      journey(open, () => browser, javaScriptEnabled);
    });
  });
});

function journey(open: OpenDatabase, browser: () => Browser, javaScriptEnabled: boolean): void {
  let database: TestDatabase;
  let demo: Demo;
  let visit: Visit;

  beforeEach(async () => {
    database = await open();
    demo = await startDemo(database.settings, { POLL_INTERVAL_S: String(pollIntervalS) });
    await demo.command('life', { on: '0' });
    visit = await openPage(browser(), demo.origin, { javaScriptEnabled });
  });
  afterEach(async () => {
    await visit.close();
    await demo.stop();
    await database.drop();
  });

  it('leads from the landing page to the wall, to a streamer’s page and out again', async () => {
    const { page, problems } = visit;
    await signIn(page);
    await page.getByRole('heading', { name: 'Who should the light follow?' }).waitFor();

    for (const login of ['otterlogic', 'kumo_no_ki', 'nightferryman']) await send(demo, login, 'offline');
    await send(demo, 'otterlogic', 'live');
    await addFavourite(page, 'OtterLogic', 'OtterLogic');
    await addFavourite(page, '雲の木', '雲の木');
    await addFavourite(page, 'https://www.twitch.tv/nightferryman?referrer=raid', 'NightFerryman');

    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await expectLive(page, ['OtterLogic']);
    await page.getByRole('link', { name: 'OtterLogic' }).click();
    await page.waitForURL('**/twitch/streamers/otterlogic');
    await page.getByText('watching', { exact: false }).first().waitFor();
    await frameOf(page, 'Live video of OtterLogic').getByText('Simulated player').waitFor();
    await frameOf(page, 'Chat of OtterLogic').getByRole('heading', { name: 'Simulated chat' }).waitFor();

    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await expectLive(page, ['OtterLogic']);
    await mark(page);
    await send(demo, 'nightferryman', 'live');
    await seeLive(page, 'NightFerryman', javaScriptEnabled);
    expect(await isMarked(page)).toBe(javaScriptEnabled);
    expect((await page.locator('.live-card h3').allTextContents()).toSorted()).toEqual([
      'NightFerryman',
      'OtterLogic',
    ]);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'The light follows your streamers.' }).waitFor();
    await page.goBack();
    expect(await page.locator('[data-live-wall]').count()).toBe(0);
    await page.goto('/twitch/favourites');
    expect(new URL(page.url()).pathname).toBe('/twitch/simulator/oauth2/authorize');
    expect(problems).toEqual([]);
    expect(await demo.stop()).toBe(0);
  });
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/twitch');
  await page.getByRole('link', { name: 'Try it with a simulated Twitch' }).click();
  await page.getByRole('radio', { name: 'Ada_Follows' }).check();
  await page.getByRole('button', { name: 'Authorise' }).click();
}

async function addFavourite(page: Page, typed: string, name: string): Promise<void> {
  await page.getByLabel('Add a favourite').fill(typed);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('status').getByText(`${name} is now a favourite.`).waitFor();
}

/** Whatever the beginning was: it comes or goes now. */
async function send(demo: Demo, login: string, to: 'live' | 'offline'): Promise<void> {
  await demo.command(`streamers/${login}/${to === 'live' ? 'offline' : 'live'}`);
  await demo.command(`streamers/${login}/${to}`);
}

async function expectLive(page: Page, names: string[]): Promise<void> {
  await page.getByRole('heading', { name: `Live now ${names.length} of 3` }).waitFor();
  expect(await page.locator('.live-card h3').allTextContents()).toEqual(names);
}

/** Within one round: by itself with JavaScript, else when the page is loaded again. */
async function seeLive(page: Page, name: string, byItself: boolean): Promise<void> {
  const card = page.locator('.live-card').filter({ hasText: name });
  const onceMore = async () => {
    await page.reload();
    return (await card.count()) > 0;
  };
  if (!byItself) await vi.waitUntil(onceMore, { timeout: withinOneRoundMs, interval: 100 });
  await card.waitFor({ timeout: withinOneRoundMs });
}

function frameOf(page: Page, title: string) {
  return page.frameLocator(`iframe[title="${title}"]`);
}

/** Marks the page that is open, to see later whether it was loaded anew. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => void (document.body.dataset['mark'] = 'here'));
}

async function isMarked(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.body.dataset['mark'] === 'here');
}
