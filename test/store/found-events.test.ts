import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LiveStream } from '../../src/domain/streamer.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newestOf } from '../support/events.ts';
import { anEnd, aStart, aTitle } from './stream-events.ts';
import { aLiveStream, aProfile, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const later = (ms: number) => new Date(start + ms);

const stream = (more: Partial<LiveStream> = {}) =>
  aLiveStream('901', { startedAt: new Date(start), ...more });

describeOnEveryDatabase('what comparing finds', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901'), aProfile('902')], later(-minute));
    await round(-minute);
  });
  afterEach(() => fixture.close());

  /** Also moves the clock, since push is heard by it. */
  async function round(offset: number, live: LiveStream[] = [], pushCovers?: (id: string) => boolean) {
    fixture.clock.time = start + offset;
    await fixture.store.streamers.saveRound({ asked: ['901', '902'], live, at: later(offset), pushCovers });
  }
  async function hear(offset: number, ...events: Parameters<StoreFixture['store']['events']['append']>[0]) {
    fixture.clock.time = start + offset;
    return (await fixture.store.events.append(events)).map(({ outcome }) => outcome);
  }
  const kinds = async () => (await newestOf(fixture.store, '901')).map(({ kind }) => kind).toReversed();
  const rowsOf = (table: string) => fixture.database.knex(table).select();

  it('is a start, a change of title and an end', async () => {
    await round(minute, [stream()]);
    await round(2 * minute, [stream({ title: 'Second coat' })]);
    await round(3 * minute);
    await round(4 * minute);
    expect(await newestOf(fixture.store, '901')).toMatchObject([
      {
        kind: 'offline',
        at: later(3 * minute),
        payload: { broadcastId: '7901', durationS: 180, title: 'Second coat' },
      },
      { kind: 'update', payload: { title: 'Second coat', before: { title: 'Painting a fence' } } },
      {
        kind: 'live',
        at: later(0),
        source: 'poll',
        type: 'found',
        isLate: false,
        payload: { title: 'Painting a fence' },
      },
    ]);
    expect(await rowsOf('broadcasts')).toMatchObject([
      { id: '7901', started_at: start, ended_at: start + 3 * minute, peak_viewers: 12 },
    ]);
    expect(await rowsOf('broadcast_titles')).toHaveLength(2);
  });

  it('is late when push should have told', async () => {
    await round(minute, [stream()], (id) => id === '901');
    expect(await newestOf(fixture.store, '901')).toMatchObject([{ kind: 'live', isLate: true }]);
  });

  it('is nothing at first sight but a broadcast', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('903')], later(0));
    await streamers.saveRound({ asked: ['903'], live: [aLiveStream('903')], at: later(0) });
    expect(await newestOf(fixture.store, '903')).toEqual([]);
    expect(await rowsOf('broadcasts')).toMatchObject([{ id: '7903' }]);
  });

  it('is nothing that push has told', async () => {
    await hear(0, aStart('7901', later(0)));
    await round(minute, [stream()]);
    await hear(10 * minute, aTitle('Second coat', later(10 * minute)));
    await round(11 * minute, [stream({ title: 'Second coat' })]);
    await hear(20 * minute, anEnd(later(20 * minute)));
    await round(26 * minute);
    await round(27 * minute);
    expect(await kinds()).toEqual(['live', 'update', 'offline']);
    const begun = (await newestOf(fixture.store, '901')).at(-1);
    expect(begun).toMatchObject({ source: 'webhook', payload: { title: 'Painting a fence' } });
  });

  it('becomes what push tells after it', async () => {
    await round(minute, [stream()], () => true);
    const told = aStart('7901', later(0));
    expect(await hear(minute, told)).toEqual(['merged']);
    await round(2 * minute, [stream({ title: 'Second coat' })]);
    expect(await hear(2 * minute, aTitle('Second coat', later(2 * minute)))).toEqual(['merged']);
    await round(10 * minute);
    await round(11 * minute);
    expect(await hear(11 * minute, anEnd(later(9 * minute)))).toEqual(['merged']);
    const events = await newestOf(fixture.store, '901');
    expect(events).toMatchObject([
      { kind: 'offline', source: 'webhook', at: later(9 * minute), payload: { durationS: 540 } },
      { kind: 'update', source: 'webhook', payload: { before: { title: 'Painting a fence' } } },
      { kind: 'live', messageId: told.messageId, isLate: false, payload: { title: 'Painting a fence' } },
    ]);
    const tail = await fixture.store.events.tail(3, 9);
    expect(tail.map(({ kind }) => kind)).toEqual(['update', 'offline']);
  });

  it('does not light up again whom push put out less than five minutes ago', async () => {
    await hear(0, aStart('7901', later(0)));
    await hear(10 * minute, anEnd(later(10 * minute)));
    await round(14 * minute, [stream()]);
    expect(await fixture.store.streamers.find('901')).toMatchObject({ broadcast: null });
    await round(15 * minute, [stream()]);
    expect(await fixture.store.streamers.find('901')).toMatchObject({ broadcast: { id: '7901' } });
    expect(await kinds()).toEqual(['live', 'offline']);
  });

  it('does not put out whom push lit up less than three minutes ago', async () => {
    await hear(0, aStart('7901', later(0)));
    await round(minute);
    await round(2 * minute);
    expect(await fixture.store.streamers.find('901')).toMatchObject({ broadcast: { id: '7901' } });
    await round(3 * minute);
    await round(4 * minute);
    expect(await kinds()).toEqual(['live', 'offline']);
  });

  it('does not take back a title that push has just told', async () => {
    await round(minute, [stream()]);
    await hear(2 * minute, aTitle('Second coat', later(2 * minute)));
    await round(3 * minute, [stream()]);
    expect(await fixture.store.streamers.find('901')).toMatchObject({ title: 'Second coat' });
    await round(5 * minute, [stream()]);
    expect(await fixture.store.streamers.find('901')).toMatchObject({ title: 'Painting a fence' });
  });

  it('is one broadcast when a stream comes back at once under another id', async () => {
    await round(minute, [stream()]);
    await round(2 * minute, [stream({ id: '8', startedAt: later(minute + 60_000) })]);
    expect(await rowsOf('broadcasts')).toMatchObject([{ id: '7901', stream_id: '8', ended_at: null }]);
    const [again] = await newestOf(fixture.store, '901');
    expect(again).toMatchObject({ kind: 'live', payload: { broadcastId: '7901', isRestart: true } });
    await round(10 * minute, [stream({ id: '9', startedAt: later(9 * minute) })]);
    expect(await kinds()).toEqual(['live', 'live', 'offline', 'live']);
    expect(await rowsOf('broadcasts')).toHaveLength(2);
  });

  const samples = async () =>
    await fixture.database.knex('broadcast_viewers').orderBy('at').pluck<number[]>('viewers');

  it('takes no sample of who is absent', async () => {
    await round(0, [stream({ viewers: 100 })]);
    await round(5 * minute, []);
    expect(await samples()).toEqual([100]);
    await round(10 * minute, [stream({ viewers: 80 })]);
    expect(await samples()).toEqual([100, 80]);
  });

  it('counts no viewers of who is not in its answer yet', async () => {
    await fixture.store.events.append([aStart('7901', later(-1000))]);
    await fixture.store.streamers.saveRound({ asked: ['901'], live: [], at: later(0) });
    expect(await rowsOf('broadcasts')).toMatchObject([{ peak_viewers: null }]);
  });

  it('takes a sample of the viewers every five minutes, and the peak of all rounds', async () => {
    for (let turn = 0; turn <= 11; turn += 1) {
      await round(turn * minute, [stream({ viewers: turn === 7 ? 500 : 100 + turn })]);
    }
    expect(await samples()).toEqual([100, 105, 110]);
    expect(await rowsOf('broadcasts')).toMatchObject([{ peak_viewers: 500 }]);
  });

  it('is a new login, once', async () => {
    await round(minute, [stream({ login: 'nova' })]);
    await fixture.store.streamers.saveProfiles([aProfile('901', { login: 'nova' })], later(2 * minute));
    await fixture.store.streamers.saveProfiles([aProfile('902', { login: 'lumi' })], later(2 * minute));
    expect((await kinds()).toSorted()).toEqual(['live', 'renamed']);
    expect(await newestOf(fixture.store, '902')).toMatchObject([
      { kind: 'renamed', payload: { from: 'streamer_902', to: 'lumi' } },
    ]);
  });

  it('is that somebody is unavailable, and available again, once each', async () => {
    const { streamers } = fixture.store;
    await streamers.markUnavailable(['901', '902'], later(0));
    await streamers.markUnavailable(['901', '902'], later(minute));
    await streamers.saveProfiles([aProfile('901')], later(2 * minute));
    await streamers.saveProfiles([aProfile('901')], later(3 * minute));
    await round(4 * minute, [aLiveStream('902')]);
    expect(await kinds()).toEqual(['unavailable', 'available']);
    const ofOther = await newestOf(fixture.store, '902');
    expect(ofOther.map(({ kind }) => kind).toSorted()).toEqual(['available', 'live', 'unavailable']);
  });

  it('holds up nobody while there is nothing to store', async () => {
    await round(minute, [stream()]);
    fixture.takeStatements();
    await round(2 * minute, [stream({ viewers: 5 })]);
    expect(fixture.takeStatements().some((sql) => sql.includes('sequences'))).toBe(false);
  });
});
