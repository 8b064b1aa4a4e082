import type { Knex } from 'knex';
import { migrations } from '../../migrations/index.ts';
import type { Database } from './database.ts';
import { isMissingTable } from './faults.ts';

export interface Health {
  /** Throws `AppError('unavailable')` when the database does not answer. */
  ping(): Promise<void>;
  /** How many migrations are still to be applied. */
  pendingMigrations(): Promise<number>;
}

export function createHealth({ run }: Database): Health {
  return {
    ping: () =>
      run(async (knex) => {
        await knex.raw('SELECT 1');
      }),
    pendingMigrations: () =>
      run(async (knex) => {
        const applied = new Set(await appliedMigrations(knex));
        return migrations.filter(({ file }) => !applied.has(file)).length;
      }),
  };
}

async function appliedMigrations(knex: Knex): Promise<string[]> {
  try {
    return await knex('knex_migrations').pluck<string[]>('name');
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}
