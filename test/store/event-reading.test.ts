import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventKind } from '../../src/domain/stream-event.ts';
import type { HistoryFilter } from '../../src/store/index.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newestOf } from '../support/events.ts';
import { aBomb, aGift, anEnd, aPerson, aRaid, aStart, aTitle } from './stream-events.ts';
import { aLiveStream, aProfile, aUser, day, minute, openStore, start, unreadOf } from './support.ts';
import type { StoreFixture } from './support.ts';

const later = (ms: number) => new Date(start + ms);

const raidsOfTwo = (count: number) =>
  Array.from({ length: count }, (_, index) => aRaid({ streamerId: index % 3 === 0 ? '902' : '901' }));

/** Begun forty days ago. */
function aBroadcast(id: string, streamerId: string, endedAt: number | null) {
  const startedAt = start - 40 * day;
  return { id, streamer_id: streamerId, stream_id: id, started_at: startedAt, ended_at: endedAt };
}

describeOnEveryDatabase('reading events', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    const { streamers, users, favourites } = fixture.store;
    await streamers.saveProfiles(
      ['901', '902', '903', '904'].map((id) => aProfile(id)),
      later(-day),
    );
    await users.save(aUser());
    for (const id of ['901', '902', '904']) await favourites.add('501', id);
  });
  afterEach(() => fixture.close());

  const events = () => fixture.store.events;

  const visitOf = async () =>
    await fixture.database.knex<Record<string, unknown>>('users').where({ id: '501' }).first();
  const look = async (readTo: number, seenTo: number, ms: number) =>
    await events().noteLook('501', { readTo, seenTo, seenAt: later(ms) });

  /** Follows `next` to the end. */
  async function all(filter: HistoryFilter, limit: number): Promise<number[]> {
    const ids: number[] = [];
    let before = filter.before;
    do {
      // oxlint-disable-next-line no-await-in-loop -- One page leads to the next.
      const page = await events().history({ ...filter, before }, limit);
      expect(page.events.length).toBeLessThanOrEqual(limit);
      ids.push(...page.events.map(({ id }) => id));
      before = page.next ?? undefined;
    } while (before !== undefined);
    return ids;
  }

  it('pages through the history of one and of all, newest first, each once', async () => {
    const raids = Array.from({ length: 40 }, (_, index) =>
      aRaid({
        streamerId: index % 3 === 0 ? '901' : '902',
        at: later(Math.floor((index * 7) % 40) * minute),
      }),
    );
    await events().append([...raids, aRaid({ streamerId: '903' })]);
    const byTime = raids
      .map(({ at, streamerId }, index) => ({ id: index + 1, at: at.getTime(), streamerId }))
      .toSorted((a, b) => b.at - a.at || b.id - a.id);
    for (const limit of [1, 7, 200]) {
      expect(await all({ scope: { userId: '501' } }, limit)).toEqual(byTime.map(({ id }) => id));
    }
    const ofOne = byTime.filter(({ streamerId }) => streamerId === '901').map(({ id }) => id);
    expect(await all({ scope: { streamerId: '901' } }, 5)).toEqual(ofOne);
    expect(await all({ scope: { userId: '501' }, streamerId: '901' }, 5)).toEqual(ofOne);
    expect((await newestOf(fixture.store, '901', 5)).map(({ id }) => id)).toEqual(ofOne.slice(0, 5));
  });

  it('pages through entries of one moment', async () => {
    await events().append(
      Array.from({ length: 9 }, (_, index) => aRaid({ streamerId: index % 2 ? '901' : '902' })),
    );
    expect(await all({ scope: { userId: '501' } }, 2)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it(
    'pages through entries of one moment of more streamers than fit a statement',
    { timeout: 60_000 },
    async () => {
      const ids = Array.from({ length: 620 }, (_, index) => String(2000 + index));
      await fixture.store.streamers.saveProfiles(
        ids.map((id) => aProfile(id)),
        later(-day),
      );
      const favourites = ids.map((id) => ({ user_id: '501', streamer_id: id, created_at: 0 }));
      await fixture.database.knex.batchInsert('favourites', favourites, 200);
      await events().append(ids.map((streamerId) => aRaid({ streamerId })));
      const newestFirst = ids.map((_, index) => 620 - index);
      for (const kinds of [undefined, ['raid', 'live'] as EventKind[]]) {
        // oxlint-disable-next-line no-await-in-loop -- One after the other.
        expect(await all({ scope: { userId: '501' }, kinds }, 50)).toEqual(newestFirst);
      }
    },
  );

  it('pages through what a few streamers had in plenty and many others rarely', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => String(2000 + index));
    await fixture.store.streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      later(-day),
    );
    const favourites = ids.map((id) => ({ user_id: '501', streamer_id: id, created_at: 0 }));
    await fixture.database.knex.batchInsert('favourites', favourites, 200);
    // Three at each moment. Half of all of one streamer, who had nothing else for a while in the middle.
    const happened = Array.from({ length: 600 }, (_, index) => {
      const isBusy = index % 2 === 0 || (index > 200 && index < 350);
      const details = {
        streamerId: isBusy ? '2000' : (ids[index % 12] ?? ''),
        at: later(Math.floor(index / 3)),
      };
      return index % 5 === 0 ? aTitle(`Part ${index}`, details.at, details) : aRaid(details);
    });
    await events().append(happened);
    const newestFirst = (kinds: EventKind[]) =>
      happened
        .flatMap(({ kind }, index) => (kinds.includes(kind) ? [index + 1] : []))
        .toSorted((one, other) => other - one);
    for (const limit of [20, 60, 100]) {
      expect(await all({ scope: { userId: '501' } }, limit)).toEqual(newestFirst(['raid', 'update']));
      for (const kinds of [['update'], ['raid', 'update']] satisfies EventKind[][]) {
        expect(await all({ scope: { userId: '501' }, kinds }, limit)).toEqual(newestFirst(kinds));
      }
    }
  });

  it('filters by kind and by time, the end left out', async () => {
    await events().append([
      aTitle('One', later(0)),
      aRaid({ at: later(minute) }),
      aStart('7', later(2 * minute)),
    ]);
    const ids = async (more: Partial<HistoryFilter>) => await all({ scope: { userId: '501' }, ...more }, 2);
    expect(await ids({ kinds: ['raid'] })).toEqual([2]);
    expect(await ids({ kinds: ['live', 'update'] })).toEqual([3, 1]);
    expect(await ids({ kinds: [] })).toEqual([]);
    expect(await ids({ from: later(minute) })).toEqual([3, 2]);
    expect(await ids({ to: later(2 * minute) })).toEqual([2, 1]);
    expect(await ids({ from: later(minute), to: later(minute + 1), kinds: ['raid', 'live'] })).toEqual([2]);
    expect(await all({ scope: { streamerId: '901' }, kinds: ['live', 'update'] }, 1)).toEqual([3, 1]);
  });

  it('finds words in any case and any script, and takes signs for what they are', async () => {
    await events().append([
      aTitle('Ärger im 100% STUDIO', later(0)),
      aRaid({ at: later(minute), from: aPerson('灯台もり') }),
      aRaid({ at: later(2 * minute), streamerId: '902', from: aPerson('under_score!') }),
      aRaid({ at: later(3 * minute), from: aPerson('underXscore') }),
    ]);
    const ids = async (q: string) => await all({ scope: { userId: '501' }, q }, 2);
    expect(await ids('äRGER IM')).toEqual([1]);
    expect(await ids('0% s')).toEqual([1]);
    expect(await ids('灯台')).toEqual([2]);
    expect(await ids('r_SCORE!')).toEqual([3]);
    expect(await ids('under')).toEqual([4, 3]);
    expect(await ids("'); --")).toEqual([]);
    expect(await all({ scope: { userId: '501' }, q: 'ärger', named: ['902'] }, 2)).toEqual([3, 1]);
    expect(await all({ scope: { streamerId: '901' }, q: 'under', kinds: ['raid'] }, 2)).toEqual([4]);
  });

  it('searches over stretches of silence', async () => {
    const from = aPerson('Rare');
    await events().append([aRaid({ at: later(-400 * day), from }), aRaid({ at: later(0), from })]);
    expect(await all({ scope: { userId: '501' }, q: 'rare' }, 1)).toEqual([2, 1]);
  });

  it('shows nothing of a part or to nobody', async () => {
    await events().append([aGift('bomb:1', 'Ana', later(0))]);
    expect(await all({ scope: { userId: '501' } }, 5)).toEqual([2]);
    expect(await events().find(1)).toBeNull();
    expect(await events().find(2)).toMatchObject({ kind: 'gift-bomb' });
    expect(await events().find(0.5)).toBeNull();
    expect(await all({ scope: { userId: "x' OR 1" } }, 5)).toEqual([]);
    expect(await all({ scope: { streamerId: '' } }, 5)).toEqual([]);
  });

  it('resumes what was written of some, up to a place', async () => {
    await events().append([aRaid(), aRaid({ streamerId: '903' }), aRaid({ streamerId: '902' }), aRaid()]);
    const ids = async (of: Parameters<ReturnType<typeof events>['resume']>[0], after: number, upTo: number) =>
      (await events().resume(of, after, upTo, 2)).events.map(({ id }) => id);
    expect(await ids({ userId: '501' }, 0, 4)).toEqual([1, 3]);
    expect(await ids({ userId: '501' }, 3, 4)).toEqual([4]);
    expect(await ids({ userId: '501' }, 0, 2)).toEqual([1]);
    expect(await ids(['903', '902'], 0, 9)).toEqual([2, 3]);
    expect(await ids([], 0, 9)).toEqual([]);
    expect(await ids({ userId: '502' }, 0, 9)).toEqual([]);
  });

  it('says how far it has resumed', async () => {
    await events().append([aRaid(), aRaid({ streamerId: '903' }), aRaid({ streamerId: '902' }), aRaid()]);
    const resumed = async (after: number, upTo: number) =>
      await events().resume({ userId: '501' }, after, upTo, 2);
    expect(await resumed(0, 4)).toMatchObject({ reached: 3, isCut: false });
    expect(await resumed(3, 4)).toMatchObject({ reached: 4, isCut: false });
    expect(await resumed(0, 2)).toMatchObject({ reached: 2, isCut: false });
    expect(await resumed(4, 9)).toEqual({ events: [], reached: 9, isCut: false });
  });

  it('resumes with the newest only who is a thousand behind, and says so', { timeout: 30_000 }, async () => {
    await events().append(raidsOfTwo(1000));
    const first = await events().resume({ userId: '501' }, 0, 1000, 3);
    expect([first.events.map(({ id }) => id), first.isCut]).toEqual([[1, 2, 3], false]);
    await events().append([aRaid({ streamerId: '904' }), ...raidsOfTwo(2), aRaid({ streamerId: '903' })]);
    const { events: newest, ...rest } = await events().resume({ userId: '501' }, 0, 1002, 3);
    expect(newest.map(({ id }) => id)).toEqual([1000, 1001, 1002]);
    expect(rest).toEqual({ reached: 1002, isCut: true });
  });

  it('counts what is unread, without restarts, parts and strangers', async () => {
    expect(await unreadOf(fixture, '501')).toEqual({ mark: 0, end: 0, total: 0, isMore: false, byKind: [] });
    await events().append([
      aRaid({ viewers: 100 }),
      aRaid({ viewers: 20, streamerId: '902' }),
      aRaid({ streamerId: '903' }),
      aStart('71', later(0)),
      anEnd(later(minute)),
      aStart('72', later(minute + 1000)),
      aGift('bomb:1', 'Ana', later(0)),
    ]);
    const unread = await unreadOf(fixture, '501');
    expect(unread).toMatchObject({ mark: 0, total: 5, isMore: false });
    expect(unread.byKind).toHaveLength(4);
    expect(unread.byKind).toEqual(
      expect.arrayContaining([
        { kind: 'raid', count: 2, amount: 120 },
        { kind: 'live', count: 1, amount: 0 },
        { kind: 'offline', count: 1, amount: 0 },
        { kind: 'gift-bomb', count: 1, amount: 1 },
      ]),
    );
  });

  it('counts what is unread of one favourite, up to the end of all', async () => {
    await events().append([aRaid(), aRaid({ streamerId: '902' }), aRaid(), aRaid({ streamerId: '903' })]);
    await events().readUpTo('501', 1);
    expect(await unreadOf(fixture, '501', '901')).toMatchObject({ mark: 1, end: 4, total: 1 });
    expect(await unreadOf(fixture, '501', '902')).toMatchObject({ mark: 1, end: 4, total: 1 });
    expect(await unreadOf(fixture, '501', '903')).toMatchObject({ mark: 1, total: 0 });
  });

  it('marks as read up to an entry or to the end, and never back', async () => {
    await events().append([aRaid(), aRaid(), aRaid()]);
    await events().readUpTo('501', 2);
    expect(await unreadOf(fixture, '501')).toMatchObject({ mark: 2, total: 1 });
    await events().readUpTo('501', 1);
    expect(await unreadOf(fixture, '501')).toMatchObject({ mark: 2 });
    await events().readUpTo('501', Number.MAX_SAFE_INTEGER);
    expect(await unreadOf(fixture, '501')).toMatchObject({ mark: 3, total: 0 });
    await events().append([aRaid()]);
    await events().readUpTo('501', null);
    expect(await unreadOf(fixture, '501')).toMatchObject({ mark: 4, total: 0 });
    await events().readUpTo('501', Number.NaN);
  });

  it('notes a look, and takes back nothing that was seen or read', async () => {
    await look(1, 4, minute);
    expect(await visitOf()).toMatchObject({ read_event_id: 1, seen_event_id: 4, seen_at: start + minute });
    await look(0, 3, 2 * minute);
    expect(await visitOf()).toMatchObject({
      read_event_id: 1,
      seen_event_id: 4,
      seen_at: start + 2 * minute,
    });
    // By another clock, or by one that was set back.
    await look(5, 6, -day);
    expect(await visitOf()).toMatchObject({ read_event_id: 5, seen_event_id: 6, seen_at: start - day });
  });

  it('tells of an update that changed neither title nor category what they were', async () => {
    await events().append([aTitle('Same', later(0))]);
    await events().append([aTitle('Same', later(20 * minute))]);
    const [latest, first] = await newestOf(fixture.store, '901', 2);
    expect(latest?.payload).toMatchObject({ title: 'Same', before: { title: 'Same' } });
    expect(first?.payload).toMatchObject({ title: 'Same' });
  });

  it('marks all as read, also when there is more than was counted', { timeout: 30_000 }, async () => {
    const raids = Array.from({ length: 10_200 }, (_, index) =>
      aRaid({ streamerId: index < 9_000 ? '902' : '901' }),
    );
    await events().append(raids);
    const { isMore, end } = await unreadOf(fixture, '501');
    expect([isMore, end]).toEqual([true, 10_200]);
    await events().readUpTo('501', end);
    expect(await unreadOf(fixture, '501')).toMatchObject({ total: 0, isMore: false });
  });

  it('holds nothing unread for a newcomer, and keeps the mark at the next sign-in', async () => {
    await events().append([aRaid()]);
    await fixture.store.users.save(aUser('502'));
    await fixture.store.favourites.add('502', '901');
    expect(await unreadOf(fixture, '502')).toMatchObject({ mark: 1, total: 0 });
    await events().append([aRaid()]);
    await fixture.store.users.save(aUser('502'));
    expect(await unreadOf(fixture, '502')).toMatchObject({ mark: 1, total: 1 });
  });

  it('reads what is unread in one query or none, a page of the history in two', async () => {
    await events().append([aRaid()]);
    const favourites = await fixture.store.favourites.ofUser('501');
    fixture.takeStatements();
    expect(await events().unreadSince(0, favourites)).toMatchObject({ mark: 0, end: 1, total: 1 });
    expect(fixture.takeStatements()).toHaveLength(1);
    expect(await events().unreadSince(1, favourites)).toMatchObject({ mark: 1, end: 1, total: 0 });
    expect(fixture.takeStatements()).toEqual([]);
    await events().history({ scope: { userId: '501' } }, 10);
    expect(fixture.takeStatements()).toHaveLength(2);
  });

  it('gives the wall the ten newest of all, from memory until something is written again', async () => {
    const wall = async () => await fixture.store.favourites.ofUser('501');
    const latest = async () => await events().latestOf(await wall());
    expect(await latest()).toEqual([]);
    await events().append(
      Array.from({ length: 12 }, (_, index) =>
        aRaid({ streamerId: index % 2 ? '901' : '902', at: later(index * minute) }),
      ),
    );
    await events().append([
      aRaid({ streamerId: '903', at: later(day) }),
      aRaid({ streamerId: '904', at: later(-day) }),
    ]);
    const ids = async () => (await latest()).map(({ id }) => id);
    expect(await ids()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    fixture.takeStatements();
    expect(await ids()).toHaveLength(10);
    expect(fixture.takeStatements()).toHaveLength(1);

    await events().append([aBomb('b', 3, later(5.5 * minute))]);
    expect(await ids()).toEqual([12, 11, 10, 9, 8, 7, 15, 6, 5, 4]);
    await events().append([aGift('b', 'Ana', later(5.5 * minute))]);
    expect((await latest())[6]).toMatchObject({ id: 15, payload: { to: [{ name: 'Ana' }] } });
    await fixture.store.streamers.saveProfiles([aProfile('902', { displayName: 'Anew' })], later(day));
    expect((await latest())[1]).toMatchObject({ id: 11, streamer: { displayName: 'Anew' } });
  });

  it('gives the wall the newest also when many things happened in one moment', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => String(950 + index));
    await fixture.store.streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      later(0),
    );
    for (const id of ids) await fixture.store.favourites.add('501', id);
    await events().append(ids.map((streamerId) => aRaid({ streamerId, at: later(0) })));
    const favourites = await fixture.store.favourites.ofUser('501');
    const latest = await events().latestOf(favourites);
    expect(latest.map(({ id }) => id)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12, 11]);
  });

  it('knows of each streamer how far the history has come, when an entry moves back in time, too', async () => {
    const lastEvent = async (id: string) => (await fixture.store.streamers.find(id))?.lastEvent;
    expect(await lastEvent('901')).toBeNull();
    await events().append([aRaid({ at: later(0) })]);
    await fixture.store.streamers.saveRound({ asked: ['901'], live: [], at: later(0) });
    const found = aLiveStream('901', { id: '71', startedAt: later(minute) });
    await fixture.store.streamers.saveRound({ asked: ['901'], live: [found], at: later(3 * minute) });
    expect(await lastEvent('901')).toEqual({ at: later(minute), sequence: 2 });
    expect(await events().append([aStart('71', later(minute / 2))])).toMatchObject([
      { outcome: 'merged', id: 2 },
    ]);
    expect(await lastEvent('901')).toEqual({ at: later(minute / 2), sequence: 3 });
    expect(await lastEvent('902')).toBeNull();
  });

  it('forgets what is old in small batches, broadcasts last', async () => {
    await events().append([
      aStart('71', later(-9 * day)),
      anEnd(later(-8 * day)),
      aStart('72', later(-5 * day)),
    ]);
    await events().append([aRaid({ at: later(-9 * day) }), aRaid({ at: later(0) })]);
    const removed = [];
    for (let turn = 0; turn < 5; turn += 1) removed.push(await events().purge(later(-day), 2));
    expect(removed).toEqual([2, 2, 1, 0, 0]);
    expect(await all({ scope: { streamerId: '901' } }, 9)).toEqual([5]);
    expect(await fixture.database.knex('broadcasts').pluck('id')).toEqual(['72']);
  });

  it('forgets broadcasts a few at a time, and those whose end nobody waits for', async () => {
    const { knex } = fixture.database;
    const ended = Array.from({ length: 25 }, (_, index) =>
      aBroadcast(`ended-${index}`, '902', start - 39 * day),
    );
    await knex('broadcasts').insert([
      ...ended,
      aBroadcast('forgotten', '901', null),
      aBroadcast('unseen', '904', null),
      aBroadcast('endless', '902', null),
    ]);
    await knex('streamers')
      .where({ id: '901' })
      .update({ polled_at: start - 35 * day });
    await knex('streamers')
      .where({ id: '902' })
      .update({ polled_at: start - minute });
    const removed = [];
    for (let turn = 0; turn < 4; turn += 1) removed.push(await events().purge(later(-30 * day), 500));
    expect(removed).toEqual([20, 5, 2, 0]);
    expect(await knex('broadcasts').pluck('id')).toEqual(['endless']);
  });
});
