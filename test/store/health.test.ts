import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import { createStore, createTokenCipher, migrate } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

describeOnEveryDatabase('the health of the database', (open) => {
  let database: TestDatabase;
  let store: Store;
  beforeEach(async () => {
    database = await open({ migrated: false });
    store = createStore({ knex: database.knex, tokenCipher: createTokenCipher(['a secret of a test']) });
  });
  afterEach(() => database.drop());

  it('is told before the first migration and after each', async () => {
    expect(await store.health.pendingMigrations()).toBe(migrations.length);
    await database.knex.migrate.up();
    expect(await store.health.pendingMigrations()).toBe(migrations.length - 1);
    await migrate(database.knex);
    expect(await store.health.pendingMigrations()).toBe(0);
  });
});
