import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aGiftedSub, anEvent, anOwnGift, aPerson, aRaid } from './stream-events.ts';
import { aProfile, aUser, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const follow = () =>
  anEvent('follow', { by: aPerson('Nova') }, { streamerId: '501', type: 'channel.follow' });
const told = () => [
  follow(),
  anOwnGift(2, new Date(start), { streamerId: '501' }),
  { ...aGiftedSub('Ana', new Date(start)), streamerId: '501' },
  aRaid({ streamerId: '501', type: 'channel.chat.notification', at: new Date(start - 1) }),
  anEvent('follow', { by: aPerson('Nova') }, { streamerId: '901', type: 'channel.follow' }),
];

describeOnEveryDatabase('what was heard by a broadcaster’s leave', (open) => {
  let fixture: StoreFixture;
  const types = async (id: string) =>
    await fixture.database
      .knex('stream_events')
      .where({ streamer_id: id })
      .orderBy('type')
      .pluck<string[]>('type');

  /** As pages have it: by what they remember. */
  async function shown(): Promise<string[]> {
    const streamer = await fixture.store.streamers.find('501');
    const events = streamer === null ? [] : await fixture.store.events.latestOf([streamer]);
    return events.map(({ type }) => type);
  }

  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('501'), aProfile('901')], new Date(start));
    for (const id of ['501', '901']) {
      await fixture.store.users.save(aUser(id));
      await fixture.store.users.setOwnKinds(id, ['follows', 'subs']);
    }
    await fixture.store.events.append(told());
  });
  afterEach(() => fixture.close());

  it('goes with the broadcaster, and what anybody could hear stays', async () => {
    expect(new Set(await shown())).toEqual(
      new Set(['channel.chat.notification', 'channel.follow', 'channel.subscription.gift']),
    );
    expect(await fixture.store.users.remove('501')).toBe(true);
    expect(await types('501')).toEqual(['channel.chat.notification']);
    expect(await types('901')).toEqual(['channel.follow']);
    expect(await shown()).toEqual(['channel.chat.notification']);
  });

  it('goes also when it is more than fits one batch', async () => {
    await fixture.store.events.append(Array.from({ length: 1_100 }, follow));
    await fixture.store.users.remove('501');
    expect(await types('501')).toEqual(['channel.chat.notification']);
  });

  it('leaves no last event where nothing is left', async () => {
    await fixture.database.knex('stream_events').where({ type: 'channel.chat.notification' }).delete();
    await fixture.store.users.remove('501');
    expect(await fixture.store.streamers.find('501')).toMatchObject({ lastEvent: null });
  });

  it('goes when its kind is turned off', async () => {
    await shown();
    await fixture.store.users.setOwnKinds('501', ['subs']);
    expect(await types('501')).toEqual([
      'channel.chat.notification',
      'channel.subscribe',
      'channel.subscription.gift',
    ]);
    expect(await shown()).not.toContain('channel.follow');
  });

  it('is not stored of what Twitch still sends, until it is wished again', async () => {
    const { users, events } = fixture.store;
    await users.setOwnKinds('501', ['subs']);
    expect((await events.append(told())).map(({ outcome }) => outcome)).toEqual([
      'withdrawn',
      'stored',
      'merged',
      'stored',
      'stored',
    ]);
    expect(await shown()).not.toContain('channel.follow');
    await users.setOwnKinds('501', ['follows']);
    await events.append([follow()]);
    expect(await shown()).toContain('channel.follow');
  });

  it('is not stored of who has left, even when they come back, until it is wished again', async () => {
    const { users, events } = fixture.store;
    await users.remove('501');
    expect(await events.append([follow()])).toEqual([{ outcome: 'withdrawn', id: null }]);
    await users.save(aUser('501'));
    expect(await events.append([follow()])).toEqual([{ outcome: 'withdrawn', id: null }]);
    await users.setOwnKinds('501', ['subs']);
    expect(await events.append([follow()])).toEqual([{ outcome: 'withdrawn', id: null }]);
    expect(await types('501')).toEqual(['channel.chat.notification']);
    await users.setOwnKinds('501', ['follows']);
    expect(await events.append([follow()])).toMatchObject([{ outcome: 'stored' }]);
  });

  it('is stored of a kind that was never asked for here', async () => {
    const bits = anEvent(
      'cheer',
      { by: aPerson('Nova'), bits: 100, what: 'cheer', message: '' },
      { streamerId: '501', type: 'channel.cheer' },
    );
    expect(await fixture.store.events.append([bits])).toMatchObject([{ outcome: 'stored' }]);
  });

  it('costs no question more', async () => {
    const questions = () => fixture.takeStatements().filter((sql) => sql.startsWith('select')).length;
    questions();
    await fixture.store.events.append([aRaid({ streamerId: '501', type: 'channel.chat.notification' })]);
    const ofChat = questions();
    await fixture.store.events.append([follow()]);
    expect(questions()).toBeLessThanOrEqual(ofChat);
  });

  it('does not come back when only a part of something else is told', async () => {
    await shown();
    await fixture.store.users.setOwnKinds('501', ['subs']);
    const gone = (await fixture.store.streamers.find('501'))?.lastEvent?.sequence ?? 0;
    await fixture.store.events.append([{ ...aGiftedSub('Ben', new Date(start)), streamerId: '501' }]);
    expect((await fixture.store.streamers.find('501'))?.lastEvent?.sequence).toBeGreaterThanOrEqual(gone);
    expect(await shown()).not.toContain('channel.follow');
  });

  it('stays when they have signed in since the leave was taken back', async () => {
    expect(await fixture.store.users.remove('501', new Date(fixture.clock.time - 1))).toBe(false);
    expect(await types('501')).toHaveLength(4);
  });
});
