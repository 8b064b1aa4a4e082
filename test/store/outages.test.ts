// The tests assert through `expectOutage` and `expectRecovery`.
/* oxlint-disable vitest/expect-expect */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { connect, createStore, createTokenCipher, migrate } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { describeOnServer, openSqlite, testServer } from '../support/databases.ts';
import { describeIf } from '../support/left-out.ts';
import { createOwnMariadb, ownMariadbAvailable } from '../support/own-mariadb.ts';
import type { OwnMariadb } from '../support/own-mariadb.ts';
import { aProfile, aUser } from './support.ts';

describeIf(ownMariadbAvailable, 'a database that fails', () => {
  let server: OwnMariadb;
  let knex: Knex;
  let store: Store;

  beforeAll(async () => {
    server = await createOwnMariadb();
    knex = connect({
      kind: 'mysql',
      host: '127.0.0.1',
      port: server.port,
      name: 'followspot',
      user: 'root',
      password: '',
    });
    await migrate(knex);
    store = storeOn(knex);
    await store.users.save(aUser());
    await store.streamers.saveProfiles([aProfile()], new Date());
  }, 60_000);
  afterEach(() => server.thaw());
  afterAll(async () => {
    await knex.destroy();
    await server.remove();
  });

  it(
    'fails each call within three seconds while it is frozen, and recovers within five',
    { timeout: 60_000 },
    async () => {
      await Promise.all(Array.from({ length: 10 }, () => store.users.find('501')));
      await server.freeze();
      // More callers than connections, a second wave that meets broken ones, and transactions.
      for (let wave = 0; wave < 2; wave += 1) {
        const calls = [
          ...Array.from({ length: 30 }, () => () => store.users.find('501')),
          () => store.streamers.saveProfiles([aProfile()], new Date()),
          () => store.health.pendingMigrations(),
        ];
        await Promise.all(calls.map((call) => expectOutage(call)));
      }
      server.thaw();
      await expectRecovery(store);
    },
  );

  it('gives up a transaction that freezes halfway within three seconds', { timeout: 60_000 }, async () => {
    const startedAt = performance.now();
    const stuck = knex.transaction(async (transaction) => {
      await transaction('users').select('id');
      await server.freeze();
      await transaction('users').select('id');
    });
    await expect(stuck).rejects.toMatchObject({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(4000);
    server.thaw();
    await expectRecovery(store);
  });

  it('fails at once while it is dead, and recovers within five seconds', { timeout: 60_000 }, async () => {
    await Promise.all(Array.from({ length: 10 }, () => store.users.find('501')));
    await server.kill();
    for (let wave = 0; wave < 2; wave += 1) {
      await Promise.all(Array.from({ length: 30 }, () => expectOutage(() => store.users.find('501'))));
    }
    await server.start();
    await expectRecovery(store);
  });
});

describe('a server that accepts connections and says nothing', () => {
  let server: net.Server;
  const sockets = new Set<net.Socket>();
  function remember(socket: net.Socket): void {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  }
  beforeAll(async () => {
    server = net.createServer(remember).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('fails each call within three seconds and hangs up', async () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const knex = connect({ kind: 'mysql', host: '127.0.0.1', port, name: 'x', user: 'x', password: '' });
    await Promise.all(Array.from({ length: 20 }, () => expectOutage(() => storeOn(knex).users.find('501'))));
    await vi.waitFor(() => expect(sockets.size).toBe(0), { timeout: 2000 });
    await knex.destroy();
  });
});

describeOnServer('a busy database', (open) => {
  const pools: Knex[] = [];
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
  });

  it('repeats a transaction that lost a deadlock', async () => {
    const database = await open();
    const store = storeOn(database.knex);
    await store.streamers.saveProfiles([aProfile('901'), aProfile('902')], new Date());
    let deadlocks = 0;
    database.knex.on('query-error', ({ code }) => {
      if (code === 'ER_LOCK_DEADLOCK') deadlocks += 1;
    });
    let saving: Promise<void> | undefined;
    await database.knex.transaction(async (transaction) => {
      await transaction('users').insert(Array.from({ length: 500 }, (_, index) => weightOf(index)));
      await lock(transaction, '902', 'rival');
      saving = store.streamers.saveChannels(channels(), new Date());
      await vi.waitFor(() => expectLockWait(database.knex), { interval: 150 });
      // The store holds 901 and waits for 902.
      await lock(transaction, '901', 'rival');
    });
    await saving;
    expect(deadlocks).toBe(1);
    expect(await store.streamers.find('901')).toMatchObject({ title: 'store' });
    expect(await store.streamers.find('902')).toMatchObject({ title: 'store' });
    await database.drop();
  });

  it('fails within three seconds when a row stays locked', async () => {
    const database = await open();
    const store = storeOn(database.knex);
    await store.streamers.saveProfiles([aProfile()], new Date());
    const holder = await database.knex.transaction();
    await holder('streamers').where({ id: '901' }).update({ title: 'held' });
    await expectOutage(() => store.streamers.request('901', new Date()));
    await holder.rollback();
    await store.streamers.request('901', new Date());
    await database.drop();
  });

  it('says that the database is not answering when the password is refused', async () => {
    const knex = connect({
      kind: 'mysql',
      ...testServer,
      user: 'nobody_of_that_name',
      password: 'wrong',
      name: 'x',
    });
    pools.push(knex);
    await expectOutage(() => storeOn(knex).health.pendingMigrations());
  });

  it('repeats a statement whose connection was cut', async () => {
    const database = await open();
    const store = storeOn(database.knex);
    await store.users.save(aUser());
    const before = await database.knex.transaction();
    const [[{ id }]] = await before.raw('SELECT CONNECTION_ID() AS id');
    await before.rollback();
    const killer = connect(database.settings);
    pools.push(killer);
    await killer.raw('KILL ?', [id]);
    expect(await store.users.find('501')).toMatchObject({ id: '501' });
    await database.drop();
  });
});

describe('an embedded database that another process has locked', () => {
  it('fails within three seconds and works afterwards', async () => {
    const database = await openSqlite();
    const other = connect(database.settings);
    const store = storeOn(database.knex);
    const holder = await other.transaction();
    await expectOutage(() => store.users.save(aUser()));
    expect(await store.users.find('501')).toBeNull();
    await holder.rollback();
    await store.users.save(aUser());
    await other.destroy();
    await database.drop();
  });

  it('waits for a lock that goes away, without keeping others waiting', async () => {
    const database = await openSqlite();
    const other = connect(database.settings);
    const holder = await other.transaction();
    let [lastBeat, longestGap] = [performance.now(), 0];
    const heart = setInterval(() => {
      longestGap = Math.max(longestGap, performance.now() - lastBeat);
      lastBeat = performance.now();
    }, 10);
    const saving = storeOn(database.knex).users.save(aUser());
    await wait(800);
    await holder.rollback();
    await saving;
    await wait(50);
    clearInterval(heart);
    // A tenth of a second that SQLite waits in our thread, and what a busy machine adds.
    expect(longestGap).toBeLessThan(500);
    await other.destroy();
    await database.drop();
  });
});

describe('a mistake of ours', () => {
  it('stays what it is, without the values that were sent', async () => {
    const database = await openSqlite();
    await database.knex.schema.renameTable('users', 'elsewhere');
    const failure: unknown = await storeOn(database.knex)
      .users.save(aUser('501', { displayName: 'a private name' }))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ message: expect.stringMatching(/no such table/) });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('a private name');
    await database.drop();
  });
});

