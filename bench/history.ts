import { createStore, createTokenCipher, type Store } from '../src/store/index.ts';
import type { Streamer } from '../src/domain/streamer.ts';
import { openServer, openSqlite, serverProblem, type TestDatabase } from '../test/support/databases.ts';
import { streamer } from '../test/support/streamers.ts';

// What pages ask of a history of many millions of entries, against the same of a hundred thousand, turn by
// turn in the same run.
const many = Number(process.env['BENCH_EVENTS'] ?? 10_000_000);
const few = Math.min(100_000, many);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 40);
const databases = (process.env['BENCH_DATABASES'] ?? 'sqlite,mysql').split(',');
const wanted = 0.5;
const streamers = 1000;
const favourites = 100;
const perStatement = 50_000;
/** One a second for a day, and less than the small table has. */
const daySinceMark = Math.min(86_400, Math.trunc(few * 0.9));

type Question = (store: Store, total: number, turn: number) => Promise<unknown>;

const questions: [string, Question][] = [
  [
    'ten of one',
    ({ events }, total, turn) => events.latestOf([activeStreamer(1000 + (turn % streamers), total + turn)]),
  ],
  [
    'history of one',
    ({ events }, total, turn) =>
      events.history({ scope: { streamerId: String(1000 + turn) }, before: middle(total) }, 50),
  ],
  ['history of 100', ({ events }) => events.history({ scope: { userId: '1' } }, 50)],
  [
    'history of 100, further back',
    ({ events }, total) => events.history({ scope: { userId: '1' }, before: middle(total) }, 50),
  ],
  ['raids of 100', ({ events }) => events.history({ scope: { userId: '1' }, kinds: ['raid'] }, 50)],
  [
    'raids and starts of 100, further back',
    ({ events }, total) =>
      events.history({ scope: { userId: '1' }, kinds: ['raid', 'live'], before: middle(total) }, 50),
  ],
  [
    'an hour of 100, long ago',
    ({ events }, total) => {
      const to = middle(total).at;
      return events.history({ scope: { userId: '1' }, from: new Date(to.getTime() - 3_600_000), to }, 50);
    },
  ],
  ['a piece of an export', ({ events }) => events.history({ scope: { userId: '1' } }, 500)],
  ['words in 100', ({ events }) => events.history({ scope: { userId: '1' }, q: 'nova' }, 50)],
  [
    'latest of 100',
    ({ events }, total, turn) =>
      events.latestOf(
        Array.from({ length: favourites }, (_, index) => activeStreamer(1000 + index, total + turn)),
      ),
  ],
  ['wall of 100', ({ favourites: wall }) => wall.ofUser('1')],
  [
    'unread of 100',
    async ({ events, favourites: wall }, total) =>
      await events.unreadSince(total - 1000, await wall.ofUser('1')),
  ],
  [
    'unread of 100, a day away',
    async ({ events, favourites: wall }, total) =>
      await events.unreadSince(total - daySinceMark, await wall.ofUser('1')),
  ],
  ['the tail', ({ events }, total) => events.tail(total - 100, 500)],
  [
    'a stream resumed after a minute',
    ({ events }, total) => events.resume({ userId: '1' }, total - 60, total, 50),
  ],
  [
    'a stream resumed after a day',
    ({ events }, total) => events.resume({ userId: '1' }, total - daySinceMark, total, 50),
  ],
];

let misses = 0;
for (const database of databases) {
  if (database === 'mysql' && serverProblem !== null) {
    console.log(`${database}: left out, ${serverProblem}`);
    continue;
  }
  const open = database === 'mysql' ? openServer : openSqlite;
  const [small, large] = [await open(), await open()];
  try {
    await fill(small, few);
    const startedAt = performance.now();
    await fill(large, many);
    const tookS = Math.round((performance.now() - startedAt) / 1000);
    console.log(`${database}: ${many} entries against ${few}, filled within ${tookS} s`);
    for (const [name, ask] of questions) await compare(name, ask, storeOf(small), storeOf(large));
  } finally {
    await small.drop();
    await large.drop();
  }
}
process.exitCode = misses > 0 ? 1 : 0;

