import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newestOf } from '../support/events.ts';
import { appendAtLast, aBomb, aGift, anEnd, anEvent, aRaid, aStart, aTitle } from './stream-events.ts';
import { aProfile, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const at = new Date(start);
const later = (ms: number) => new Date(start + ms);

const poll = (course: 'running' | 'ended', votes: number, offset: number) =>
  anEvent(
    'poll',
    { title: 'Tea?', choices: [{ title: 'Yes', votes }], course, endsAt: null },
    { at: later(offset), relation: { how: 'course', key: 'poll:1' } },
  );

describeOnEveryDatabase('appending events', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901'), aProfile('902')], at);
  });
  afterEach(() => fixture.close());

  const append = async (...events: Parameters<StoreFixture['store']['events']['append']>[0]) =>
    (await fixture.store.events.append(events)).map(({ outcome }) => outcome);
  const recent = (limit = 20) => newestOf(fixture.store, '901', limit);

  it('stores them with whom they are about, in the order of their time', async () => {
    const first = aRaid({ at: later(minute) });
    expect(await append(first, aRaid({ at, viewers: 7 }))).toEqual(['stored', 'stored']);
    const events = await recent();
    expect(events.map(({ id }) => id)).toEqual([1, 2]);
    expect(events[0]).toMatchObject({
      ...first,
      id: 1,
      sequence: 1,
      receivedAt: at,
      streamer: {
        id: '901',
        login: 'streamer_901',
        displayName: 'Streamer 901',
        profileImageUrl: 'https://images.example/901.png',
      },
    });
    expect(await fixture.store.events.end()).toBe(2);
  });

  it('knows a message id again, within a batch and later, and tells capitals from small letters', async () => {
    const raid = aRaid({ messageId: 'abc' });
    expect(await append(raid, raid)).toEqual(['stored', 'known']);
    expect(await append(raid, aRaid({ messageId: 'ABC' }))).toEqual(['known', 'stored']);
    expect(await recent()).toHaveLength(2);
  });

  it('makes one row of a hundred equal deliveries at once', { timeout: 60_000 }, async () => {
    const raid = aRaid();
    const results = await Promise.all(
      Array.from({ length: 100 }, () => appendAtLast(fixture.store.events, [raid])),
    );
    const outcomes = results.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(99);
    expect(await recent()).toHaveLength(1);
  });

  it('passes over streamers that are unknown', async () => {
    const results = await fixture.store.events.append([
      aRaid({ streamerId: '999' }),
      aRaid({ streamerId: '９' }),
    ]);
    expect(results).toEqual([
      { outcome: 'unknown-streamer', id: null },
      { outcome: 'unknown-streamer', id: null },
    ]);
  });

  it('never cuts a message id', async () => {
    const long = 'm'.repeat(255);
    expect(await append(aRaid({ messageId: long }), aRaid({ messageId: `${long}m` }))).toEqual([
      'stored',
      'refused',
    ]);
    expect(await append(aRaid({ messageId: '' }), aRaid({ messageId: 'ä' }))).toEqual(['refused', 'refused']);
  });

  it('stores hostile words defanged', async () => {
    const name = `\0\uD800${'🧨'.repeat(5000)}`;
    const message = '\u0001'.repeat(9000);
    const by = { id: name, login: name, name };
    const notice = anEvent(
      'notice',
      { by, noticeType: name, text: message, message, sharedFrom: by },
      { type: `tÿpe ${name}`, relation: { how: 'same', key: `kéy${name}` }, amount: Number.NaN },
    );
    const many = anEvent('poll', {
      title: name,
      choices: Array.from({ length: 500 }, () => ({ title: message, votes: 1e300 })),
      course: 'running',
      endsAt: null,
    });
    const undated = aRaid({ at: new Date(Number.NaN), amount: 1e12 });
    expect(await append(notice, many, undated)).toEqual(['stored', 'stored', 'stored']);
    const events = await recent();
    expect(events).toContainEqual(expect.objectContaining({ amount: 2_147_483_647, at }));
    const kept = events.find(({ kind }) => kind === 'notice');
    expect(kept?.payload).toMatchObject({ by: { name: '🧨'.repeat(500) } });
  });

  it('keeps the others of a batch when one makes no sense', async () => {
    const broken = aTitle('x', at);
    Reflect.set(broken, 'at', null);
    expect(await append(aRaid(), broken, aRaid())).toEqual(['stored', 'refused', 'stored']);
    expect(await recent()).toHaveLength(2);
  });

  it('gives entries numbers without gaps, whatever fails between them', async () => {
    const broken = aTitle('x', at);
    Reflect.set(broken, 'at', null);
    await append(aRaid());
    await append(broken);
    await append(aRaid());
    expect((await fixture.store.events.tail(0, 10)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('merges what two ways tell, within ten minutes', async () => {
    const relation = { how: 'same', key: 'raid:1:2' } as const;
    const raid = aRaid({ relation });
    const chat = aRaid({ relation, type: 'channel.chat.notification', at: later(9 * minute) });
    const late = aRaid({ relation, type: 'channel.chat.notification', at: later(12 * minute) });
    const again = aRaid({ relation, at: later(minute) });
    expect(await append(raid, chat)).toEqual(['stored', 'merged']);
    expect(await append(chat, late, again)).toEqual(['merged', 'stored', 'stored']);
    expect(await recent()).toHaveLength(3);
  });

  it('merges only within one streamer', async () => {
    const relation = { how: 'same', key: 'raid:1:2' } as const;
    const other = aRaid({ relation, streamerId: '902', source: 'conduit' });
    expect(await append(aRaid({ relation }), other)).toEqual(['stored', 'stored']);
  });

  it('folds a gift bomb into one entry, whatever comes first', async () => {
    const gifts = ['Ana', 'Ben', 'Cleo', 'Dora'].map((to) => aGift('bomb:1', to, later(5)));
    expect(await append(...gifts.slice(0, 2))).toEqual(['stored', 'merged']);
    expect(await recent()).toMatchObject([{ kind: 'gift-bomb', amount: 2, payload: { total: null } }]);
    expect(await append(aBomb('bomb:1', 4, at), ...gifts.slice(2), ...gifts)).toEqual([
      'merged',
      'merged',
      'merged',
      'known',
      'known',
      'known',
      'known',
    ]);
    const events = await recent();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ id: 2, at, amount: 4 });
    const { total, to } = events[0]?.kind === 'gift-bomb' ? events[0].payload : { total: 0, to: [] };
    expect([total, to.map(({ name }) => name)]).toEqual([4, ['Ana', 'Ben', 'Cleo']]);
    const [shown] = await fixture.store.events.tail(0, 10);
    expect(shown).toMatchObject({ id: 2, sequence: 8 });
    expect(await fixture.store.events.find(1)).toBeNull();
  });

  it('knows a bomb again after its gifts made the entry', async () => {
    const bomb = aBomb('bomb:1', 1, at);
    await append(aGift('bomb:1', 'Ana', at), bomb);
    expect(await append(bomb)).toEqual(['known']);
  });

  it('names the receivers of a bomb that came before them', async () => {
    await append(aBomb('bomb:1', 2, at));
    await append(aGift('bomb:1', 'Ana', later(1)), aGift('bomb:1', 'Ben', later(1)));
    expect(await recent()).toMatchObject([
      { amount: 2, payload: { total: 2, to: [{ name: 'Ana' }, { name: 'Ben' }] } },
    ]);
  });

  it('writes a course anew and never opens it again', async () => {
    expect(await append(poll('running', 1, 0), aRaid(), poll('running', 5, 2))).toEqual([
      'stored',
      'stored',
      'merged',
    ]);
    const [, entry] = await fixture.store.events.tail(0, 10);
    expect(entry).toMatchObject({ id: 1, sequence: 3, at, payload: { choices: [{ votes: 5 }] } });
    await append(poll('running', 3, 1));
    await append(poll('ended', 9, 1));
    await append(poll('running', 7, 3));
    expect(await fixture.store.events.find(1)).toMatchObject({
      at,
      payload: { course: 'ended', choices: [{ votes: 9 }] },
    });
  });

  it('lights a streamer up and puts them out', async () => {
    const { streamers } = fixture.store;
    await streamers.markUnavailable(['901'], at);
    await append(aTitle('Painting', at), aStart('71', at));
    expect(await streamers.find('901')).toMatchObject({
      broadcast: { id: '71', startedAt: at, viewers: null, thumbnailUrl: null },
      unavailableSince: null,
    });
    await append(anEnd(later(60 * minute)));
    expect(await streamers.find('901')).toMatchObject({ broadcast: null, lastLiveAt: later(60 * minute) });
    const [end, begin] = await recent();
    expect(begin?.payload).toMatchObject({ broadcastId: '71', title: 'Painting', isRestart: false });
    expect(end?.payload).toEqual({ broadcastId: '71', durationS: 3600, title: 'Painting', category: 'Art' });
    const rows = await fixture.database.knex('broadcasts').select();
    expect(rows).toMatchObject([
      { id: '71', stream_id: '71', started_at: start, ended_at: start + 60 * minute },
    ]);
  });

  it('goes on with a broadcast that comes back within 90 seconds, and not later', async () => {
    await append(aStart('71', at), anEnd(later(10 * minute)));
    await append(aStart('72', later(10 * minute + 90_000)), anEnd(later(20 * minute)));
    await append(aStart('73', later(20 * minute + 91_000)));
    const rows = await fixture.database
      .knex('broadcasts')
      .select('id', 'stream_id', 'ended_at')
      .orderBy('id');
    expect(rows).toEqual([
      { id: '71', stream_id: '72', ended_at: start + 20 * minute },
      { id: '73', stream_id: '73', ended_at: null },
    ]);
    const starts = (await recent()).flatMap((event) => (event.kind === 'live' ? [event.payload] : []));
    expect(starts).toMatchObject([
      { broadcastId: '73', isRestart: false },
      { broadcastId: '71', isRestart: true },
      { broadcastId: '71', isRestart: false },
    ]);
    const [end] = (await recent()).filter(({ kind }) => kind === 'offline');
    expect(end?.payload).toMatchObject({ broadcastId: '71', durationS: 20 * 60 });
  });

  it('lets nothing that is told late change the present', async () => {
    const { streamers } = fixture.store;
    await append(aStart('72', later(60 * minute)));
    expect(await append(anEnd(later(50 * minute)), aStart('71', later(minute)))).toEqual([
      'stored',
      'stored',
    ]);
    expect(await streamers.find('901')).toMatchObject({ broadcast: { id: '72' } });
    await append(anEnd(later(90 * minute)));
    await append(aStart('70', later(80 * minute)));
    expect(await streamers.find('901')).toMatchObject({ broadcast: null });
    expect(await recent()).toHaveLength(5);
  });

  it('does not light up who ended before the start was told', async () => {
    await append(anEnd(later(minute)));
    await append(aStart('71', at));
    expect(await fixture.store.streamers.find('901')).toMatchObject({ broadcast: null });
  });

  it('takes the end of a broadcast once, however many ways tell it', async () => {
    await append(aStart('71', at), aStart('71', at, { source: 'conduit' }));
    expect(await append(anEnd(later(minute)), anEnd(later(minute), { source: 'conduit' }))).toEqual([
      'stored',
      'merged',
    ]);
    // Another message of the same kind by the same way is acknowledged as an entry of its own.
    expect(await append(anEnd(later(minute + 1)))).toEqual(['stored']);
    expect(await recent()).toHaveLength(3);
  });

  it('changes titles, and says what they were before', async () => {
    await append(aStart('71', at));
    await append(aTitle('Two', later(2 * minute)), aTitle('Three', later(3 * minute)));
    await append(aTitle('One', later(minute)));
    expect(await fixture.store.streamers.find('901')).toMatchObject({ title: 'Three', category: 'Art' });
    const [, two] = await recent();
    expect(two?.payload).toMatchObject({ title: 'Two', before: { title: '', category: '' } });
    const titles = await fixture.database.knex('broadcast_titles').orderBy('at').pluck('title');
    expect(titles).toEqual(['Two', 'Three']);
  });

  it('merges the same title heard by two ways', async () => {
    const same = aTitle('Two', later(1), { source: 'conduit' });
    expect(await append(aTitle('Two', at), same)).toEqual(['stored', 'merged']);
  });

  it('forgets what a streamer did along with the streamer', async () => {
    await append(aStart('71', at), aRaid());
    await fixture.database.knex('streamers').where({ id: '901' }).delete();
    for (const table of ['stream_events', 'broadcasts', 'broadcast_titles']) {
      expect(await fixture.database.knex(table).select()).toEqual([]);
    }
  });

  it('stores a batch of 1,200 in order', async () => {
    const raids = Array.from({ length: 1200 }, () => aRaid());
    const results = await fixture.store.events.append(raids);
    expect(results.map(({ id }) => id)).toEqual(raids.map((_, index) => index + 1));
    expect(await fixture.store.events.end()).toBe(1200);
  });
});
