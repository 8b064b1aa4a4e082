import type { Knex } from 'knex';

/** SQL column types by what they hold, spelled for the database at hand. */
export interface ColumnTypes {
  /** Ids, logins, hashes and ciphertexts: ASCII, compared byte by byte. `length` in characters. */
  ascii: (length: number) => string;
  /** Words in any script. `length` in code points. */
  text: (length: number) => string;
  /** Words without a practical limit (64 kB on MySQL). */
  longText: string;
  /** The same up to 16 MB on MySQL. */
  hugeText: string;
  /** Milliseconds since 1970, UTC. */
  time: string;
}

export interface TableDefinition {
  /** Column and table constraints, one SQL fragment each. */
  parts: (types: ColumnTypes) => string[];
  /** Index name to column list. */
  indexes?: Record<string, string>;
}

/**
 * Creates a table unless it is there. On MySQL, whose DDL is not transactional, indexes and foreign keys
 * ride in the same statement, so that a run that was killed can simply be repeated.
 */
export async function createTable(knex: Knex, name: string, definition: TableDefinition): Promise<void> {
  const isSqlite = knex.client.dialect === 'sqlite3';
  const indexes = Object.entries(definition.indexes ?? {});
  const parts = definition.parts(columnTypesOf(knex));
  if (isSqlite) {
    await knex.raw(`CREATE TABLE IF NOT EXISTS ${name} (${parts.join(', ')})`);
    for (const [index, columns] of indexes) {
      await knex.raw(`CREATE INDEX IF NOT EXISTS ${index} ON ${name} (${columns})`);
    }
    return;
  }
  const keys = indexes.map(([index, columns]) => `KEY ${index} (${columns})`);
  await knex.raw(
    `CREATE TABLE IF NOT EXISTS ${name} (${[...parts, ...keys].join(', ')}) ` +
      'ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  );
}

/** The spellings of the database at hand. */
export function columnTypesOf(knex: Knex): ColumnTypes {
  return knex.client.dialect === 'sqlite3' ? sqliteTypes : mysqlTypes;
}

/** Drops a table if it is there. */
export async function dropTable(knex: Knex, name: string): Promise<void> {
  await knex.schema.dropTableIfExists(name);
}

const sqliteTypes: ColumnTypes = {
  ascii: (length) => `VARCHAR(${length})`,
  text: (length) => `VARCHAR(${length})`,
  longText: 'TEXT',
  hugeText: 'TEXT',
  time: 'BIGINT',
};

const mysqlTypes: ColumnTypes = {
  ascii: (length) => `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin`,
  text: (length) => `VARCHAR(${length})`,
  longText: 'TEXT',
  hugeText: 'MEDIUMTEXT',
  time: 'BIGINT',
};
