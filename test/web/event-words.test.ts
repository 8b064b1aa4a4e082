import { describe, expect, it } from 'vitest';
import { type EventBody, eventKinds } from '../../src/domain/stream-event.ts';
import { eventGroups, kindsNamed } from '../../src/web/event-groups.ts';
import { describeEvent, plainText } from '../../src/web/event-words.ts';
import { sinceAway } from '../../src/web/since-away.ts';
import { everyKind, person } from '../support/stream-events.ts';

const hostile = '<b onclick=x>';

describe('the words of an event', () => {
  it('are there for every kind', () => {
    expect(new Set(everyKind('a').map(({ kind }) => kind))).toEqual(new Set(eventKinds));
    for (const event of everyKind('Nova'))
      expect([event, plainText(event)]).toEqual([event, expect.stringMatching(/^.{6,}$/)]);
  });

  it('keep apart what others wrote from what we say', () => {
    for (const event of everyKind(hostile)) {
      const { sentence, details } = describeEvent(event);
      const ours = [sentence, ...details].flat().filter((part) => typeof part === 'string');
      expect(ours.filter((words) => words.includes(hostile))).toEqual([]);
    }
  });

  it.each<[string, EventBody]>([
    [
      'Was raided by Nova with 1,234 viewers',
      { kind: 'raid', payload: { from: person('Nova'), viewers: 1_234, sharedFrom: null } },
    ],
    [
      'Ana gave away 25 subs: To Ben, Cleo and 23 more',
      {
        kind: 'gift-bomb',
        payload: {
          by: person('Ana'),
          total: 25,
          tier: '1',
          cumulative: null,
          to: [person('Ben'), person('Cleo')],
          sharedFrom: null,
        },
      },
    ],
    [
      'New title: Part nine · Title was: Part eight',
      {
        kind: 'update',
        payload: {
          title: 'Part nine',
          category: 'Art',
          language: 'en',
          before: { title: 'Part eight', category: 'Art' },
        },
      },
    ],
    [
      'Came back after a short break: Ink · Art',
      {
        kind: 'live',
        payload: { broadcastId: null, startedAt: null, title: 'Ink', category: 'Art', isRestart: true },
      },
    ],
    [
      'Went offline after 2 h 5 min',
      { kind: 'offline', payload: { broadcastId: null, durationS: 7_500, title: null, category: null } },
    ],
    [
      'Somebody cheered with 1 bit',
      { kind: 'cheer', payload: { by: null, bits: 1, what: 'cheer', message: '' } },
    ],
    [
      'Poll locked: Tea? · Yes: 2 votes',
      {
        kind: 'poll',
        payload: { title: 'Tea?', choices: [{ title: 'Yes', votes: 2 }], course: 'locked', endsAt: null },
      },
    ],
    ['Raided A B with 2 viewers', { kind: 'raid-out', payload: { to: person('A\r\n B'), viewers: 2 } }],
  ])('say “%s”', (words, event) => {
    expect(plainText(event)).toBe(words);
  });

  it('say that it happened in a shared chat', () => {
    const event: EventBody = {
      kind: 'sub',
      payload: { by: person('Ana'), tier: '1', isGift: false, sharedFrom: person('Mo') },
    };
    expect(plainText(event)).toBe('Ana subscribed: In the shared chat of Mo');
  });
});

describe('the groups of kinds', () => {
  it('hold each kind once', () => {
    expect(eventGroups.flatMap(({ kinds }) => kinds).toSorted()).toEqual([...eventKinds].toSorted());
  });

  it('understand Twitch’s names of types', () => {
    expect(kindsNamed('stream.online')).toEqual(['live']);
    expect(kindsNamed('channel.raid')).toEqual(['raid', 'raid-out']);
    expect(kindsNamed('channel.poll.progress')).toEqual(['poll']);
    expect(kindsNamed('channel.chat.notification')).toContain('gift-bomb');
    expect(kindsNamed('channel.polls')).toBeNull();
    expect(kindsNamed('__proto__')).toBeNull();
    expect(kindsNamed('constructor')).toBeNull();
  });
});

describe('what is said since you were away', () => {
  const unread = { mark: 3, end: 99, total: 0, isMore: false, byKind: [] };

  it('is nothing where everything is read', () => {
    expect(sinceAway(unread)).toBeNull();
  });

  it('counts entries, and adds up gifts', () => {
    const byKind = [
      { kind: 'live', count: 3, amount: 3 },
      { kind: 'raid', count: 1, amount: 1_234 },
      { kind: 'raid-out', count: 1, amount: 5 },
      { kind: 'gift-bomb', count: 2, amount: 40 },
      { kind: 'gift', count: 1, amount: 1 },
      { kind: 'offline', count: 2, amount: null },
      { kind: 'poll', count: 1, amount: null },
    ] as const;
    expect(sinceAway({ ...unread, total: 11, byKind: [...byKind] })).toEqual({
      summary: '3 went live · 1 raid · 1 outgoing raid · 41 gifted subs · 2 went offline · 1 other event',
      upTo: 99,
    });
  });

  it('says that there is more than was counted', () => {
    const byKind = [{ kind: 'follow' as const, count: 10_000, amount: null }];
    expect(sinceAway({ ...unread, total: 10_000, isMore: true, byKind })?.summary).toBe(
      'At least 10,000 follows',
    );
  });
});
