import type { EventBody, NewStreamEvent, ShownEvent } from '../../src/domain/stream-event.ts';
import { streamer } from './streamers.ts';

type Given = EventBody & Partial<Omit<NewStreamEvent, 'kind' | 'payload'>>;

let told = 0;

/** Something heard of the streamer 1001 just now, unless said otherwise. */
export function newEvent(given: Given): NewStreamEvent {
  told += 1;
  return {
    messageId: `message-${told}`,
    streamerId: '1001',
    type: 'channel.test',
    source: 'webhook',
    at: new Date(),
    isLate: false,
    amount: null,
    relation: null,
    ...given,
  };
}

/** An entry as pages show it. */
export function shownEvent(
  given: Given & Partial<Pick<ShownEvent, 'id' | 'sequence' | 'receivedAt' | 'streamer'>>,
): ShownEvent {
  const { id, login, displayName, profileImageUrl } = streamer();
  return {
    ...newEvent(given),
    id: 1,
    sequence: 1,
    receivedAt: new Date(),
    streamer: { id, login, displayName, profileImageUrl },
    ...given,
  };
}

/** A person of that name. */
export function person(name: string): { id: string; login: string; name: string } {
  return { id: '77', login: 'person', name };
}

/** One entry of every kind, and of each of its turns, in which everybody's words are these. */
export function everyKind(words: string): EventBody[] {
  const by = person(words);
  const shared = { sharedFrom: null };
  const course = { course: 'running', endsAt: null } as const;
  return [
    {
      kind: 'live',
      payload: { broadcastId: '9', startedAt: null, title: words, category: words, isRestart: false },
    },
    {
      kind: 'live',
      payload: { broadcastId: null, startedAt: null, title: null, category: null, isRestart: true },
    },
    { kind: 'offline', payload: { broadcastId: '9', durationS: 7_500, title: words, category: words } },
    { kind: 'offline', payload: { broadcastId: null, durationS: null, title: null, category: null } },
    {
      kind: 'update',
      payload: { title: words, category: words, language: 'en', before: { title: 'a', category: 'b' } },
    },
    { kind: 'update', payload: { title: words, category: '', language: 'en', before: null } },
    {
      kind: 'update',
      payload: { title: 'a', category: words, language: 'en', before: { title: 'a', category: words } },
    },
    { kind: 'raid', payload: { from: by, viewers: 1_234, ...shared } },
    { kind: 'raid-out', payload: { to: by, viewers: 1 } },
    { kind: 'renamed', payload: { from: words, to: words } },
    { kind: 'unavailable', payload: {} },
    { kind: 'available', payload: {} },
    { kind: 'sub', payload: { by: null, tier: 'prime', isGift: false, ...shared } },
    { kind: 'sub', payload: { by, tier: '3', isGift: true, sharedFrom: by } },
    {
      kind: 'resub',
      payload: { by, tier: '2', months: 14, streak: 3, gifter: by, message: words, ...shared },
    },
    { kind: 'gift', payload: { by: null, to: by, tier: '1', months: 3, ...shared } },
    {
      kind: 'gift-bomb',
      payload: { by, total: 25, tier: '1', cumulative: 120, to: [by, by, by], ...shared },
    },
    { kind: 'gift-bomb', payload: { by, total: null, tier: '1', cumulative: null, to: [], ...shared } },
    { kind: 'upgrade', payload: { by, how: 'gift', gifter: by, to: null, tier: '1', ...shared } },
    { kind: 'upgrade', payload: { by, how: 'prime', gifter: null, to: null, tier: '2', ...shared } },
    { kind: 'upgrade', payload: { by, how: 'forward', gifter: null, to: by, tier: null, ...shared } },
    { kind: 'announcement', payload: { by, message: words, color: 'PRIMARY', ...shared } },
    { kind: 'watch-streak', payload: { by, streak: 5, points: 450, message: words, ...shared } },
    { kind: 'milestone', payload: { by, what: 'bits-badge', value: 1_000, ...shared } },
    { kind: 'milestone', payload: { by, what: 'modiversary', value: 12, ...shared } },
    {
      kind: 'charity',
      payload: { by, charity: words, amount: '12.50 USD', target: words, course: null, ...shared },
    },
    {
      kind: 'charity',
      payload: { by: null, charity: words, amount: '9 EUR', target: null, course: 'ended', ...shared },
    },
    { kind: 'notice', payload: { by, noticeType: 'new', text: words, message: words, ...shared } },
    { kind: 'notice', payload: { by, noticeType: 'new', text: '', message: '', ...shared } },
    { kind: 'follow', payload: { by } },
    { kind: 'cheer', payload: { by: null, bits: 500, what: 'cheer', message: words } },
    { kind: 'cheer', payload: { by, bits: 1, what: 'power-up', message: '' } },
    { kind: 'hype-train', payload: { level: 3, total: 4_500, goal: 6_000, ...course } },
    { kind: 'hype-train', payload: { level: 5, total: 9_000, goal: null, course: 'ended', endsAt: null } },
    {
      kind: 'poll',
      payload: {
        title: words,
        choices: [
          { title: words, votes: 3 },
          { title: words, votes: null },
        ],
        ...course,
      },
    },
    {
      kind: 'prediction',
      payload: {
        title: words,
        outcomes: [{ title: words, points: 100, users: 2, isWinner: true }],
        course: 'ended',
        endsAt: null,
      },
    },
    {
      kind: 'goal',
      payload: {
        type: 'follow',
        description: words,
        current: 10,
        target: 20,
        course: 'running',
        isAchieved: false,
      },
    },
    { kind: 'channel-points', payload: { by, reward: words, cost: 500, input: words, isAutomatic: false } },
    { kind: 'shoutout', payload: { direction: 'given', other: by, viewers: 40 } },
    { kind: 'shoutout', payload: { direction: 'received', other: by, viewers: 0 } },
    { kind: 'ad-break', payload: { durationS: 90, isAutomatic: true } },
  ];
}
