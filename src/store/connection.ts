import { mkdirSync } from 'node:fs';
import path from 'node:path';
import knex from 'knex';
import type { Knex } from 'knex';
import { migrations } from '../../migrations/index.ts';
import type { Migration } from '../../migrations/index.ts';
import { GuardedMysqlClient, LibsqlClient, migrationTimeoutMs, queryTimeoutMs } from './dialects.ts';

/** Where the rows are. `poolSize` times the number of processes has to stay below the server's limit. */
export type ConnectionSettings =
  | {
      kind: 'mysql';
      host: string;
      port: number;
      name: string;
      user: string;
      password: string;
      poolSize?: number;
    }
  | { kind: 'sqlite'; file: string };

/** Opens a pool. Nothing is sent before the first query, so a database that is down does not matter yet. */
export function connect(settings: ConnectionSettings): Knex {
  return knex({ ...toKnexConfig(settings), log: silence });
}

/** The same settings for the command line, which migrates. */
export function toMigrationConfig(settings: ConnectionSettings): Knex.Config & { queryTimeoutMs: number } {
  return { ...toKnexConfig(settings), queryTimeoutMs: migrationTimeoutMs };
}

/** In Knex's own words. Makes a missing data folder. */
function toKnexConfig(settings: ConnectionSettings): Knex.Config {
  return {
    ...(settings.kind === 'mysql' ? mysqlConfig(settings) : sqliteConfig(settings.file)),
    acquireConnectionTimeout: 2000,
    // With bindings filled in, an error's message would carry tokens and sessions into the log.
    compileSqlOnError: false,
    migrations: { migrationSource },
  };
}

/** Knex prints what it also throws, to stdout and past our log. */
const silence = { debug: ignore, warn: ignore, error: ignore, deprecate: ignore };

function ignore(): void {}

const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => migrations,
  getMigrationName: (migration) => migration.file,
  getMigration: async (migration) => migration,
};

function mysqlConfig(settings: Extract<ConnectionSettings, { kind: 'mysql' }>): Knex.Config {
  return {
    client: GuardedMysqlClient,
    // Spares the question for the version, which has no time-out of its own.
    version: 'latest',
    connection: {
      host: settings.host,
      port: settings.port,
      database: settings.name,
      user: settings.user,
      password: settings.password,
      charset: 'utf8mb4',
      timezone: 'Z',
      connectTimeout: 2000,
    },
    pool: {
      min: 0,
      max: settings.poolSize ?? 10,
      // A server that comes back is noticed within a quarter of a second.
      createRetryIntervalMillis: 250,
      afterCreate: prepareMysqlConnection,
    },
  };
}

interface MysqlConnection {
  query(options: { sql: string; timeout: number }, done: (error: unknown) => void): void;
}

type Done = (error: unknown, connection: unknown) => void;

/** Few gap locks, short lock waits, and text that is too long is an error on every server. */
function prepareMysqlConnection(connection: MysqlConnection, done: Done): void {
  const timeout = queryTimeoutMs;
  connection.query({ sql: 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', timeout }, (error) => {
    if (error) return done(error, connection);
    const sql =
      "SET SESSION innodb_lock_wait_timeout = 1, sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'";
    connection.query({ sql, timeout }, (failure) => done(failure, connection));
  });
}

function sqliteConfig(file: string): Knex.Config {
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return {
    client: LibsqlClient,
    useNullAsDefault: true,
    connection: { filename: file },
    // One writer anyway, and an in-memory database lives exactly as long as its connection.
    pool: { min: 1, max: 1, afterCreate: prepareSqliteConnection },
  };
}

function prepareSqliteConnection(connection: { exec(sql: string): void }, done: Done): void {
  try {
    for (const pragma of [
      // SQLite waits in our only thread: the longer waiting is done between repetitions.
      'busy_timeout = 100',
      'journal_mode = WAL',
      // What is acknowledged is on the disk: NORMAL would lose it with the power.
      'synchronous = FULL',
      'foreign_keys = ON',
    ]) {
      connection.exec(`PRAGMA ${pragma}`);
    }
    done(null, connection);
  } catch (error) {
    done(error, connection);
  }
}
