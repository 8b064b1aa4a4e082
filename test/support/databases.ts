import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import knex from 'knex';
import type { Knex } from 'knex';
import { describe } from 'vitest';
import type { ConnectionSettings } from '../../src/store/connection.ts';
import { connect, migrate } from '../../src/store/index.ts';
import { describeIf } from './left-out.ts';

/** A database of a test's own. */
export interface TestDatabase {
  settings: ConnectionSettings;
  knex: Knex;
  /** Closes the pool and removes the database. */
  drop(): Promise<void>;
}

/** Makes an empty database, or with `migrated` one that has all tables. */
export type OpenDatabase = (options?: { migrated?: boolean }) => Promise<TestDatabase>;

/** Where the tests find a MariaDB or MySQL in which they may make databases of their own. */
export const testServer = {
  host: process.env['TEST_DB_HOST'] ?? '127.0.0.1',
  port: Number(process.env['TEST_DB_PORT'] ?? 3306),
  user: process.env['TEST_DB_USER'] ?? 'root',
  password: process.env['TEST_DB_PASSWORD'] ?? '',
};

/** Why the server cannot be used; `null` when it can. */
export const serverProblem = await probe();

/** Runs the same tests on SQLite and on the server; without a server the latter are left out. */
export function describeOnEveryDatabase(name: string, suite: (open: OpenDatabase) => void): void {
  describe(`${name} (SQLite)`, () => {
    suite(openSqlite);
  });
  describeOnServer(name, suite);
}

/** Runs tests on the server only. */
export function describeOnServer(name: string, suite: (open: OpenDatabase) => void): void {
  describeIf(serverProblem ?? true, `${name} (MySQL)`, () => {
    suite(openServer);
  });
}

/** A file of its own in a temporary folder. */
export async function openSqlite({ migrated = true } = {}): Promise<TestDatabase> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'followspot-test-'));
  const settings: ConnectionSettings = { kind: 'sqlite', file: path.join(folder, 'followspot.sqlite') };
  return await open(settings, migrated, async () => rmSync(folder, { recursive: true, force: true }));
}

/** A database with a random name on the server. */
export async function openServer({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `followspot_test_${randomBytes(6).toString('hex')}`;
  await onServer((server) => server.raw('CREATE DATABASE ?? CHARACTER SET latin1', [name]));
  const settings: ConnectionSettings = { kind: 'mysql', name, ...testServer };
  return await open(settings, migrated, () => onServer((server) => server.raw('DROP DATABASE ??', [name])));
}

async function open(
  settings: ConnectionSettings,
  migrated: boolean,
  remove: () => Promise<unknown>,
): Promise<TestDatabase> {
  const connection = connect(settings);
  if (migrated) await migrate(connection);
  return {
    settings,
    knex: connection,
    async drop() {
      await connection.destroy();
      await remove();
    },
  };
}

async function onServer(work: (server: Knex) => Promise<unknown>): Promise<void> {
  const server = knex({
    client: 'mysql2',
    version: 'latest',
    connection: { ...testServer, connectTimeout: 3000 },
    acquireConnectionTimeout: 4000,
    pool: { min: 0, max: 1 },
  });
  try {
    await work(server);
  } finally {
    await server.destroy();
  }
}

async function probe(): Promise<string | null> {
  try {
    await onServer((server) => server.raw('SELECT 1'));
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `no database server at ${testServer.host}:${testServer.port} (${reason})`;
  }
}
