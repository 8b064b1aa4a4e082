import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import createKnex from 'knex';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import { connect, migrate } from '../../src/store/index.ts';
import type { ConnectionSettings } from '../../src/store/index.ts';
import { toMigrationConfig } from '../../src/store/connection.ts';
import { queryTimeoutMs } from '../../src/store/dialects.ts';
import { describeOnEveryDatabase, describeOnServer, openSqlite } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

const root = path.resolve(import.meta.dirname, '../..');
const tables = [
  'users',
  'tokens',
  'sessions',
  'streamers',
  'former_logins',
  'favourites',
  'sequences',
  'stream_events',
  'broadcasts',
  'broadcast_titles',
  'broadcast_viewers',
  'listener_reports',
  'conduits',
];

describe('the list of migrations', () => {
  it('holds every file of the folder, in order', () => {
    const files = readdirSync(path.join(root, 'migrations')).filter((file) => /^\d/.test(file));
    expect(migrations.map(({ file }) => `${file}.ts`)).toEqual(files.toSorted());
  });
});

describeOnEveryDatabase('the migrations', (open) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open({ migrated: false });
  });
  afterEach(() => database.drop());

  it('go up, down one by one to nothing, and up again', async () => {
    const { knex } = database;
    await knex.migrate.latest();
    expect(await existing(knex)).toEqual(tables);
    for (let left = migrations.length - 1; left >= 0; left -= 1) {
      await knex.migrate.down();
      const made = migrations.slice(0, left).flatMap(({ file }) => tableOf(file));
      expect(await existing(knex)).toEqual(made);
      expect(await addedColumns(knex)).toEqual(['heard_at', 'own_kinds'].slice(0, Math.max(0, left - 11)));
    }
    await knex.migrate.latest();
    expect(await existing(knex)).toEqual(tables);
  });

  it('can each be run again when a run was killed before it was recorded', async () => {
    for (const migration of migrations) {
      await migration.up(database.knex);
      await migration.up(database.knex);
    }
    await database.knex.migrate.latest();
    for (const migration of migrations.toReversed()) {
      await migration.down(database.knex);
      await migration.down(database.knex);
    }
    expect(await existing(database.knex)).toEqual([]);
  });

  it('run once when several processes start at once', async () => {
    const others = Array.from({ length: 5 }, () => connect(database.settings));
    await Promise.all([database.knex, ...others].map((knex) => migrate(knex)));
    await Promise.all(others.map((knex) => knex.destroy()));
    expect(await recorded(database.knex)).toHaveLength(migrations.length);
    expect(await database.knex('knex_migrations_lock')).toEqual([{ index: 1, is_locked: 0 }]);
  });

  it('run again after a run that was killed, once the lock is freed', { timeout: 60_000 }, async () => {
    const environment = environmentOf(database.settings);
    await database.knex.migrate.up();
    await migrations[1]?.up(database.knex);
    await database.knex('knex_migrations_lock').update({ is_locked: 1 });
    await expect(knexCli('migrate:latest', environment)).rejects.toThrow(/locked/);
    await knexCli('migrate:unlock', environment);
    await knexCli('migrate:latest', environment);
    expect(await existing(database.knex)).toEqual(tables);
  });

  it('run from the command line without flags', { timeout: 60_000 }, async () => {
    const environment = environmentOf(database.settings);
    expect(await knexCli('migrate:status', environment)).toContain(`Found ${migrations.length} Pending`);
    await knexCli('migrate:latest', environment);
    expect(await existing(database.knex)).toEqual(tables);
    expect(await recorded(database.knex)).toEqual(migrations.map(({ file }) => file));
    await knexCli('migrate:rollback', environment);
    expect(await existing(database.knex)).toEqual([]);
  });
});

