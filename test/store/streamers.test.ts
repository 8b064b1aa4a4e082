import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aLiveStream, aProfile, aUser, day, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const at = new Date(start);
const later = (ms: number) => new Date(start + ms);

describeOnEveryDatabase('streamers', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
  });
  afterEach(() => fixture.close());

  it('keeps profiles and finds them by id and login', async () => {
    const { streamers } = fixture.store;
    const profile = aProfile('901', { displayName: '달빛', description: 'Ahoj 🌙', login: 'moon' });
    await streamers.saveProfiles([profile, aProfile('902')], at);
    const expected = {
      ...profile,
      title: '',
      category: '',
      language: '',
      broadcast: null,
      lastLiveAt: null,
      polledAt: null,
      unavailableSince: null,
      lastEvent: null,
    };
    expect(await streamers.find('901')).toEqual(expected);
    expect(await streamers.findByLogin('MOON')).toEqual(expected);
    expect(await streamers.findByLogin('moo')).toBeNull();
    expect(await streamers.findByLogin('mo\u00f6n')).toBeNull();
    expect(await streamers.find('90')).toBeNull();
    expect(await streamers.find('٩٠١')).toBeNull();
  });

  it('finds who is there by what stands next to a login in the alphabet', async () => {
    const { streamers } = fixture.store;
    const logins = ['noon', 'moonlight', 'mo_on', 'moon', 'moody', 'moor', 'mop'];
    await streamers.saveProfiles(
      logins.map((login, index) => aProfile(String(901 + index), { login })),
      at,
    );
    await streamers.markUnavailable(['906'], at);
    const found = async (login: string, most: number) =>
      (await streamers.neighbours(login, most)).map((each) => each.login).toSorted();
    expect(await found('moon', 4)).toEqual(['mo_on', 'moody', 'moon', 'moonlight']);
    expect(await found('moone', 4)).toEqual(['moody', 'moon', 'moonlight', 'mop'].toSorted());
    expect(await found('moone', 2)).toEqual(['moon', 'moonlight']);
    expect(await found('ö', 4)).toEqual([]);
  });

  it('names who is on air, the most watched first, as far as that was asked of late', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles(
      ['901', '902', '903', '904'].map((id) => aProfile(id)),
      at,
    );
    const asked = ['901', '902', '904'];
    const live = [aLiveStream('901', { viewers: 5 }), aLiveStream('902', { viewers: 50 })];
    await streamers.saveRound({ asked, live, at });
    await streamers.saveRound({ asked: ['903'], live: [aLiveStream('903')], at: later(-day) });
    const named = async (most: number) => (await streamers.onAir(later(-minute), most)).map(({ id }) => id);
    expect(await named(9)).toEqual(['902', '901']);
    expect(await named(1)).toEqual(['902']);
    await streamers.markUnavailable(['902'], at);
    expect(await named(9)).toEqual(['901']);
  });

  it('saves hundreds of profiles in a few statements, the last of each id', async () => {
    const { streamers } = fixture.store;
    const profiles = Array.from({ length: 450 }, (_, index) => aProfile(String(1000 + index)));
    fixture.takeStatements();
    await streamers.saveProfiles(
      [...profiles, aProfile('1000', { description: 'newer' }), aProfile('ö')],
      at,
    );
    expect(fixture.takeStatements().length).toBeLessThanOrEqual(15);
    expect(await streamers.counts()).toMatchObject({ known: 450 });
    expect(await streamers.find('1000')).toMatchObject({ description: 'newer' });
  });

  it('cuts text that is too long, by whole characters', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901', { description: '🎈'.repeat(3000) })], at);
    await streamers.saveChannels(
      [{ id: '901', title: `\uDC00${'ß'.repeat(600)}`, category: '\0', language: 'en' }],
      at,
    );
    expect(await streamers.find('901')).toMatchObject({
      description: '🎈'.repeat(2000),
      title: 'ß'.repeat(512),
      category: '',
      language: 'en',
    });
  });

  it('repairs a login and finds the streamer by the former one', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901', { login: 'first' })], at);
    await streamers.saveProfiles([aProfile('901', { login: 'second' })], later(day));
    await streamers.saveProfiles([aProfile('901', { login: 'first' })], later(2 * day));
    await streamers.saveProfiles([aProfile('901', { login: 'second' })], later(3 * day));
    expect(await streamers.findByLogin('first')).toBeNull();
    expect(await streamers.findByLogin('second')).toMatchObject({ id: '901' });
    expect(await streamers.findByFormerLogin('First')).toMatchObject({ id: '901', login: 'second' });
    expect(await streamers.findByFormerLogin('third')).toBeNull();
  });

  it('leads a former login to the streamer who gave it up last', async () => {
    const { streamers } = fixture.store;
    for (const [id, offset] of [
      ['901', 0],
      ['902', 2 * day],
    ] as const) {
      await streamers.saveProfiles([aProfile(id, { login: 'wanted' })], later(offset));
      await streamers.saveProfiles([aProfile(id, { login: `moved_${id}` })], later(offset + day));
    }
    expect(await streamers.findByFormerLogin('wanted')).toMatchObject({ id: '902' });
  });

  it('gives a login claimed by two to the one profiled last, and asks for the other again', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('902', { login: 'wanted' }), aProfile('901')], at);
    await streamers.saveProfiles([aProfile('901', { login: 'wanted' })], later(minute));
    expect(await streamers.findByLogin('wanted')).toMatchObject({ id: '901' });
    expect(await streamers.toProfile(at, 10)).toEqual(['902']);
    await streamers.markUnavailable(['902'], later(2 * minute));
    expect(await streamers.findByLogin('wanted')).toMatchObject({ id: '901' });
    expect(await streamers.toProfile(at, 10)).toEqual([]);
  });

  it('lets two streamers swap their logins', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901', { login: 'one' }), aProfile('902', { login: 'two' })], at);
    await streamers.saveProfiles(
      [aProfile('901', { login: 'two' }), aProfile('902', { login: 'one' })],
      later(1),
    );
    expect(await streamers.findByLogin('one')).toMatchObject({ id: '902' });
    expect(await streamers.findByLogin('two')).toMatchObject({ id: '901' });
  });

  it('updates channels of known streamers only', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901')], at);
    const channel = { title: 'Bread', category: 'Food', language: 'fr' };
    await streamers.saveChannels(
      [
        { id: '901', ...channel },
        { id: '999', ...channel },
      ],
      at,
    );
    expect(await streamers.find('901')).toMatchObject({ ...channel, login: 'streamer_901' });
    expect(await streamers.find('999')).toBeNull();
  });

  it('remembers since when a streamer is unavailable until they are back', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901')], at);
    await streamers.markUnavailable(['901'], later(day));
    await streamers.markUnavailable(['901'], later(2 * day));
    expect(await streamers.find('901')).toMatchObject({
      unavailableSince: later(day),
      login: 'streamer_901',
    });
    await streamers.saveProfiles([aProfile('901')], later(3 * day));
    expect(await streamers.find('901')).toMatchObject({ unavailableSince: null });
  });

  it('answers a page in one query', async () => {
    const { streamers, favourites, users } = fixture.store;
    await users.save(aUser('501'));
    await users.save(aUser('502'));
    await streamers.saveProfiles([aProfile('901')], at);
    await favourites.add('501', '901');
    await streamers.request('901', later(minute));
    fixture.takeStatements();
    expect(await streamers.pageOf('Streamer_901', '501')).toMatchObject({
      streamer: { id: '901' },
      isFavourite: true,
      isFavoured: true,
      requestedAt: later(minute),
    });
    expect(fixture.takeStatements()).toHaveLength(1);
    const asOthersSeeIt = { isFavourite: false, isFavoured: true };
    expect(await streamers.pageOf('streamer_901', '502')).toMatchObject(asOthersSeeIt);
    expect(await streamers.pageOf('streamer_901', null)).toMatchObject(asOthersSeeIt);
    await favourites.remove('501', '901');
    expect(await streamers.pageOf('streamer_901', '501')).toMatchObject({ isFavoured: false });
    expect(await streamers.pageOf('nobody', '501')).toBeNull();
  });

  it('answers pages that are asked for together in one query, each as its own visitor sees it', async () => {
    const { streamers, favourites, users } = fixture.store;
    await streamers.saveProfiles(
      ['901', '902'].map((id) => aProfile(id)),
      at,
    );
    await users.save(aUser('501'));
    await users.save(aUser('502'));
    await favourites.add('501', '901');
    await favourites.add('502', '902');
    const asked = [
      ['streamer_901', '501'],
      ['streamer_902', '501'],
      ['nobody', '502'],
      ['streamer_902', '502'],
      ['STREAMER_901', '501'],
      ['streamer_901', null],
      ['nöbody', '501'],
      ['streamer_901', '502'],
    ] as const;
    fixture.takeStatements();
    const pages = await Promise.all(asked.map(([login, userId]) => streamers.pageOf(login, userId)));
    expect(fixture.takeStatements()).toHaveLength(1);
    expect(pages.map((page) => page && `${page.streamer.id} ${page.isFavourite}`)).toEqual([
      '901 true',
      '902 false',
      null,
      '902 true',
      '901 true',
      '901 false',
      null,
      '901 false',
    ]);
  });

  it('answers more pages than fit a query in several, and one that many ask for once', async () => {
    const { streamers } = fixture.store;
    const ids = Array.from({ length: 40 }, (_, index) => String(901 + index));
    await streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      at,
    );
    fixture.takeStatements();
    const pages = await Promise.all(ids.map((id) => streamers.pageOf(`streamer_${id}`, '501')));
    expect(pages.map((page) => page?.streamer.id)).toEqual(ids);
    expect(fixture.takeStatements()).toHaveLength(3);
    const same = await Promise.all(ids.slice(0, 16).map(() => streamers.pageOf('streamer_901', null)));
    expect(new Set(same.map((page) => page?.streamer.id))).toEqual(new Set(['901']));
    const [statement = ''] = fixture.takeStatements();
    expect(statement).not.toContain('UNION');
  });

  it('polls favourites and fresh requests, each once, the longest unpolled first', async () => {
    const { streamers, favourites, users } = fixture.store;
    await streamers.saveProfiles(
      ['901', '902', '903', '904', '905'].map((id) => aProfile(id)),
      at,
    );
    for (const user of ['501', '502']) {
      await users.save(aUser(user));
      await favourites.add(user, '901');
      await favourites.add(user, '902');
    }
    await streamers.request('902', later(minute));
    await streamers.request('903', later(minute));
    await streamers.request('904', later(-day));
    await streamers.saveRound({ asked: ['902'], live: [], at: later(2) });
    await streamers.saveRound({ asked: ['901'], live: [], at: later(1) });
    expect(await streamers.toPoll(at)).toEqual(['903', '901', '902']);
  });

  it('writes a request at most every five minutes', async () => {
    const { streamers } = fixture.store;
    await streamers.saveProfiles([aProfile('901')], at);
    const requestedAt = async () => (await streamers.pageOf('streamer_901', null))?.requestedAt;
    await streamers.request('901', at);
    await streamers.request('901', later(5 * minute - 1));
    expect(await requestedAt()).toEqual(at);
    await streamers.request('901', later(5 * minute));
    expect(await requestedAt()).toEqual(later(5 * minute));
  });

  it('names the profiles that are due, the oldest first', async () => {
    const { streamers, favourites, users } = fixture.store;
    await users.save(aUser('501'));
    for (const [id, offset] of [
      ['901', 3],
      ['902', 2],
      ['903', 1],
      ['904', day],
    ] as const) {
      await streamers.saveProfiles([aProfile(id)], later(offset));
      if (id !== '903') await favourites.add('501', id);
    }
    expect(await streamers.toProfile(later(minute), 10)).toEqual(['902', '901']);
    expect(await streamers.toProfile(later(minute), 1)).toEqual(['902']);
    await streamers.request('903', later(2 * minute));
    expect(await streamers.toProfile(later(minute), 10)).toEqual(['903', '902', '901']);
  });

  it('names the unavailable sooner, but only those whom somebody wants', async () => {
    const { streamers, favourites, users } = fixture.store;
    await users.save(aUser('501'));
    await streamers.saveProfiles(
      ['901', '902', '903'].map((id) => aProfile(id)),
      at,
    );
    for (const id of ['901', '902']) await favourites.add('501', id);
    await streamers.markUnavailable(['902', '903'], later(minute));
    expect(await streamers.toProfile(at, 10, later(minute))).toEqual([]);
    expect(await streamers.toProfile(at, 10, later(2 * minute))).toEqual(['902']);
  });

  it('counts what is listened to', async () => {
    const { streamers, favourites, users } = fixture.store;
    const nothing = {
      known: 0,
      favoured: 0,
      live: 0,
      unavailable: 0,
      newestPollAt: null,
      oldestPollAt: null,
    };
    expect(await streamers.counts()).toEqual(nothing);
    await users.save(aUser('501'));
    await streamers.saveProfiles(
      ['901', '902', '903'].map((id) => aProfile(id)),
      at,
    );
    for (const id of ['901', '902']) await favourites.add('501', id);
    await streamers.saveRound({ asked: ['901'], live: [], at: later(1) });
    await streamers.saveRound({ asked: ['902'], live: [aLiveStream('902')], at: later(2) });
    // Somebody else looked at them once: their state is no longer asked for.
    await streamers.saveRound({ asked: ['903'], live: [aLiveStream('903')], at: later(3) });
    await streamers.markUnavailable(['901', '903'], at);
    expect(await streamers.counts()).toEqual({
      known: 3,
      favoured: 2,
      live: 1,
      unavailable: 1,
      oldestPollAt: later(1),
      newestPollAt: later(2),
    });
  });
});
