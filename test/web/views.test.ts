import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { HtmlValidate, type RuleConfig } from 'html-validate';
import { describe, expect, it } from 'vitest';
import type { ChannelMatch, Streamer } from '../../src/domain/streamer.ts';
import { describeEvent } from '../../src/web/event-words.ts';
import { chipsOf } from '../../src/web/event-query.ts';
import { eventGroups } from '../../src/web/event-groups.ts';
import {
  ago,
  compact,
  count,
  dayName,
  device,
  duration,
  imageUrl,
  shortDay,
  thumbnail,
} from '../../src/web/format.ts';
import { loadTemplates, type Locals } from '../../src/web/templates.ts';
import { everyKind, shownEvent } from '../support/stream-events.ts';
import { liveStreamer, streamer } from '../support/streamers.ts';

const root = path.resolve(import.meta.dirname, '../..');
const render = loadTemplates(path.join(root, 'views'));
const now = new Date('2026-11-23T12:00:00Z');
const hostile = `"><img src=x onerror=alert(1)>'</title></textarea><script>alert(2)</script>`;
const cdn = 'https://static-cdn.jtvnw.net';

const common: Locals = {
  url: (address: string) => `/twitch${address}`,
  asset: (file: string) => `/twitch/assets/${file}?v=1`,
  user: { id: '1', login: 'robin', displayName: hostile, profileImageUrl: `${cdn}/robin.png` },
  theme: null,
  simulated: true,
  path: '/',
  here: '/twitch/',
  now,
  ago: (date: Date) => ago(date, now),
  duration: (from: Date) => duration(from, now),
  count,
  cardKey: ({ id }: { id: string }) => [id],
  compact,
  shortDay,
  device,
  imageUrl: (url: string | null) => imageUrl(url, [cdn]),
  thumbnail: (url: string | null, width: number, height: number) => thumbnail(url, width, height, [cdn], now),
  title: 'A page',
  describeEvent,
  eventKey: ({ id }: { id: number }, isNew: boolean) => [`${id} ${isNew}`],
  dayName,
};

const strange: Partial<Streamer> = {
  displayName: hostile,
  description: hostile,
  title: hostile,
  category: hostile,
  profileImageUrl: 'javascript:alert(3)',
  offlineImageUrl: 'https://elsewhere.example/x.png',
  lastLiveAt: now,
};
const live = liveStreamer(1234, { ...strange, id: '2' });
const gone = streamer({ ...strange, id: '3', unavailableSince: now });
const match: ChannelMatch = {
  id: '4',
  login: 'lumi',
  displayName: hostile,
  title: hostile,
  category: '',
  profileImageUrl: null,
  isLive: true,
};
const events = everyKind(hostile).map((each, index) =>
  shownEvent({
    ...each,
    id: index + 1,
    at: now,
    isLate: index % 2 === 0,
    streamer: { id: '2', login: 'lumi', displayName: hostile, profileImageUrl: 'javascript:alert(3)' },
  }),
);
const programme = {
  mark: 5,
  programme: {
    events: events.slice(0, 10),
    after: 10,
    most: 10,
    ofOne: false,
    follow: '/live',
    history: '/events',
    empty: 'Nothing heard yet.',
  },
};
const away = { away: { summary: '3 went live', upTo: 7 }, awayFrom: null };
const quietly = {
  programme: { ...programme.programme, events: [], after: 0, ofOne: true },
  away: null,
  awayFrom: null,
};
const query = {
  kinds: eventGroups[0]?.kinds ?? [],
  streamer: 'lumi',
  from: '2026-11-20',
  to: hostile,
  zone: 'Europe/Berlin',
  q: hostile,
};
const history = {
  path: '/events',
  streamer: null,
  favourites: [live, gone],
  events,
  mark: 9,
  query,
  zone: hostile,
  ...away,
  problem: null,
  groups: eventGroups,
  isFirst: true,
  nextHref: '/twitch/events?before=1-2',
  searchedTo: now,
  mostExported: 10_000,
  exports: { csv: '/twitch/events?format=csv', json: '/twitch/events?format=json' },
  chips: chipsOf(query, hostile).map(({ label }) => ({ label, href: '/twitch/events' })),
};
const wishes = {
  chatEvents: { scope: 'user:read:chat', isOn: true, since: now, isAllowed: false },
  ownChannel: [{ name: 'polls', label: 'Polls', scope: 'channel:read:polls', isOn: true, isAllowed: false }],
};
const wall = { live: [live], offline: [streamer(), gone], hiddenOffline: 40, total: 43, checkedAt: now };
const stage = {
  ...programme,
  away: { ...away.away },
  awayFrom: hostile,
  isFavourite: true,
  playerUrl: null,
  chatUrl: 'https://www.twitch.tv/embed/lumi/chat',
};
const session = { id: 's', userAgent: hostile, createdAt: now, seenAt: now };
const list = { favourites: [live, gone], total: 300, filtered: 2, page: 2, pages: 3, filter: hostile };
const form = { value: hostile, error: hostile, matches: [match] };