async function compare(name: string, ask: Question, small: Store, large: Store): Promise<void> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let turn = 0; turn < rounds + 5; turn += 1) {
    for (const [size, store, total] of [
      ['small', small, few],
      ['large', large, many],
    ] as const) {
      const startedAt = performance.now();
      await ask(store, total, turn);
      // The first turns fill caches.
      if (turn >= 5) times[size].push(performance.now() - startedAt);
    }
  }
  const [fast, slow] = [median(times.small), median(times.large)];
  const ratio = fast / slow;
  if (ratio < wanted) misses += 1;
  console.log(
    `  ${name}: ratio ${ratio.toFixed(2)}, wanted ${wanted} (${slow.toFixed(2)} ms, ${fast.toFixed(2)} ms)`,
  );
}

/** Entries of a thousand streamers turn by turn, one a second; the user has read all but the last thousand. */
async function fill({ knex, settings }: TestDatabase, total: number): Promise<void> {
  const ids = Array.from({ length: streamers }, (_, index) => String(1000 + index));
  await knex.batchInsert(
    'streamers',
    ids.map((id) => ({ id, login: `streamer_${id}` })),
    200,
  );
  const user = { id: '1', login: 'user', display_name: 'User', created_at: 0, signed_in_at: 0 };
  await knex('users').insert({ ...user, read_event_id: total - 1000 });
  const own = ids.slice(0, favourites);
  await knex('favourites').insert(own.map((id) => ({ user_id: '1', streamer_id: id, created_at: 0 })));
  const isSqlite = settings.kind === 'sqlite';
  for (let from = 1; from <= total; from += perStatement) {
    const to = Math.min(total, from + perStatement - 1);
    const numbers = isSqlite
      ? `WITH RECURSIVE n(v) AS (SELECT ${from} UNION ALL SELECT v + 1 FROM n WHERE v < ${to}) SELECT`
      : `WITH RECURSIVE d AS (SELECT 0 AS k UNION ALL SELECT k + 1 FROM d WHERE k < 249),
         n AS (SELECT ${from} + a.k * 250 + b.k AS v FROM d a CROSS JOIN d b) SELECT`;
    const message = isSqlite ? `'m' || v` : `CONCAT('m', v)`;
    const whose = isSqlite ? `CAST(1000 + v % ${streamers} AS TEXT)` : `1000 + v % ${streamers}`;
    const kind = `CASE v % 7 WHEN 0 THEN 'raid' WHEN 1 THEN 'live' ELSE 'sub' END`;
    const select = `${numbers} v, v, ${message}, ${whose}, ${kind}, 'bench', 'webhook', v * 1000, v * 1000,
      v * 1000, 0, 0, 1, 'Nova raids', '{}' FROM n WHERE v <= ${to}`;
    const into = `INSERT INTO stream_events (id, sequence, message_id, streamer_id, kind, type, source, at,
      received_at, updated_at, is_late, is_part, amount, text, payload)`;
    await knex.raw(`${into} ${select}`).options({ timeout: 600_000 });
    if (to % 1_000_000 === 0) console.error(`  ${to} of ${total} entries written`);
  }
  await knex('sequences').update({ value: total });
  for (const id of ids) {
    const last = total - ((total - Number(id)) % streamers);
    await knex('streamers')
      .where({ id })
      .update({ last_event_at: last * 1000, last_event_sequence: last });
  }
  await knex.raw(isSqlite ? 'ANALYZE' : 'ANALYZE TABLE stream_events').options({ timeout: 600_000 });
}

function storeOf({ knex }: TestDatabase): Store {
  return createStore({ knex, tokenCipher: createTokenCipher(['a secret of a benchmark']) });
}

/** Somebody to whom something has just happened: nobody has asked since. */
function activeStreamer(id: number, sequence: number): Streamer {
  return streamer({ id: String(id), lastEvent: { at: new Date(sequence * 1000), sequence } });
}

function middle(total: number): { at: Date; id: number } {
  return { at: new Date((total / 2) * 1000), id: total / 2 };
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
