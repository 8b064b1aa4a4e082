import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HearingStatus } from '../../src/domain/hearing-status.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';

const since = '2026-11-23T10:00:00.000Z';

function status(given: Partial<HearingStatus> = {}): HearingStatus {
  return {
    wanted: 'auto',
    present: 'conduit',
    why: 'There is no public address.',
    since,
    problems: [],
    sockets: [
      { what: 'shard 0', status: 'open', since, lastMessageAt: null, reconnects: 0, lastClose: null },
    ],
    shards: [
      { id: '0', status: 'enabled' },
      { id: '1', status: 'enabled' },
    ],
    costs: { total: 7, max: 10_000 },
    watches: { wished: 10, existing: 10, missing: 0 },
    lastEventAt: null,
    lastReconcileAt: since,
    counts: { heard: 1_200, unknown: 0, unreadable: 0, failed: 0 },
    coverage: { push: 2, part: 0, poll: 0, exceptions: {} },
    readers: [],
    chat: { covered: 0, exceptions: {} },
    ...given,
  };
}

describe('the status page', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let otter: string;

  beforeAll(async () => {
    app = await startApp();
    viewer = await app.signedIn();
    for (const streamer of ['otterlogic', 'fernhollow'])
      await viewer.post('/twitch/favourites', { streamer });
    otter = app.simulator.world.find('otterlogic')?.id ?? '';
  });
  beforeEach(async () => await app.listener.round(new AbortController().signal));
  afterAll(async () => await app.close());

  /** The words of the page, without its code. */
  async function read(given?: Partial<HearingStatus>): Promise<string> {
    if (given !== undefined) await app.store.reports.save('hearing', status(given));
    const { text } = await viewer.get('/twitch/status');
    const [, main = ''] = /<main[^>]*>([\s\S]*)<\/main>/.exec(text) ?? [];
    return main.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  }

  it('says that no listener has been heard of', async () => {
    expect(await read()).toContain('The listener has not reported yet');
  });

  it('says how Twitch answers a listener elsewhere, for as long as that is heard of', async () => {
    const closed = { circuit: 'closed', since } as const;
    const twitch = { auth: closed, api: { ...closed, circuit: 'open' }, eventSub: closed };
    await app.store.reports.save('hearing', {
      ...status(),
      twitch: { ...twitch, rateLimit: { limit: 800, remaining: 7, resetAt: since }, skippedItems: 0 },
    });
    const words = await read();
    expect(words).toContain('Does not answer');
    expect(words).toContain('7 of 800 calls left');
    await app.knex('listener_reports').update({ updated_at: 0 });
    expect(await read()).not.toContain('Does not answer');
  });

  it.each([
    ['listener', true],
    ['all', false],
  ])('is told of Twitch by a process with ROLE=%s: %s', async (role, isTold) => {
    const other = await startApp({ ROLE: role, EVENTSUB_TRANSPORT: 'poll' });
    const duties = other.startDuties();
    await vi.waitFor(async () => expect(await other.store.reports.find('hearing')).not.toBeNull(), 5_000);
    const report = await other.store.reports.find('hearing');
    expect(Object.keys(Object(report?.body)).includes('twitch')).toBe(isTold);
    await duties.stop();
    await other.close();
  });

  it('says that all is well, and by what', async () => {
    const words = await read({});
    expect(words).toContain('Events arrive as they happen.');
    expect(words).toContain('a conduit, which needs no public address. There is no public address.');
    expect(words).toContain('2 of 2 shards');
    expect(words).toContain('7 of the 10,000');
    expect(words).toContain('All of them: heard as it happens.');
    expect(words).not.toContain('OtterLogic');
  });

  it.each<[string, Partial<HearingStatus>, string]>([
    ['a problem', { problems: ['The webhook cannot be reached.'] }, 'The webhook cannot be reached.'],
    ['another way than was wanted', { wanted: 'webhook', present: 'poll' }, 'Nothing is pushed'],
    [
      'a socket that is down',
      {
        sockets: [
          {
            what: 'shard 1',
            status: 'waiting',
            since,
            lastMessageAt: since,
            reconnects: 3,
            lastClose: { code: 4003, reason: 'unused', at: since },
          },
        ],
      },
      'reconnected 3 times; last closed with 4003 unused',
    ],
    [
      'a shard that is down',
      { shards: [{ id: '1', status: 'websocket_disconnected' }] },
      '0 of 1 shards of the conduit are up. Shard 1: websocket disconnected',
    ],
    [
      'a budget that is spent',
      { costs: { total: 10, max: 10 }, watches: { wished: 12, existing: 10, missing: 2 } },
      '10 of the 10 points that Twitch allows are used',
    ],
    [
      'missing watches',
      { watches: { wished: 9, existing: 4, missing: 5 } },
      '4 of 9 subscriptions to events are in place, 5 are missing',
    ],
    [
      'a reader that does not work',
      { readers: [{ userId: '5', channels: 4, status: 'closed', problem: 'The token is gone.' }] },
      'The token is gone.',
    ],
  ])('names %s and does not say that all is well', async (_what, given, words) => {
    const page = await read(given);
    expect(page).toContain(words);
    expect(page).not.toContain('Events arrive as they happen.');
  });

  it('says who of the favourites is not told of at once, and why', async () => {
    const page = await read({
      coverage: {
        push: 1,
        part: 0,
        poll: 1,
        exceptions: { [otter]: { by: 'poll', reason: 'the budget is <b>spent</b>' } },
      },
      chat: { covered: 0, exceptions: { [otter]: 'nobody reads there' } },
    });
    expect(page).toContain('OtterLogic Asked about every 60 seconds: the budget is &lt;b&gt;spent');
    expect(page).toContain('Subs and gifts: nobody reads there');
    expect(page).toContain('All others: heard as it happens');
    expect(page).not.toContain('FernHollow');
  });

  it('says when the last event came, and for how many favourites subs and gifts are heard', async () => {
    expect(await read({})).toMatch(/No event has come yet\. You have not turned on subs and gifts\./);
    await app.store.users.setChatEvents('501', true);
    await app.store.tokens.save('501', {
      accessToken: 'a',
      refreshToken: 'r',
      scopes: ['user:read:chat'],
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    expect(await read({ chat: { covered: 2, exceptions: {} } })).toContain(
      'Subs and gifts are heard for 2 of your 2 favourites.',
    );
    const chat = { covered: 5, exceptions: { [otter]: 'nobody reads there' } };
    expect(await read({ chat })).toContain('Subs and gifts are heard for 1 of your 2 favourites.');
    expect(await read({})).toContain('Subs and gifts are heard for 0 of your 2 favourites.');
  });

  it('does not believe a listener that has been silent for a minute', async () => {
    await app.store.reports.save('hearing', status());
    app.clock.advance(61_000);
    const page = await read();
    expect(page).toContain('The listener last reported 1 minute ago');
    expect(page).toContain('Problem:');
    expect(page).not.toContain('heard as it happens');
  });
});
