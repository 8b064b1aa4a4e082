import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aLiveStream, aProfile, aUser, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

describeOnEveryDatabase('watches', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    const { streamers, users, favourites } = fixture.store;
    await streamers.saveProfiles(
      ['901', '902', '903', '904'].map((id) => aProfile(id)),
      new Date(start),
    );
    for (const id of ['501', '502']) await users.save(aUser(id));
    for (const id of ['901', '902', '903']) {
      await favourites.add('501', id);
      fixture.clock.time += 1;
    }
    await favourites.add('502', '903');
  });
  afterEach(() => fixture.close());

  const allow = (userId: string, scopes: string[]) =>
    fixture.store.tokens.save(userId, {
      accessToken: 'a',
      refreshToken: null,
      scopes,
      expiresAt: new Date(start),
    });

  it('are of each favoured streamer once, the most favoured first, then the live', async () => {
    await fixture.store.streamers.saveRound({
      asked: ['902'],
      live: [aLiveStream('902')],
      at: new Date(start),
    });
    expect(await fixture.store.watches.favoured()).toEqual([
      { streamerId: '903', login: 'streamer_903', favouredBy: 2, isLive: false, lastLiveAt: null },
      { streamerId: '902', login: 'streamer_902', favouredBy: 1, isLive: true, lastLiveAt: new Date(start) },
      { streamerId: '901', login: 'streamer_901', favouredBy: 1, isLive: false, lastLiveAt: null },
    ]);
  });

  it('are read from chat by who wishes it and has allowed it', async () => {
    const { users, watches } = fixture.store;
    await users.setChatEvents('501', true);
    await users.setChatEvents('502', true);
    expect(await watches.readers()).toEqual([]);
    await allow('501', ['user:read:chat', 'user:read:follows']);
    await allow('502', ['user:read:chat:more']);
    expect(await watches.readers()).toEqual([{ userId: '501', streamerIds: ['901', '902', '903'] }]);
    await users.setChatEvents('501', false);
    expect(await watches.readers()).toEqual([]);
  });

  it('are of own channels by the kinds that are turned on', async () => {
    const { users, watches } = fixture.store;
    await allow('501', ['bits:read', 'channel:read:polls']);
    expect(await watches.broadcasters()).toEqual([]);
    await users.setOwnKinds('501', ['bits', 'polls', 'bits', 'a,b', '']);
    expect(await watches.broadcasters()).toEqual([
      { userId: '501', kinds: ['bits', 'polls'], scopes: ['bits:read', 'channel:read:polls'] },
    ]);
  });

  it('remember what a user has turned on, and since when', async () => {
    const { users } = fixture.store;
    expect(await users.settings('501')).toEqual({ chatEventsSince: null, ownKinds: [] });
    const since = new Date(fixture.clock.time);
    await users.setChatEvents('501', true);
    fixture.clock.time += 1000;
    await users.setChatEvents('501', true);
    await users.setOwnKinds('501', ['polls']);
    await users.save(aUser('501'));
    expect(await users.settings('501')).toEqual({ chatEventsSince: since, ownKinds: ['polls'] });
    expect(await users.settings('599')).toEqual({ chatEventsSince: null, ownKinds: [] });
  });
});

describeOnEveryDatabase('reports', (open) => {
  it('keep the latest of each name, also a long one', async () => {
    const fixture = await openStore(open);
    const { store, clock } = fixture;
    expect(await store.reports.find('hearing')).toBeNull();
    await store.reports.save('hearing', { old: true });
    clock.time += 1000;
    const body = { words: 'ж'.repeat(200_000) };
    await store.reports.save('hearing', body);
    await store.reports.save('other', null);
    expect(await store.reports.find('hearing')).toEqual({ body, updatedAt: new Date(start + 1000) });
    await fixture.close();
  });
});

describeOnEveryDatabase('the conduits', (open) => {
  it('are remembered for each application, and the first of several processes counts', async () => {
    const fixture = await openStore(open);
    const { conduits } = fixture.store;
    expect(await conduits.find('app')).toBeNull();
    expect(await conduits.replace('app', null, 'one')).toBe('one');
    expect(await conduits.replace('app', null, 'two')).toBe('one');
    expect(await conduits.replace('app', 'two', 'three')).toBe('one');
    expect(await conduits.replace('app', 'one', 'three')).toBe('three');
    expect(await conduits.find('app')).toBe('three');
    expect(await conduits.replace('another-app', null, 'four')).toBe('four');
    expect(await conduits.find('app')).toBe('three');
    await fixture.database.knex('conduits').delete();
    expect(await conduits.replace('app', 'three', 'five')).toBe('five');
    expect(await conduits.find('app')).toBe('five');
    await fixture.close();
  });
});
