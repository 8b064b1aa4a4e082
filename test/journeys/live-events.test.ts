import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { browserAvailable, launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { type CuttableWay, openWay } from '../support/cuttable.ts';
import { describeOnEveryDatabase, type OpenDatabase, type TestDatabase } from '../support/databases.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { describeIf } from '../support/left-out.ts';
import { endProcesses } from '../support/processes.ts';

// The whole program in a process of its own: its simulated Twitch sends, its conduit and its reader hear.
describeIf(browserAvailable, 'What happens', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    endProcesses();
  });

  describeOnEveryDatabase('on open pages', (open) => journey(open, () => browser));
});

function journey(open: OpenDatabase, browser: () => Browser): void {
  let database: TestDatabase;
  let demo: Demo;
  let wall: Visit;
  let way: CuttableWay;

  beforeEach(async () => {
    database = await open();
    way = await openWay(() => Number(new URL(demo.origin).port));
    const publicUrl = `http://localhost:${way.port}`;
    demo = await startDemo(database.settings, { PUBLIC_URL: publicUrl });
    await demo.command('life', { on: '0' });
    wall = await openPage(browser(), publicUrl, { reducedMotion: 'reduce' });
  });
  afterEach(async () => {
    await wall.close();
    way.close();
    await demo.stop();
    await database.drop();
  });

  it('arrives, survives a cut, and is counted for who was away', async () => {
    const { page } = wall;
    await signInAndListen(page);
    await page.goto('/twitch');
    const stage = await page.context().newPage();
    await stage.goto('/twitch/streamers/otterlogic');
    for (const each of [page, stage]) await each.locator('[data-state=live]').waitFor();

    await raid('nightferryman', 77);
    await demo.command('streamers/otterlogic/gift-bomb', { total: '25' });
    for (const each of [page, stage]) {
      await each.getByText('with 77 viewers').waitFor({ timeout: 5_000 });
      await each.getByText(/gifts 25|25 subs/).waitFor({ timeout: 5_000 });
      // The bomb and its 25 gifts are one entry.
      await expect.poll(async () => (await sentencesOf(each)).length).toBe(2);
    }

    way.cut();
    for (const each of [page, stage]) {
      await each.locator('[data-state=live]').waitFor({ state: 'detached' });
    }
    for (const viewers of [101, 102, 103]) await raid('kumo_no_ki', viewers);
    way.mend();
    await raid('kumo_no_ki', 104);
    for (const each of [page, stage]) {
      await each.getByText('with 104 viewers').waitFor({ timeout: 15_000 });
      const sentences = await sentencesOf(each);
      for (const viewers of [77, 101, 102, 103, 104]) {
        expect(sentences.filter((text) => text.includes(`with ${viewers} viewers`))).toHaveLength(1);
      }
      const ids = await idsOf(each);
      expect(new Set(ids).size).toBe(ids.length);
    }

    await stage.close();
    await minutesPass(2);
    await page.reload();
    await page.goto('about:blank');
    await minutesPass(60);
    await raid('nightferryman', 9);
    await demo.command('streamers/otterlogic/gift-bomb', { total: '16' });
    await expect
      .poll(async () => {
        await page.goto('/twitch');
        return await page.locator('#since-away').textContent();
      })
      .toMatch(/1 raid · 16 gifted subs/);
    const seen = await idsOf(page);
    expect(await page.locator('#programme li:has-text("Seen before")').count()).toBe(1);

    const plain = await openPage(browser(), `http://localhost:${way.port}`, {
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
    });
    await plain.page.goto('/twitch');
    expect(await idsOf(plain.page)).toEqual(seen);
    expect(await plain.page.locator('#since-away').textContent()).toMatch(/1 raid · 16 gifted subs/);
    await plain.close();
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await expect.poll(() => page.getByText('Since you were away').isVisible()).toBe(false);
  });

  /** Since somebody last looked. */
  async function minutesPass(minutes: number): Promise<void> {
    const lookedAt = async () => await database.knex('users').min({ seenAt: 'seen_at' }).first();
    await expect
      .poll(async () => Number((await lookedAt())?.['seenAt']))
      .toBeGreaterThan(Date.now() - 60_000);
    await database.knex('users').decrement('seen_at', minutes * 60_000);
  }

  async function raid(from: string, viewers: number): Promise<void> {
    await demo.command('streamers/otterlogic/raid', { from, viewers: String(viewers) });
  }
}

/** Until Twitch tells of the favourite at once, its chat included. */
async function signInAndListen(page: Page): Promise<void> {
  await page.goto('/twitch');
  await page.getByRole('link', { name: 'Try it with a simulated Twitch' }).click();
  await page.getByRole('radio', { name: 'Ada_Follows' }).check();
  await page.getByRole('button', { name: 'Authorise' }).click();
  await page.getByLabel('Add a favourite').fill('otterlogic');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('status').getByText('is now a favourite').waitFor();
  await page.goto('/twitch/account');
  await page.getByRole('button', { name: 'Turn on with Twitch' }).click();
  await page.getByRole('radio', { name: 'Ada_Follows' }).check();
  await page.getByRole('button', { name: 'Authorise' }).click();
  await page.getByText('On since').waitFor();
  await expect
    .poll(
      async () => {
        await page.goto('/twitch/status');
        return await page.locator('main').textContent();
      },
      { timeout: 30_000 },
    )
    .toMatch(/1 at once, subs and gifts of 1/);
}

async function sentencesOf(page: Page): Promise<string[]> {
  return await page.locator('.event-sentence').allTextContents();
}

async function idsOf(page: Page): Promise<(string | null)[]> {
  return await page
    .locator('#programme .event')
    .evaluateAll((events) => events.map((event) => event.getAttribute('data-event-id')));
}
