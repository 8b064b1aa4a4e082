import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EventBody } from '../../src/domain/stream-event.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { everyKind, newEvent, person } from '../support/stream-events.ts';

const day = (text: string) => new Date(`${text}Z`);
const raid = (from: string): EventBody => ({
  kind: 'raid',
  payload: { from: person(from), viewers: 12, sharedFrom: null },
});
const follow = (by: string): EventBody => ({ kind: 'follow', payload: { by: person(by) } });
const hostile = `=1+"><img src=x onerror=alert(1)>`;

describeOnEveryDatabase('the history', (open) => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let stranger: SignedInBrowser;

  beforeAll(async () => {
    app = await startApp({}, open);
    viewer = await app.signedIn();
    stranger = await app.signedIn({ id: '777', login: 'stranger' });
    const profile = { description: '', profileImageUrl: null, offlineImageUrl: null };
    await app.store.streamers.saveProfiles(
      [
        { id: '1001', login: 'lumi', displayName: 'Lumi', ...profile },
        { id: '1002', login: 'otter', displayName: 'Otter', ...profile },
        { id: '1003', login: 'nobodys', displayName: 'Nobodys', ...profile },
      ],
      new Date(),
    );
    for (const id of ['1001', '1002']) await app.store.favourites.add('501', id);
    await app.store.events.append([
      newEvent({ ...raid('Nova'), at: day('2026-11-20T23:59:59'), type: 'channel.raid' }),
      newEvent({ ...raid(hostile), at: day('2026-11-21T00:00:00'), type: 'channel.raid' }),
      newEvent({ ...follow('=Quill'), at: day('2026-11-21T12:00:00'), streamerId: '1002' }),
      newEvent({ ...follow('Zed'), at: day('2026-11-22T12:00:00'), isLate: true, source: 'poll' }),
      newEvent({ ...follow('Elsewhere'), at: day('2026-11-22T13:00:00'), streamerId: '1003' }),
    ]);
  });
  afterAll(async () => await app.close());

  const show = async (path: string) => {
    const { status, text } = await viewer.get(`/twitch${path}`);
    expect([path, status]).toEqual([path, 200]);
    return { text, names: [...text.matchAll(/class="said-name">(.*?)<\/bdi>/g)].map(([, name]) => name) };
  };

  it('shows what all favourites did, newest first, below days', async () => {
    const { text, names } = await show('/events');
    expect(names).toEqual(['Zed', '=Quill', expect.stringContaining('=1+'), 'Nova']);
    const days = [...text.matchAll(/<h2><time datetime="([\d-]+)">/g)].map(([, each]) => each);
    expect(days).toEqual(['2026-11-22', '2026-11-21', '2026-11-20']);
    expect(text).toContain('found late');
    expect(text).not.toContain('<img src=x');
  });

  it('shows what one streamer did, by any favourite or not, to anybody who is signed in', async () => {
    expect((await show('/streamers/lumi/events')).names).toHaveLength(3);
    expect((await show('/streamers/Nobodys/events')).names).toEqual(['Elsewhere']);
    expect((await stranger.get('/twitch/streamers/lumi/events')).text).toContain('Zed');
    expect((await stranger.get('/twitch/events')).text).toContain('No events yet');
    expect((await viewer.get('/twitch/streamers/unheard/events')).status).toBe(404);
  });

  it.each([
    ['kind=raid', 2],
    ['kind=follow,raid', 4],
    ['kind=follow&kind=raid', 4],
    ['kind=channel.raid', 2],
    ['kind=stream.online', 0],
    ['streamer=otter', 1],
    ['streamer=1002', 1],
    ['from=2026-11-21', 3],
    ['to=2026-11-21', 3],
    ['to=2026-11-20', 1],
    ['from=2026-11-21&to=2026-11-21', 2],
    ['from=2026-11-21&to=2026-11-21&zone=Europe/Berlin', 3],
    ['from=2026-11-21&to=2026-11-21&zone=America/Los_Angeles', 1],
    ['to=2026-11-20&zone=America/New_York', 2],
    ['from=2026-11-21T12:00:00Z&zone=Asia/Tokyo', 2],
    ['from=2026-11-21T12:00:00Z&to=2026-11-22T12:00:00Z', 1],
    ['from=2026-11-21T13:00:00%2B01:00', 2],
    ['q=NOVA', 1],
    ['q=%25', 0],
    ['q=otter', 1],
    ['q=UMI', 3],
    ['kind=raid&q=lumi', 2],
    ['q=nobodys', 0],
    ['kind=raid&q=nova&from=2026-11-01', 1],
  ])('is filtered by %s', async (query, count) => {
    const { names, text } = await show(`/events?${query}`);
    expect([query, names.length]).toEqual([query, count]);
    expect(text).toContain('Clear all');
  });

  it('says what is searched, below the field and where nothing was found', async () => {
    const searched = 'names, titles, categories and messages';
    const { text } = await show('/events?q=703');
    expect(text).toMatch(new RegExp(`id="filter-text-hint">In ${searched}.`));
    expect(text).toContain(`Only ${searched} are searched`);
    expect((await show('/events?kind=stream.online')).text).not.toContain('Only names');
    expect((await show('/streamers/lumi/events?q=lumi')).names).toEqual([]);
  });

  it.each([
    'kind=nonsense',
    'kind=raid,__proto__',
    'from=2026-02-31',
    'to=tomorrow',
    'to=2026-11-21&zone=Mars/Base',
    'from=2026-11-22&to=2026-11-21',
    'streamer=nobodys',
    'format=xml',
  ])('says in a sentence why %s cannot be, and keeps the form', async (query) => {
    const { status, text } = await viewer.get(`/twitch/events?${query}&q=kept`);
    expect([status, text]).toEqual([400, expect.stringContaining('role="alert"')]);
    expect(text).toContain('value="kept"');
  });

  it.each([
    ['from=2026-11-22&to=2026-11-21', 'from', 'The first day is after the last.'],
    ['from=2026-02-31&to=2026-11-21', 'from', 'is not a date'],
    ['from=2026-11-21&to=tomorrow', 'to', 'is not a date'],
  ])('says beside the field of the date why %s cannot be', async (query, name, sentence) => {
    const { text } = await viewer.get(`/twitch/events?${query}`);
    expect(text).toMatch(
      new RegExp(`id="filter-${name}"[^>]*aria-invalid="true" aria-describedby="filter-${name}-problem"`),
    );
    expect(text).toMatch(new RegExp(`id="filter-${name}-problem" role="alert">[^<]*${sentence}`));
    expect(text.match(/aria-invalid/g)).toHaveLength(1);
    expect(text.match(/role="alert"/g)).toHaveLength(1);
  });

  it('says in which zone its days are, and keeps it from page to page', async () => {
    const { text: without } = await show('/events?from=2026-11-20');
    expect(without).toContain('data-zone-name>UTC<');
    expect(without).toContain('From 2026-11-20 UTC');
    const { text } = await show('/events?from=2026-11-20&zone=America/New_York');
    expect(text).toContain('data-zone-name>America/New York<');
    expect(text).toContain('From 2026-11-20 America/New York');
    expect(text).toContain('format=csv');
    expect(text).toContain('from=2026-11-20&amp;zone=America%2FNew_York&amp;format=csv');
  });

  it('takes each filter away by a link of its own', async () => {
    const { text } = await show('/events?kind=raid,raid-out,follow&q=nova');
    const chips = [...text.matchAll(/class="chip" href="([^"]*)"/g)].map(([, href]) =>
      href?.replaceAll('&amp;', '&'),
    );
    expect(chips).toEqual([
      '/twitch/events?kind=follow&q=nova',
      '/twitch/events?kind=raid,raid-out&q=nova',
      '/twitch/events?kind=raid,raid-out,follow',
    ]);
  });

  it('gives every event an address, which leads nowhere for others', async () => {
    const [, id] = /data-event-id="(\d+)"/.exec((await show('/events?q=nova')).text) ?? [];
    const answer = await viewer.get(`/twitch/events/${id}`);
    expect(answer.text).toContain('<title>Lumi: Was raided by Nova with 12 viewers · Followspot</title>');
    expect(answer.text).toContain('href="/twitch/events">All events</a>');
    for (const odd of ['0', '999999', '-1', '1e3', 'x', '9'.repeat(40), '%00']) {
      expect([odd, (await viewer.get(`/twitch/events/${odd}`)).status]).toEqual([odd, 404]);
    }
  });

  it('is handed out as CSV whose cells no spreadsheet runs', async () => {
    const answer = await viewer.get('/twitch/events?kind=raid&format=csv');
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    expect(answer.headers['content-disposition']).toBe('attachment; filename=followspot-events.csv');
    const [head, first, second, end] = answer.text.split('\r\n');
    expect(head).toBe(
      'id,at,received_at,kind,type,streamer_id,streamer_login,streamer_name,text,source,late',
    );
    expect(first).toMatch(
      /^\d+,2026-11-21T00:00:00\.000Z,.*Z,raid,channel\.raid,1001,lumi,Lumi,"Was raided by =1\+""><img /,
    );
    expect(second).toMatch(/,Lumi,Was raided by Nova with 12 viewers,webhook,false$/);
    expect(end).toBe('');
    const follows = await viewer.get('/twitch/events?kind=follow&format=csv');
    expect(follows.text).toContain(",Otter,'=Quill follows,");
  });

  it('is handed out as JSON', async () => {
    const answer = await viewer.get('/twitch/streamers/lumi/events?kind=follow&format=json');
    expect(answer.headers['content-disposition']).toBe('attachment; filename=lumi-events.json');
    expect(JSON.parse(answer.text)).toEqual([
      {
        id: expect.any(Number),
        kind: 'follow',
        type: 'channel.test',
        streamer: { id: '1001', login: 'lumi', name: 'Lumi' },
        at: '2026-11-22T12:00:00.000Z',
        receivedAt: expect.any(String),
        source: 'poll',
        late: true,
        text: 'Zed follows',
        payload: { by: person('Zed') },
      },
    ]);
    expect(JSON.parse((await stranger.get('/twitch/events?format=json')).text)).toEqual([]);
    expect((await stranger.get('/twitch/events?format=csv&kind=x')).status).toBe(400);
  });
});