async function lock(transaction: Knex.Transaction, id: string, title: string): Promise<void> {
  await transaction('streamers').where({ id }).update({ title });
}

function storeOn(knex: Knex): Store {
  return createStore({ knex, tokenCipher: createTokenCipher(['a secret of a test']) });
}

async function expectOutage(call: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  const outcome: unknown = await call().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(AppError);
  expect(outcome).toMatchObject({ code: 'unavailable', retryAfterS: 5 });
  // Three seconds, and what a busy machine adds.
  expect(performance.now() - startedAt).toBeLessThan(4000);
}

async function expectRecovery(store: Store): Promise<void> {
  const startedAt = performance.now();
  await vi.waitFor(() => store.users.find('501'), { timeout: 5000, interval: 50 });
  await Promise.all(Array.from({ length: 20 }, () => store.users.find('501')));
  await store.streamers.saveProfiles([aProfile()], new Date());
  expect(performance.now() - startedAt).toBeLessThan(5000);
}

const channels = () =>
  ['901', '902'].map((id) => ({ id, title: 'store', category: 'store', language: 'en' }));

/** InnoDB rolls the lighter transaction back: these rows make ours the heavier one. */
function weightOf(index: number) {
  return { id: `w${index}`, login: `w${index}`, display_name: 'w', created_at: 0, signed_in_at: 0 };
}

/** Asked no oftener than every 100 ms: MariaDB answers from a copy that each question keeps alive. */
async function expectLockWait(knex: Knex): Promise<void> {
  const [[{ total }]] = await knex.raw(
    "SELECT COUNT(*) AS total FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
  );
  expect(Number(total)).toBeGreaterThan(0);
}
