import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { toPublicError } from './faults.ts';

/**
 * Applies what is pending. For the embedded database at start, also of several processes at once; MySQL is
 * migrated by a job of its own, once for all instances.
 */
export async function migrate(knex: Knex): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await knex.migrate.latest();
      return;
    } catch (error) {
      if (attempt === tries || !isRace(error)) throw toPublicError(error);
      await wait(200 * (0.5 + Math.random()));
    }
  }
}

const tries = 10;

/** Another process is doing the same: it has made Knex's own tables meanwhile, or holds the lock. */
function isRace(error: unknown): boolean {
  return error instanceof Error && /knex_migrations.*already exists|locked/i.test(error.message);
}
