import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';
import type { ConnectionSettings } from '../../src/store/index.ts';

let next = 1_000_000_000;

/** One row after the other by one connection, each committed by itself; how many a second. The rows go again. */
export async function insertLoop(settings: ConnectionSettings, count: number): Promise<number> {
  return await (settings.kind === 'sqlite' ? inSqlite(settings, count) : inServer(settings, count));
}

async function inSqlite({ file }: { file: string }, count: number): Promise<number> {
  const database = new Libsql(file);
  for (const pragma of ['busy_timeout = 1000', 'journal_mode = WAL', 'synchronous = FULL']) {
    database.exec(`PRAGMA ${pragma}`);
  }
  const insert = database.prepare(sql);
  const perS = await timed(count, () => void insert.run(row()));
  database.exec(removal);
  database.close();
  return perS;
}

async function inServer(
  settings: Extract<ConnectionSettings, { kind: 'mysql' }>,
  count: number,
): Promise<number> {
  const { host, port, user, password, name: database } = settings;
  const connection = await createConnection({ host, port, user, password, database });
  const perS = await timed(count, () => connection.execute(sql, row()));
  await connection.query(removal);
  await connection.end();
  return perS;
}

async function timed(count: number, insert: () => unknown): Promise<number> {
  const startedAt = performance.now();
  for (let done = 0; done < count; done += 1) await insert();
  return count / ((performance.now() - startedAt) / 1_000);
}

const columns = [
  'id',
  'sequence',
  'message_id',
  'streamer_id',
  'kind',
  'type',
  'source',
  'at',
  'received_at',
  'updated_at',
  'is_late',
  'is_part',
  'amount',
  'relation',
  'relation_key',
  'text',
  'payload',
];
const sql = `INSERT INTO stream_events (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
const removal = 'DELETE FROM stream_events WHERE id > 1000000000';

function row(): (string | number)[] {
  next += 1;
  const now = Date.now();
  const payload = JSON.stringify({
    from: { id: String(next), login: 'ana', name: `Raider ${next}` },
    viewers: 12,
  });
  const key = `raid:${next}:1001`;
  const told = ['1001', 'raid', 'channel.raid', 'webhook', now, now, now, 0, 0, 12, 'same', key];
  return [next, next, `floor-${next}`, ...told, `Raider ${next}`, payload];
}
