import { expect, it } from 'vitest';
import { openSqlite } from '../support/databases.ts';

it('forces every commit of the embedded database to the disk, where a power cut leaves it', async () => {
  const database = await openSqlite({ migrated: false });
  const full = 2;
  expect(await database.knex.raw('PRAGMA synchronous')).toEqual([{ synchronous: full }]);
  expect(await database.knex.raw('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  await database.drop();
});
