import type { Knex } from 'knex';
import { migrations } from '../../migrations/index.ts';
import type { Database } from './database.ts';
import { isMissingTable } from './faults.ts';

export interface Health {
  /** How many migrations are still to be applied. Throws `AppError('unavailable')` when the database does not answer. */
  pendingMigrations(): Promise<number>;
}

export function createHealth({ run }: Database): Health {
  return {
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
