import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStore, createTokenCipher } from '../../src/store/index.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aUser, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

const pair = {
  accessToken: 'access-words',
  refreshToken: 'refresh-words',
  scopes: ['user:read:follows', 'user:read:chat'],
  expiresAt: new Date(start + 240 * minute),
};

describeOnEveryDatabase('tokens', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.users.save(aUser('501'));
    await fixture.store.users.save(aUser('502'));
  });
  afterEach(() => fixture.close());

  it('keeps a pair and counts its versions', async () => {
    const { tokens } = fixture.store;
    expect(await tokens.find('501')).toBeNull();
    await tokens.save('501', pair);
    expect(await tokens.find('501')).toEqual({ userId: '501', version: 1, ...pair });
    await tokens.save('501', { ...pair, accessToken: 'new', refreshToken: null, scopes: [] });
    expect(await tokens.find('501')).toEqual({
      ...pair,
      userId: '501',
      version: 2,
      accessToken: 'new',
      refreshToken: null,
      scopes: [],
    });
  });

  it('tells a user whose account is gone to sign in', async () => {
    const { tokens, users } = fixture.store;
    await users.remove('501');
    await expect(tokens.save('501', pair)).rejects.toMatchObject({
      name: 'AppError',
      code: 'unauthenticated',
    });
  });

  it('writes no token in the clear', async () => {
    await fixture.store.tokens.save('501', pair);
    const rows = JSON.stringify(await fixture.database.knex('tokens').select());
    expect(rows).toContain('501');
    expect(rows).not.toContain('access-words');
    expect(rows).not.toContain('refresh-words');
  });

  it('treats a pair as lost when its row was tampered with', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    await tokens.save('502', pair);
    const knex = fixture.database.knex;
    const { access_ciphertext: stolen } = await knex('tokens').first().where({ user_id: '502' });
    const { refresh_ciphertext: wrongKind } = await knex('tokens').first().where({ user_id: '501' });
    for (const change of [
      { access_ciphertext: stolen },
      { access_ciphertext: wrongKind },
      { key_id: 'unknown' },
    ]) {
      await tokens.save('501', pair);
      expect(await tokens.find('501')).not.toBeNull();
      await knex('tokens').where({ user_id: '501' }).update(change);
      expect(await tokens.find('501')).toBeNull();
    }
    await tokens.save('501', pair);
    await knex('tokens').where({ user_id: '501' }).update({ refresh_ciphertext: stolen });
    expect(await tokens.find('501')).toBeNull();
  });

  it('opens what an earlier secret sealed, and seals with the current one', async () => {
    await fixture.store.tokens.save('501', pair);
    const tokenCipher = createTokenCipher(['a newer secret', 'a secret of a test']);
    const { tokens } = createStore({ knex: fixture.database.knex, tokenCipher });
    expect(await tokens.find('501')).toMatchObject(pair);
    await tokens.save('501', pair);
    expect(await fixture.store.tokens.find('501')).toBeNull();
    expect(await tokens.find('501')).toMatchObject(pair);
  });

  it('lets one of many refresh a version', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    const until = new Date(start + minute);
    const claims = await Promise.all(Array.from({ length: 20 }, () => tokens.claimRefresh('501', 1, until)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await tokens.claimRefresh('501', 2, until)).toBe(false);
    await tokens.save('501', pair);
    expect(await tokens.claimRefresh('501', 1, until)).toBe(false);
    expect(await tokens.claimRefresh('501', 2, until)).toBe(true);
  });

  it('frees a claim that ran out or was given back', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    const until = () => new Date(fixture.clock.time + minute);
    expect(await tokens.claimRefresh('501', 1, until())).toBe(true);
    fixture.clock.time += minute - 1;
    expect(await tokens.claimRefresh('501', 1, until())).toBe(false);
    fixture.clock.time += 1;
    expect(await tokens.claimRefresh('501', 1, until())).toBe(true);
    await tokens.releaseRefresh('501', 1);
    expect(await tokens.claimRefresh('501', 1, until())).toBe(true);
  });

  it('names the tokens that are due for validation, the oldest first', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    fixture.clock.time += minute;
    await tokens.save('502', pair);
    const later = new Date(start + 60 * minute);
    expect(await tokens.dueForValidation(new Date(start), 10)).toEqual([]);
    expect(await tokens.dueForValidation(later, 10)).toEqual(['501', '502']);
    expect(await tokens.dueForValidation(later, 1)).toEqual(['501']);
    await tokens.markValidated('501', later);
    expect(await tokens.dueForValidation(later, 10)).toEqual(['502']);
  });

  it('removes a version only while it is the present one', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    await tokens.save('501', pair);
    expect(await tokens.remove('501', 1)).toBe(false);
    expect(await tokens.find('501')).toMatchObject({ version: 2 });
    expect(await tokens.remove('501', 2)).toBe(true);
  });

  it('removes a pair', async () => {
    const { tokens } = fixture.store;
    await tokens.save('501', pair);
    expect(await tokens.remove('501')).toBe(true);
    expect(await tokens.remove('501')).toBe(false);
    expect(await tokens.find('501')).toBeNull();
  });
});
