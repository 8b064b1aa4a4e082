import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aProfile, aUser, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

describeOnEveryDatabase('favourites', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.users.save(aUser('501'));
    await fixture.store.users.save(aUser('502'));
    await fixture.store.streamers.saveProfiles(
      ['901', '902', '903'].map((id) => aProfile(id)),
      new Date(start),
    );
  });
  afterEach(() => fixture.close());

  it('adds each streamer once, however many ask at once', async () => {
    const { favourites } = fixture.store;
    const answers = await Promise.all(Array.from({ length: 20 }, () => favourites.add('501', '901')));
    expect(answers.filter((answer) => answer === 'added')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'already')).toHaveLength(19);
    expect(await favourites.count('501')).toBe(1);
  });

  it('does not take a missing streamer for a favourite that is there already', async () => {
    await expect(fixture.store.favourites.add('501', '999')).rejects.toThrow(/foreign key/i);
    expect(await fixture.store.favourites.count('501')).toBe(0);
  });

  it('tells a user whose account is gone to sign in', async () => {
    const { favourites, users } = fixture.store;
    await users.remove('501');
    await expect(favourites.add('501', '901')).rejects.toMatchObject({
      name: 'AppError',
      code: 'unauthenticated',
    });
  });

  it('removes a favourite of its owner only', async () => {
    const { favourites } = fixture.store;
    await favourites.add('501', '901');
    expect(await favourites.remove('502', '901')).toBe(false);
    expect(await favourites.count('501')).toBe(1);
    expect(await favourites.remove('501', '901')).toBe(true);
    expect(await favourites.remove('501', '901')).toBe(false);
    expect(await favourites.count('501')).toBe(0);
  });

  it('lists them, and in which order they were added', async () => {
    const { favourites } = fixture.store;
    for (const id of ['902', '903', '901']) {
      fixture.clock.time += 1;
      await favourites.add('501', id);
    }
    await favourites.add('502', '901');
    const list = await favourites.ofUser('501');
    expect(list.map(({ id }) => id).toSorted()).toEqual(['901', '902', '903']);
    expect([...(await favourites.addedAt('501')).keys()]).toEqual(['902', '903', '901']);
    expect(await favourites.has('501', ['901', '903', '999', 'ø'])).toEqual(new Set(['901', '903']));
    expect(await favourites.has('502', ['902'])).toEqual(new Set());
  });

  it('reads a thousand in one query', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(10_000 + index));
    await fixture.store.streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      new Date(start),
    );
    const rows = ids.map((id) => ({ user_id: '501', streamer_id: id, created_at: start }));
    await fixture.database.knex.batchInsert('favourites', rows, 500);
    fixture.takeStatements();
    expect(await fixture.store.favourites.ofUser('501')).toHaveLength(1000);
    expect(fixture.takeStatements()).toHaveLength(1);
  });
});
