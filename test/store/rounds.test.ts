import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aLiveStream, aProfile, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const at = new Date(start);
const later = (ms: number) => new Date(start + ms);

describeOnEveryDatabase('a round', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901'), aProfile('902')], at);
  });
  afterEach(() => fixture.close());

  it('lights up who is live', async () => {
    const { streamers } = fixture.store;
    const stream = aLiveStream('901');
    expect(await streamers.saveRound({ asked: ['902', '901'], live: [stream], at })).toEqual([
      { streamerId: '901', kind: 'live' },
    ]);
    expect(await streamers.find('901')).toMatchObject({
      title: 'Painting a fence',
      category: 'Art',
      language: 'en',
      lastLiveAt: at,
      polledAt: at,
      broadcast: {
        id: stream.id,
        startedAt: stream.startedAt,
        viewers: 12,
        thumbnailUrl: stream.thumbnailUrl,
      },
    });
    expect(await streamers.find('902')).toMatchObject({ broadcast: null, polledAt: at, lastLiveAt: null });
  });

  it('takes back that somebody was unavailable once they are seen live', async () => {
    const { streamers } = fixture.store;
    await streamers.markUnavailable(['901', '902'], at);
    await streamers.saveRound({ asked: ['901', '902'], live: [aLiveStream('901')], at: later(minute) });
    expect(await streamers.find('901')).toMatchObject({ unavailableSince: null });
    expect(await streamers.find('902')).toMatchObject({ unavailableSince: at });
  });

  it('reports no change when only the viewers differ, and writes them', async () => {
    const { streamers } = fixture.store;
    await streamers.saveRound({ asked: ['901'], live: [aLiveStream()], at });
    const again = { asked: ['901'], live: [aLiveStream('901', { viewers: 99 })], at: later(minute) };
    expect(await streamers.saveRound(again)).toEqual([]);
    expect(await streamers.find('901')).toMatchObject({
      broadcast: { viewers: 99 },
      polledAt: later(minute),
    });
  });

  it('reports a new title, and a new broadcast of one who was live already', async () => {
    const { streamers } = fixture.store;
    await streamers.saveRound({ asked: ['901'], live: [aLiveStream()], at });
    const retitled = {
      asked: ['901'],
      live: [aLiveStream('901', { title: 'Second coat' })],
      at: later(minute),
    };
    expect(await streamers.saveRound(retitled)).toEqual([{ streamerId: '901', kind: 'changed' }]);
    const anew = { asked: ['901'], live: [aLiveStream('901', { id: '8' })], at: later(2 * minute) };
    expect(await streamers.saveRound(anew)).toEqual([{ streamerId: '901', kind: 'live' }]);
  });

  it('ends a broadcast at its second absence, as of the first', async () => {
    const { streamers } = fixture.store;
    await streamers.saveRound({ asked: ['901'], live: [aLiveStream()], at });
    const absent = (offset: number) => streamers.saveRound({ asked: ['901'], live: [], at: later(offset) });
    expect(await absent(minute)).toEqual([]);
    expect(await streamers.find('901')).toMatchObject({ broadcast: { viewers: 12 } });
    expect(await absent(minute)).toEqual([]);
    expect(await absent(minute + 29_999)).toEqual([]);
    expect(await absent(2 * minute)).toEqual([{ streamerId: '901', kind: 'offline' }]);
    expect(await streamers.find('901')).toMatchObject({
      broadcast: null,
      lastLiveAt: later(minute),
      polledAt: later(2 * minute),
      title: 'Painting a fence',
    });
    expect(await absent(3 * minute)).toEqual([]);
  });

  it('takes absences for two that are as far apart as the caller says', async () => {
    const { streamers } = fixture.store;
    await streamers.saveRound({ asked: ['901'], live: [aLiveStream('901')], at: later(0) });
    const absent = (offset: number) =>
      streamers.saveRound({ asked: ['901'], live: [], at: later(offset), absencesApartMs: 500 });
    expect(await absent(minute)).toEqual([]);
    expect(await absent(minute + 499)).toEqual([]);
    expect(await absent(minute + 500)).toEqual([{ streamerId: '901', kind: 'offline' }]);
  });

  it('forgets an absence when the broadcast is seen again', async () => {
    const { streamers } = fixture.store;
    const round = (offset: number, live = [aLiveStream()]) =>
      streamers.saveRound({ asked: ['901'], live, at: later(offset) });
    await round(0);
    await round(minute, []);
    expect(await round(2 * minute)).toEqual([]);
    expect(await round(3 * minute, [])).toEqual([]);
    expect(await streamers.find('901')).toMatchObject({ broadcast: { viewers: 12 } });
  });

  it('repairs a login and keeps the former one', async () => {
    const { streamers } = fixture.store;
    const live = [aLiveStream('901', { login: 'streamer_902', displayName: 'Neu' })];
    const changes = await streamers.saveRound({ asked: ['901'], live, at: later(minute) });
    expect(changes).toEqual([
      { streamerId: '901', kind: 'renamed' },
      { streamerId: '901', kind: 'live' },
    ]);
    expect(await streamers.findByFormerLogin('streamer_901')).toMatchObject({
      id: '901',
      displayName: 'Neu',
    });
    expect(await streamers.toProfile(at, 10)).toEqual(['902']);
  });

  it('passes over streamers that are unknown or were not asked about', async () => {
    const { streamers } = fixture.store;
    const live = [aLiveStream('999'), aLiveStream('902')];
    expect(await streamers.saveRound({ asked: ['901', '999'], live, at })).toEqual([]);
    expect(await streamers.find('999')).toBeNull();
    expect(await streamers.find('902')).toMatchObject({ broadcast: null, polledAt: null });
  });

  it('takes hostile numbers and texts', async () => {
    const { streamers } = fixture.store;
    const stream = aLiveStream('901', { viewers: 1e12, title: `${'🧨'.repeat(900)}\uD800`, language: '<b>' });
    await streamers.saveRound({ asked: ['901'], live: [stream], at });
    expect(await streamers.find('901')).toMatchObject({
      title: '🧨'.repeat(512),
      language: 'b',
      broadcast: { viewers: 2_147_483_647 },
    });
  });

  it('writes a hundred live streamers in a few statements', async () => {
    const { streamers } = fixture.store;
    const ids = Array.from({ length: 100 }, (_, index) => String(2000 + index));
    await streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      at,
    );
    fixture.takeStatements();
    const changes = await streamers.saveRound({ asked: ids, live: ids.map((id) => aLiveStream(id)), at });
    expect(changes).toHaveLength(100);
    expect(fixture.takeStatements().length).toBeLessThanOrEqual(10);
  });

  it('stays whole when several rounds are written at once', async () => {
    const { streamers } = fixture.store;
    const ids = Array.from({ length: 60 }, (_, index) => String(3000 + index));
    await streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      at,
    );
    const rounds = Array.from({ length: 6 }, (_, turn) => ({
      asked: turn % 2 === 0 ? ids : ids.toReversed(),
      live: ids.map((id) => aLiveStream(id)),
      at: later(turn),
    }));
    const changes = await Promise.all(rounds.map((round) => streamers.saveRound(round)));
    expect(changes.flat().filter(({ kind }) => kind === 'live')).toHaveLength(60);
  });
});