const pages: [what: string, page: string, locals: Locals][] = [
  ['the landing page', 'landing', { user: null }],
  ['a wall', 'live-wall', { ...programme, ...away, wall: { ...wall, isStale: false, refreshS: 60 } }],
  [
    'an old wall with nobody live',
    'live-wall',
    { ...quietly, wall: { ...wall, live: [], isStale: true, refreshS: 60 } },
  ],
  [
    'a wall with something to say',
    'live-wall',
    {
      ...programme,
      ...away,
      wall: { ...wall, isStale: false, refreshS: 60 },
      said: hostile,
      paused: { words: hostile, href: '/twitch/sign-in' },
    },
  ],
  ['an empty wall', 'live-wall', { onAir: [], wall: { ...wall, total: 0 } }],
  ['an empty wall with an offer', 'live-wall', { onAir: [live], wall: { ...wall, total: 0 } }],
  ['favourites', 'favourites', { ...list, form, removed: gone, added: live }],
  ['no favourites', 'favourites', { ...list, total: 0, favourites: [], form, removed: null, added: null }],
  ['a search', 'search', { query: hostile, matches: [{ ...match, isFavourite: false }], problem: null }],
  ['a search that found nobody', 'search', { query: hostile, matches: [], problem: null }],
  ['a search that failed', 'search', { query: '', matches: null, problem: hostile }],
  [
    'a live streamer',
    'streamer',
    {
      ...stage,
      streamer: live,
      playerUrl: 'https://player.twitch.tv/?channel=lumi',
      theatre: false,
      isStale: false,
      isUncovered: false,
    },
  ],
  [
    'an unavailable streamer in the theatre',
    'streamer',
    { ...stage, streamer: gone, theatre: true, isStale: true, isUncovered: true },
  ],
  [
    'an account',
    'account',
    {
      said: hostile,
      sessions: [session, { ...session, id: 't' }],
      currentSessionId: 's',
      favouriteCount: 1,
      memberSince: now,
      ...wishes,
    },
  ],
  ['the question to sign out', 'sign-out', {}],
  ['a history', 'events', history],
  [
    'a history of one, with a problem',
    'events',
    { ...history, streamer: live, problem: hostile, events: [], nextHref: null, searchedTo: null },
  ],
  [
    'a history with an odd date',
    'events',
    { ...history, problem: hostile, problemAt: 'to', events: [], nextHref: null, searchedTo: null },
  ],
  ['an empty history', 'events', { ...history, events: [], chips: [], nextHref: null, searchedTo: null }],
  ['an event', 'event', { event: events[0] }],
  [
    'the status',
    'status',
    {
      summary: [hostile],
      troubles: [{ label: hostile, value: hostile, state: 'bad', more: [hostile] }],
      details: [{ label: hostile, value: hostile, state: 'good' }],
      isHeard: true,
      favouriteCount: 22,
      exceptions: [{ streamers: Array(21).fill(live), words: hostile, reason: hostile }],
      others: 1,
    },
  ],
  [
    'an error',
    'error',
    {
      status: 503,
      heading: hostile,
      message: hostile,
      requestId: hostile,
      action: { label: hostile, href: '/' },
    },
  ],
  [
    'an error with the form that was sent',
    'error',
    {
      status: 429,
      heading: 'A little slower, please',
      message: hostile,
      requestId: null,
      typed: { partial: 'add-form', locals: { form: { value: hostile, error: null, matches: [] } } },
      action: null,
    },
  ],
];

