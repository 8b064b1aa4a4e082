import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aProfile, aUser, day, openStore } from './support.ts';
import type { StoreFixture } from './support.ts';

describeOnEveryDatabase('users', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
  });
  afterEach(() => fixture.close());

  it('keeps a user and finds them by id', async () => {
    const user = aUser('501', {
      displayName: '灯台もり 🎣',
      profileImageUrl: 'https://images.example/a.png',
    });
    await fixture.store.users.save(user);
    expect(await fixture.store.users.find('501')).toEqual(user);
    expect(await fixture.store.users.find('502')).toBeNull();
    expect(await fixture.store.users.find('５０１')).toBeNull();
  });

  it('brings a known user up to date', async () => {
    const { users } = fixture.store;
    await users.save(aUser('501', { login: 'before' }));
    fixture.clock.time += day;
    await users.save(aUser('501', { login: 'After' }));
    expect(await users.find('501')).toMatchObject({ login: 'after' });
    const rows = await fixture.database.knex('users').select('created_at', 'signed_in_at');
    expect(rows).toEqual([{ created_at: fixture.clock.time - day, signed_in_at: fixture.clock.time }]);
  });

  it('makes one row of forty first sign-ins at once', async () => {
    await Promise.all(Array.from({ length: 40 }, () => fixture.store.users.save(aUser())));
    expect(await fixture.database.knex('users').pluck('id')).toEqual(['501']);
  });

  it('takes text that is too long or malformed, cut to what fits', async () => {
    const displayName = `\0\uD800${'🎉'.repeat(500)}`;
    await fixture.store.users.save(
      aUser('501', { displayName, profileImageUrl: `https://x.example/${'a'.repeat(2000)}` }),
    );
    expect(await fixture.store.users.find('501')).toMatchObject({
      displayName: '🎉'.repeat(128),
      profileImageUrl: null,
    });
  });

  it('keeps who has signed in since the leave was taken back', async () => {
    const { users } = fixture.store;
    const before = new Date(fixture.clock.time - 1);
    await users.save(aUser());
    expect(await users.remove('501', before)).toBe(false);
    expect(await users.find('501')).not.toBeNull();
    expect(await users.remove('501', new Date(fixture.clock.time))).toBe(true);
  });

  it('removes a user with everything of theirs', async () => {
    const { users, tokens, favourites, streamers } = fixture.store;
    await users.save(aUser());
    await streamers.saveProfiles([aProfile()], new Date());
    await favourites.add('501', '901');
    await tokens.save('501', { accessToken: 'a', refreshToken: null, scopes: [], expiresAt: new Date() });
    expect(await users.remove('501')).toBe(true);
    expect(await users.remove('501')).toBe(false);
    for (const table of ['users', 'tokens', 'favourites']) {
      expect(await fixture.database.knex(table).select()).toEqual([]);
    }
    expect(await streamers.find('901')).not.toBeNull();
  });
});
