import type { Knex } from 'knex';
import { columnTypesOf } from './table.ts';
import type { ColumnTypes } from './table.ts';

/** Column name to its SQL type and constraints. */
export type ColumnDefinitions = Record<string, (types: ColumnTypes) => string>;

/**
 * Adds the columns that are not there yet. On MySQL in one statement, which is all or nothing; SQLite takes
 * one at a time, so a run that was killed goes on where it stopped.
 */
export async function addColumns(knex: Knex, table: string, definitions: ColumnDefinitions): Promise<void> {
  const types = columnTypesOf(knex);
  const present = await columnsOf(knex, table);
  const missing = Object.entries(definitions).filter(([name]) => !present.has(name));
  const parts = missing.map(([name, define]) => `ADD COLUMN ${name} ${define(types)}`);
  await alter(knex, table, parts);
}

/** Drops the columns that are there. */
export async function dropColumns(knex: Knex, table: string, names: string[]): Promise<void> {
  const present = await columnsOf(knex, table);
  const parts = names.filter((name) => present.has(name)).map((name) => `DROP COLUMN ${name}`);
  await alter(knex, table, parts);
}

async function alter(knex: Knex, table: string, parts: string[]): Promise<void> {
  const isSqlite = knex.client.dialect === 'sqlite3';
  const statements = isSqlite ? parts : parts.length > 0 ? [parts.join(', ')] : [];
  for (const statement of statements) await knex.raw(`ALTER TABLE ${table} ${statement}`);
}

/** None when there is no such table. */
async function columnsOf(knex: Knex, table: string): Promise<Set<string>> {
  return new Set(Object.keys(await knex(table).columnInfo()));
}