/** Boxes of one question share its name. */
const boxesOfOneName: RuleConfig = {
  'form-dup-name': ['error', { shared: ['radio', 'button', 'reset', 'submit', 'checkbox'] }],
};

function show(page: string, given: Locals): string {
  const locals = { ...common, ...given };
  return render('layouts/page', { ...locals, body: render(`pages/${page}`, locals) });
}

describe.each(pages)('The view of %s', (_what, page, locals) => {
  const html = show(page, locals);

  it('is valid HTML', async () => {
    const report = await new HtmlValidate({
      extends: ['html-validate:recommended'],
      rules: boxesOfOneName,
    }).validateString(html);
    expect(report.results.flatMap((result) => result.messages)).toEqual([]);
  });

  it('shows text from elsewhere as text', () => {
    expect(html).not.toMatch(/<img src=x|<script>|onerror=alert\(1\)>/);
    expect(html).not.toContain('javascript:');
    expect(html).not.toContain('elsewhere.example');
  });

  it('says in the demo that it is one', () => {
    expect(html).toContain('people and streams are invented');
    expect(show(page, { ...locals, simulated: false })).not.toContain('are invented');
  });

  it('is drawn in the chosen theme from the first byte', () => {
    expect(html).toContain('<html lang="en">');
    expect(show(page, { ...locals, theme: 'dark' })).toContain('<html lang="en" data-theme="dark">');
  });
});

describe('The pages that stay open all day', () => {
  const everywhere = ['time.js', 'theme.js'];
  const imported = ['js/morph.js', 'js/live-events.js'];
  const many = Array.from({ length: 60 }, (_, index) => liveStreamer(index, { id: String(index) }));

  it.each([
    [
      'wall of 60',
      show('live-wall', { ...programme, ...away, wall: { ...wall, live: many } }),
      ['live-wall.js'],
    ],
    [
      'streamer page',
      show('streamer', { ...stage, streamer: live, theatre: false, isStale: false, isUncovered: false }),
      ['theatre.js', 'swap.js', 'morph.js', 'programme.js', 'live-events.js', 'playhouse.js'],
    ],
  ])('weigh at most 26 kB with styles and scripts: the %s', (_what, html, scripts) => {
    const styles = [...html.matchAll(/assets\/(css\/[\w-]+\.css)/g)].map(([, file]) => file ?? '');
    const files = [...styles, ...[...everywhere, ...scripts].map((file) => `js/${file}`)];
    for (const file of files.filter((each) => !imported.includes(each))) expect(html).toContain(file);
    const bytes = [html, ...files.map((file) => readFileSync(path.join(root, 'public', file), 'utf8'))];
    expect(bytes.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThan(26_000);
  });
});

describe('The live card', () => {
  it('reserves the place of its pictures', () => {
    const thumbnailUrl = `${cdn}/previews-ttv/live_user_lumi-{width}x{height}.jpg`;
    const broadcast = { id: '9', startedAt: now, viewers: 1, thumbnailUrl };
    const card = render('partials/live-card', { ...common, streamer: streamer({ broadcast }) });
    expect(card).toMatch(/<img src="[^"]*lumi-640x360\.jpg\?t=\d+" alt="" width="640" height="360"/);
  });

  it('shows who it is where Twitch has drawn no picture yet', () => {
    const broadcast = { id: '9', startedAt: now, viewers: 1, thumbnailUrl: null };
    const card = render('partials/live-card', { ...common, streamer: streamer({ broadcast }) });
    expect(card).toMatch(/live-card-thumbnail">\s*<span class="portrait big">/);
    expect(card).toContain('>just now</time>');
  });

  it('shows no picture from elsewhere', () => {
    expect(render('partials/live-card', { ...common, streamer: live })).not.toContain('<img');
  });
});