describe('the migration of the embedded database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await openSqlite({ migrated: false });
  });
  afterEach(() => database.drop());

  it('leaves nothing in the way of the next one when it is killed', { timeout: 60_000 }, async () => {
    const file = new URL('killed-migration.ts', import.meta.url);
    const child = fork(file, [JSON.stringify(database.settings)], { execArgv: ['--import', 'tsx'] });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await migrate(database.knex, { staleAfterMs: Number.POSITIVE_INFINITY });
    expect(await existing(database.knex)).toEqual(tables);
  });

  it('waits for a lock, and frees one that nobody holds any more', async () => {
    await migrate(database.knex);
    await database.knex.migrate.rollback();
    await database.knex('knex_migrations_lock').update({ is_locked: 1 });
    let tries = 0;
    database.knex.on('query', ({ sql }: { sql: string }) => (tries += sql.startsWith('BEGIN') ? 1 : 0));
    await migrate(database.knex, { staleAfterMs: 100 });
    expect(tries).toBeGreaterThan(1);
    expect(await existing(database.knex)).toEqual(tables);
    expect(await database.knex('knex_migrations_lock')).toEqual([{ index: 1, is_locked: 0 }]);
  });
});

describeOnServer('the migration of a server', (open) => {
  it('never frees the lock of another process', async () => {
    const database = await open();
    const { knex } = database;
    await knex('knex_migrations_lock').update({ is_locked: 1 });
    let tries = 0;
    knex.on('query', ({ sql }: { sql: string }) => (tries += sql.includes('knex_migrations_lock') ? 1 : 0));
    const migrating = migrate(knex, { staleAfterMs: 0 });
    await expect.poll(() => tries).toBeGreaterThan(10);
    expect(await knex('knex_migrations_lock').pluck('is_locked')).toEqual([1]);
    await knex('knex_migrations_lock').update({ is_locked: 0 });
    await migrating;
    await database.drop();
  });
});

describeOnServer('the command line', (open) => {
  it('lets a statement take longer than any page would wait', { timeout: 20_000 }, async () => {
    const database = await open({ migrated: false });
    const commandLine = createKnex(toMigrationConfig(database.settings));
    const slow = queryTimeoutMs / 1000 + 0.3;
    await expect(commandLine.raw('SELECT SLEEP(?)', [slow])).resolves.toBeDefined();
    await expect(database.knex.raw('SELECT SLEEP(?)', [slow])).rejects.toThrow(/timeout/i);
    await commandLine.destroy();
    await database.drop();
  });
});

/** The table that a migration makes; none when it changes one. */
function tableOf(file: string): string[] {
  return tables.filter((table) => file.endsWith(`_${table}`) && file.length === 15 + table.length);
}

async function addedColumns(knex: Knex): Promise<string[]> {
  const found = [];
  for (const [table, column] of [
    ['streamers', 'heard_at'],
    ['users', 'own_kinds'],
  ] as const) {
    const isThere = (await knex.schema.hasTable(table)) && (await knex.schema.hasColumn(table, column));
    if (isThere) found.push(column);
  }
  return found;
}

async function existing(knex: Knex): Promise<string[]> {
  const found = [];
  for (const table of tables) if (await knex.schema.hasTable(table)) found.push(table);
  return found;
}

async function recorded(knex: Knex): Promise<string[]> {
  return await knex('knex_migrations').orderBy('id').pluck('name');
}

async function knexCli(command: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const cli = path.join(root, 'node_modules/.bin/knex');
  expect(existsSync(cli)).toBe(true);
  const { stdout } = await promisify(execFile)(cli, [command], { cwd: root, env: environment });
  return stdout;
}

function environmentOf(settings: ConnectionSettings): NodeJS.ProcessEnv {
  const own = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  if (settings.kind === 'sqlite') return { ...own, DB_HOST: '', DB_FILE: settings.file };
  return {
    ...own,
    DB_HOST: settings.host,
    DB_PORT: String(settings.port),
    DB_NAME: settings.name,
    DB_USER: settings.user,
    DB_PASSWORD: settings.password,
  };
}
