import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { anEnd, anEndOf, aStart, aTitle } from './stream-events.ts';
import { aLiveStream, aProfile, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const later = (ms: number) => new Date(start + ms);

type Step = 'on A' | 'off A' | 'on B';

const orders: Step[][] = [
  ['on A', 'off A', 'on B'],
  ['on A', 'on B', 'off A'],
  ['off A', 'on A', 'on B'],
  ['off A', 'on B', 'on A'],
  ['on B', 'on A', 'off A'],
  ['on B', 'off A', 'on A'],
];

describeOnEveryDatabase('starts and ends that overtake each other', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901')], later(0));
    await fixture.store.events.append([aTitle('Painting', later(-minute))]);
  });
  afterEach(() => fixture.close());

  const append = async (...events: Parameters<StoreFixture['store']['events']['append']>[0]) =>
    await fixture.store.events.append(events);

  async function broadcasts(): Promise<unknown[]> {
    return await fixture.database
      .knex('broadcasts')
      .select('id', 'stream_id', 'started_at', 'ended_at')
      .orderBy('id');
  }

  /** Everything that is known, but for the numbers that say in which order it came. */
  async function all() {
    const { knex } = fixture.database;
    const columns = ['kind', 'at', 'relation_key', 'amount', 'text', 'payload'];
    const entries = await knex('stream_events')
      .select<{ kind: string; payload: string }[]>(columns)
      .orderBy('at');
    return {
      rows: await broadcasts(),
      titles: await knex('broadcast_titles').orderBy('at').pluck<number[]>('at'),
      streamer: await knex('streamers').first<unknown>(
        'broadcast_id',
        'broadcast_started_at',
        'ended_broadcast_id',
        'last_live_at',
      ),
      entries: entries.map(({ payload, ...entry }) => ({ ...entry, payload: JSON.parse(payload) })),
    };
  }

  async function tell(
    order: Step[],
    { gapMs, isNamed = true, atOnce = false }: { gapMs: number; isNamed?: boolean; atOnce?: boolean },
  ) {
    const endedAt = later(60 * minute);
    const steps = {
      'on A': aStart('71', later(0)),
      'off A': isNamed ? anEndOf('71', endedAt) : anEnd(endedAt),
      'on B': aStart('72', later(60 * minute + gapMs)),
    };
    if (atOnce) await append(...order.map((step) => steps[step]));
    else for (const step of order) await append(steps[step]);
    return await all();
  }

  for (const order of orders) {
    it(`are told alike when they come as ${order.join(', ')}`, async () => {
      const { rows, entries, ...more } = await tell(order, { gapMs: minute });
      expect(rows).toEqual([{ id: '71', stream_id: '72', started_at: start, ended_at: null }]);
      expect(entries).toMatchObject([
        { kind: 'update' },
        { kind: 'live', payload: { broadcastId: '71', isRestart: false } },
        { kind: 'offline', payload: { broadcastId: '71', durationS: 3600, title: 'Painting' } },
        { kind: 'live', amount: 0, payload: { broadcastId: '71', isRestart: true } },
      ]);
      expect(more).toEqual({
        titles: [start, start + 61 * minute],
        streamer: {
          broadcast_id: '72',
          broadcast_started_at: start + 61 * minute,
          ended_broadcast_id: '71',
          last_live_at: start + 61 * minute,
        },
      });
    });

    it(`are told alike, within one transaction, when they come at once as ${order.join(', ')}`, async () => {
      let rollbacks = 0;
      fixture.database.knex.on('query', ({ sql }: { sql: string }) => {
        if (/^ROLLBACK/i.test(sql)) rollbacks += 1;
      });
      const { rows, titles } = await tell(order, { gapMs: minute, atOnce: true });
      expect(rows).toEqual([{ id: '71', stream_id: '72', started_at: start, ended_at: null }]);
      expect([titles, rollbacks]).toEqual([[start, start + 61 * minute], 0]);
    });

    it(`are two broadcasts after a longer pause when they come as ${order.join(', ')}`, async () => {
      const { rows, entries } = await tell(order, { gapMs: 2 * minute });
      expect(rows).toEqual([
        { id: '71', stream_id: '71', started_at: start, ended_at: start + 60 * minute },
        { id: '72', stream_id: '72', started_at: start + 62 * minute, ended_at: null },
      ]);
      expect(entries).toMatchObject([
        { kind: 'update' },
        { kind: 'live', payload: { broadcastId: '71' } },
        { kind: 'offline', payload: { broadcastId: '71', durationS: 3600 } },
        { kind: 'live', amount: null, payload: { broadcastId: '72', isRestart: false } },
      ]);
    });
  }

  it('end the stream before once, although an end is told again', async () => {
    const { rows } = await tell(['on A', 'off A', 'on B'], { gapMs: 2 * minute });
    await append(anEnd(later(61 * minute)));
    expect(await broadcasts()).toEqual(rows);
  });

  it('are one broadcast still when the start of it is told again', async () => {
    const { rows } = await tell(['on A', 'off A', 'on B'], { gapMs: minute });
    expect(await append(aStart('71', later(0)))).toMatchObject([{ outcome: 'stored' }]);
    expect(await broadcasts()).toEqual(rows);
  });

  it('are one broadcast still when its start is told again, and as an earlier one', async () => {
    const { rows } = await tell(['on A', 'off A', 'on B'], { gapMs: minute });
    expect(await append(aStart('71', later(-1_000)))).toMatchObject([{ outcome: 'stored' }]);
    expect(await broadcasts()).toEqual(rows);
  });

  it('leave what is known of a stream that ended as it began when its start is told again', async () => {
    await append(anEndOf('71', later(-minute)), aStart('72', later(60 * minute)), aStart('71', later(0)));
    const { knex } = fixture.database;
    await knex('broadcasts').where({ id: '71' }).update({ peak_viewers: 12 });
    await append(aStart('71', later(0)));
    expect(await knex('broadcasts').where({ id: '71' })).toMatchObject([
      { ended_at: start, peak_viewers: 12 },
    ]);
  });

  it('make no stream longer than until the next began', async () => {
    await append(aStart('71', later(0)), aStart('72', later(60 * minute)), anEndOf('71', later(65 * minute)));
    expect((await all()).entries.find(({ kind }) => kind === 'offline')).toMatchObject({
      payload: { durationS: 3_600 },
    });
  });

  it('recall a stream that ended no earlier than it began', async () => {
    await append(anEndOf('71', later(-minute)));
    await append(aStart('72', later(60 * minute)));
    await append(aStart('71', later(0)));
    expect(await broadcasts()).toMatchObject([{ id: '71', ended_at: start }, { id: '72' }]);
  });

  it('end the stream before no earlier than it began', async () => {
    await append(aStart('71', later(0)));
    await append(aStart('72', later(60 * minute)));
    await append(anEndOf('71', later(-minute)));
    expect(await broadcasts()).toMatchObject([{ id: '71', ended_at: start }, { id: '72' }]);
  });

  it('recall no stream from before the last that is known', async () => {
    await append(anEndOf('70', later(-30 * minute)));
    await tell(['on A', 'off A'], { gapMs: 0 });
    await append(aStart('70', later(-60 * minute)));
    expect(await broadcasts()).toMatchObject([{ id: '71' }]);
    expect((await all()).streamer).toMatchObject({ ended_broadcast_id: '71' });
  });

  it('recall no stream of which the end named none', async () => {
    const { rows, streamer } = await tell(['off A', 'on A'], { gapMs: 0, isNamed: false });
    expect([rows, streamer]).toMatchObject([[], { broadcast_id: null, ended_broadcast_id: null }]);
  });

  it('give no title to a stream that is recalled before any is known', async () => {
    await fixture.store.streamers.saveProfiles([aProfile('902')], later(0));
    const end = { ...anEndOf('81', later(60 * minute)), streamerId: '902' };
    await append(end, aStart('81', later(0), { streamerId: '902' }));
    expect(await broadcasts()).toMatchObject([{ id: '81', ended_at: start + 60 * minute }]);
    expect(await fixture.database.knex('broadcast_titles')).toEqual([]);
  });

  it('are one broadcast in every entry when one that went on itself goes on from another', async () => {
    await append(aStart('72', later(61 * minute)));
    await append(anEndOf('72', later(90 * minute)));
    await append(aStart('73', later(91 * minute)));
    await append(anEndOf('71', later(60 * minute)));
    await append(aStart('71', later(0)));
    const { rows, entries } = await all();
    expect(rows).toMatchObject([{ id: '71', stream_id: '73' }]);
    const starts = entries.filter(({ kind }) => kind === 'live');
    expect(starts.map(({ payload }) => payload.broadcastId)).toEqual(['71', '71', '71']);
  });

  it('end the stream before when they name none', async () => {
    const { rows } = await tell(['on A', 'on B', 'off A'], { gapMs: minute, isNamed: false });
    expect(rows).toEqual([{ id: '71', stream_id: '72', started_at: start, ended_at: null }]);
  });

  it('end nothing when they name another stream', async () => {
    await append(aStart('71', later(0)));
    await append(anEndOf('70', later(30 * minute)));
    expect(await fixture.store.streamers.find('901')).toMatchObject({ broadcast: { id: '71' } });
    await append(anEnd(later(60 * minute)));
    await append(anEndOf('72', later(62 * minute)));
    expect(await broadcasts()).toMatchObject([{ id: '71', ended_at: start + 60 * minute }]);
  });

  it('end a broadcast anew minutes later only when it was found by comparing', async () => {
    await append(aStart('71', later(0)));
    await append(anEnd(later(60 * minute)));
    await append(anEnd(later(65 * minute)));
    expect(await broadcasts()).toMatchObject([{ id: '71', ended_at: start + 60 * minute }]);

    const { streamers } = fixture.store;
    const live = [aLiveStream('901', { id: '72', startedAt: later(80 * minute) })];
    await streamers.saveRound({ asked: ['901'], live, at: later(85 * minute) });
    for (const at of [later(95 * minute), later(96 * minute)]) {
      await streamers.saveRound({ asked: ['901'], live: [], at });
    }
    await append(anEnd(later(94 * minute)));
    expect(await broadcasts()).toMatchObject([{ id: '71' }, { id: '72', ended_at: start + 94 * minute }]);
  });
});