describe('a long history', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;

  beforeAll(async () => {
    app = await startApp();
    viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'otterlogic' });
    const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
    const events = Array.from({ length: 620 }, (_, index) =>
      newEvent({
        ...follow(`Person ${index}`),
        streamerId,
        at: new Date(1_764_000_000_000 + Math.floor(index / 3)),
      }),
    );
    await app.store.events.append(events);
  });
  afterAll(async () => await app.close());

  it('is read to its end by plain links, each entry once', async () => {
    const seen: string[] = [];
    let next: string | undefined = '/twitch/events?kind=follow';
    let pages = 0;
    while (next !== undefined && pages < 20) {
      const { text }: { text: string } = await viewer.get(next);
      seen.push(...[...text.matchAll(/data-event-id="(\d+)"/g)].map(([, id]) => id ?? ''));
      next = /rel="next" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      pages += 1;
    }
    expect([pages, seen.length, new Set(seen).size]).toEqual([13, 620, 620]);
    expect(seen).toEqual(seen.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('is handed out whole', async () => {
    const answer = await viewer.get('/twitch/events?format=json');
    expect(JSON.parse(answer.text)).toHaveLength(620);
    expect((await viewer.get('/twitch/events?format=csv')).text.split('\r\n')).toHaveLength(622);
  });

  it('is handed out up to the newest 10,000, as the page says, without a warning', async () => {
    expect((await viewer.get('/twitch/events')).text).toMatch(/JSON<\/a>, the newest 10,000\s*</);
    const { events } = await app.store.events.history({ scope: { userId: '501' } }, 500);
    const endless = vi.spyOn(app.store.events, 'history').mockImplementation(async (_filter, limit) => {
      await Promise.resolve();
      return { events: events.slice(0, limit), next: { at: new Date(), id: 1 } };
    });
    const warnings: string[] = [];
    const keep = ({ name }: Error) => void warnings.push(name);
    process.on('warning', keep);
    for (const encoding of ['identity', 'gzip']) {
      const whole = await viewer.get('/twitch/events?format=json').set('Accept-Encoding', encoding).buffer();
      expect(JSON.parse(whole.text)).toHaveLength(10_000);
    }
    process.off('warning', keep);
    endless.mockRestore();
    expect(warnings).toEqual([]);
  });

  it('cuts an export that fails on the way, so that nobody takes a part for the whole', async () => {
    const whole = await app.store.events.history({ scope: { userId: '501' } }, 200);
    const reading = vi
      .spyOn(app.store.events, 'history')
      .mockResolvedValueOnce(whole)
      .mockRejectedValue(new Error('the database went away'));
    await expect(viewer.get('/twitch/events?format=json')).rejects.toThrow(/aborted|hang up/);
    reading.mockRestore();
  });
});

describe('since you were away', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let otter: string;

  beforeAll(async () => {
    app = await startApp();
    viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'otterlogic' });
    otter = app.simulator.world.find('otterlogic')?.id ?? '';
  });
  afterEach(async () => await app.store.events.readUpTo('501', null));
  afterAll(async () => await app.close());

  const happens = async (...names: string[]) =>
    await app.store.events.append(names.map((name) => newEvent({ ...raid(name), streamerId: otter })));

  it('says on the wall what came, and draws the line on every list', async () => {
    await happens('Before');
    await viewer.post('/twitch/events/read');
    expect((await viewer.get('/twitch')).text).toContain('id="since-away" hidden');
    await happens('One', 'Two');
    expect((await viewer.get('/twitch')).text).toContain('2 raids');
    for (const path of ['', '/events', '/streamers/otterlogic', '/streamers/otterlogic/events']) {
      const { text } = await viewer.get(`/twitch${path}`);
      const order = [...text.matchAll(/said-name">(\w+)<|data-(event-line)/g)].map(
        ([, name, line]) => name ?? line,
      );
      expect([path, order]).toEqual([path, ['Two', 'One', 'event-line', 'Before']]);
    }
  });

  it('says on the pages of one streamer what came from them, and marks all of everybody as read', async () => {
    await viewer.post('/twitch/favourites', { streamer: 'fernhollow' });
    const fern = app.simulator.world.find('fernhollow')?.id ?? '';
    await happens('Mine');
    await app.store.events.append([1, 2].map(() => newEvent({ ...raid('Theirs'), streamerId: fern })));
    for (const path of ['/streamers/otterlogic', '/streamers/otterlogic/events']) {
      const { text } = await viewer.get(`/twitch${path}`);
      expect([path, text]).toEqual([
        path,
        expect.stringContaining(
          'Since you were away, from <bdi>OtterLogic</bdi>:</strong> <span>1 raid</span>',
        ),
      ]);
      expect(text).toContain('<span>Mark everything as read</span>');
      expect(text).toContain(`name="returnTo" value="/twitch${path}"`);
    }
    const { text } = await viewer.get('/twitch/events');
    expect(text).toContain('<span>3 raids</span>');
    const [, upTo = ''] =
      /name="upTo" value="(\d+)"/.exec((await viewer.get('/twitch/streamers/otterlogic')).text) ?? [];
    await viewer.post('/twitch/events/read', { upTo });
    for (const path of ['', '/events', '/streamers/otterlogic', '/streamers/fernhollow/events']) {
      const page = await viewer.get(`/twitch${path}`);
      expect([path, page.text]).toEqual([path, expect.not.stringMatching(/<strong>Since you|event-new/)]);
    }
  });

  it('calls nothing new of whom the user does not follow', async () => {
    const other = await app.signedIn({ id: '889', login: 'passer_by' });
    await happens('News');
    for (const path of ['/streamers/otterlogic', '/streamers/otterlogic/events']) {
      const { text } = await other.get(`/twitch${path}`);
      expect([path, text]).toEqual([path, expect.stringContaining('News')]);
      expect(text).not.toMatch(/<strong>Since you|event-new|event-line/);
    }
  });

  it('marks each new entry, also one that is found late and one at the edge of a page', async () => {
    await happens('Read', 'Read');
    await viewer.post('/twitch/events/read');
    const late = { ...raid('Late'), streamerId: otter, at: day('2026-11-20T00:00:00') };
    await app.store.events.append([newEvent({ ...late, isLate: true }), newEvent(late)]);
    for (const path of ['/events', '/streamers/otterlogic/events']) {
      const { text } = await viewer.get(`/twitch${path}`);
      const marked = [
        ...text.matchAll(/class="event event-new"[^]*?said-name">(\w+)<[^]*?event-badge">(New)</g),
      ];
      expect([path, marked.map(([, ...found]) => found)]).toEqual([
        path,
        [
          ['Late', 'New'],
          ['Late', 'New'],
        ],
      ]);
      expect(text).not.toContain('data-event-line');
    }
  });

  it('leaves unread what came after the page that was read', async () => {
    await happens('Seen');
    const [, upTo = ''] = /name="upTo" value="(\d+)"/.exec((await viewer.get('/twitch')).text) ?? [];
    await happens('Unseen');
    const answer = await viewer.post('/twitch/events/read', { upTo, returnTo: '/twitch/events' });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch/events']);
    expect((await viewer.get('/twitch')).text).toContain('1 raid</span>');
  });

  it('follows the user to other browsers, and is nobody else’s', async () => {
    const other = await app.signedIn({ id: '888', login: 'other' });
    await other.post('/twitch/favourites', { streamer: 'otterlogic' });
    await happens('News');
    const phone = await app.signedIn();
    await viewer.post('/twitch/events/read');
    expect((await phone.get('/twitch')).text).not.toContain('<strong>Since you were away');
    expect((await other.get('/twitch')).text).toContain('<strong>Since you were away');
  });

  const lookedAt = async () => await app.knex('users').where({ id: '501' }).pluck<number[]>('seen_at');

  /** Of somebody who has not looked for a while: once it is noted. */
  async function look(one: SignedInBrowser, path: string): Promise<string> {
    const before = await lookedAt();
    const { text } = await one.get(path);
    await vi.waitFor(async () => expect(await lookedAt()).not.toEqual(before));
    return text;
  }

  it('is what came since the last visit, also of what was never marked as read', async () => {
    await happens('Before');
    const phone = await app.signedIn();
    for (const path of ['', '/streamers/otterlogic', '/events', '/streamers/otterlogic/events']) {
      // A page that stays open is the same visit, and what is pushed to it is seen with the next look.
      for (const minutes of [2, 20, 20]) {
        app.clock.advance(minutes * 60_000);
        expect(await look(viewer, `/twitch${path}`)).toContain('<strong>Since you were away');
      }
      await happens('While it is looked at');
      app.clock.advance(60_000);
      await look(viewer, `/twitch${path}`);
      app.clock.advance(31 * 60_000);
      await happens(`After ${path}`);
      const onlyThat = expect.stringMatching(/Since you were away[^]*<span>1 raid</);
      expect([path, await look(phone, `/twitch${path}`)]).toEqual([path, onlyThat]);
      expect([path, (await viewer.get(`/twitch${path}`)).text]).toEqual([path, onlyThat]);
    }
  });

  it('counts no look that nobody has: a page fetched ahead, its head, one that fails or has no news', async () => {
    app.clock.advance(31 * 60_000);
    await look(viewer, '/twitch');
    app.clock.advance(31 * 60_000);
    await happens('Unseen');
    for (const name of ['Sec-Purpose', 'Purpose'])
      expect((await viewer.get('/twitch').set(name, 'prefetch;prerender')).status).toBe(200);
    const broken = vi.spyOn(app.store.events, 'unreadSince').mockRejectedValue(new TypeError('of ours'));
    expect((await viewer.get('/twitch')).status).toBe(500);
    broken.mockRestore();
    expect((await viewer.get('/twitch/events?from=odd')).status).toBe(400);
    await app.browser().head('/twitch').set('Cookie', viewer.cookie);
    await viewer.get('/twitch/account');
    await viewer.get('/twitch/streamers/brinepickle');
    // What would have been noted is, by then.
    await app.signedIn();
    app.clock.advance(31 * 60_000);
    expect((await viewer.get('/twitch')).text).toContain('<strong>Since you were away');
  });

  it('goes nowhere else, and takes no nonsense', async () => {
    const away = await viewer.post('/twitch/events/read', { returnTo: '//evil.example' });
    expect(away.headers['location']).toBe('/twitch');
    expect((await viewer.post('/twitch/events/read', { upTo: 'x' })).status).toBe(400);
    expect((await app.browser().post('/twitch/events/read')).status).toBe(403);
  });
});

describe('every kind of event', () => {
  it('is shown with nothing of it taken for code', async () => {
    const app = await startApp();
    const viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'otterlogic' });
    const streamerId = app.simulator.world.find('otterlogic')?.id ?? '';
    const events = everyKind(`${hostile}</time></li><script>alert(2)</script>`);
    const appended = await app.store.events.append(events.map((each) => newEvent({ ...each, streamerId })));
    const { text } = await viewer.get('/twitch/events');
    expect(text.match(/data-event-id=/g)).toHaveLength(
      appended.filter(({ outcome }) => outcome === 'stored').length,
    );
    expect(text).not.toMatch(/<img src=x|<script>|undefined|\[object|NaN|null/);
    await app.close();
  });
});
