import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { toPublicError } from './faults.ts';

/**
 * Applies what is pending. For the embedded database at start, also of several processes at once; MySQL is
 * migrated by a job of its own, once for all instances. A lock that stays for longer than `staleAfterMs` was
 * left behind in the embedded database by a run that was killed, and is freed.
 */
export async function migrate(knex: Knex, { staleAfterMs = 5_000 } = {}): Promise<void> {
  const startedAt = performance.now();
  const isEmbedded = knex.client.dialect === 'sqlite3';
  for (let attempt = 1; ; attempt += 1) {
    try {
      await prepareLock(knex);
      // Of who migrates the file upwards, in one transaction, the lock is not seen here: it is that of a command line.
      if (isEmbedded && performance.now() - startedAt >= staleAfterMs)
        await knex(lock).update({ is_locked: 0 });
      await knex.migrate.latest();
      return;
    } catch (error) {
      if (attempt === tries || !isRace(error)) throw toPublicError(error);
      await wait(200 * (0.5 + Math.random()));
    }
  }
}

/**
 * Knex makes its lock in steps. Two processes that begin together would leave two rows, of which it can never
 * take one: here the row has a key, so there is one.
 */
async function prepareLock(knex: Knex): Promise<void> {
  if (!(await knex.schema.hasTable(lock))) {
    await knex.schema.createTable(lock, (table) => {
      table.increments('index');
      table.integer('is_locked');
    });
  }
  const [row] = await knex(lock).select('is_locked').limit(1);
  if (row === undefined) await knex(lock).insert({ index: 1, is_locked: 0 }).onConflict('index').ignore();
}

const lock = 'knex_migrations_lock';
const tries = 100;

/** Another process is doing the same: it has made Knex's own tables meanwhile, or holds the lock. */
function isRace(error: unknown): boolean {
  return error instanceof Error && /knex_migrations.*already exists|locked/i.test(error.message);
}
