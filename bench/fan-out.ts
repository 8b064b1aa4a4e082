import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { openSqlite } from '../test/support/databases.ts';
import { newRaid } from '../test/support/events.ts';
import { programFile, readySchema } from './support.ts';

// One event to many listeners, from the word to store it to the last listener's bytes, against a bare loop of
// socket writes of as many bytes. The listeners are in this process, each server in one of its own, one
// after the other: both at once would need twice as many open files.
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15);
const sizes = (process.env['BENCH_LISTENERS'] ?? '1000,5000,10000').split(',').map(Number);
const wanted = { ratio: 0.6, bytesEach: 17 * 1024 };
const memorySchema = z.object({ rss: z.number(), listeners: z.number() });
let counter = 0;
let misses = 0;

for (const size of sizes) await compare(size);
process.exitCode = misses > 0 ? 1 : 0;

interface Audience {
  child: ChildProcess;
  sockets: Socket[];
  bytesEach: number;
  /** How many bytes the last event had for each. */
  received: Map<Socket, number>;
  stop(): void;
}

async function compare(size: number): Promise<void> {
  const database = await openSqlite();
  const settings = JSON.stringify(database.settings);
  const ours = await gather('servers/webhook', size, '/streamers/lumi/live', [settings, String(size)]);
  const raids: number[][] = [];
  const floors: number[][] = [];
  for (let round = 0; round < 3; round += 1) await tell(ours, raid());
  const frame = 'x'.repeat([...ours.received.values()][0] ?? 0);
  for (let round = 0; round < rounds; round += 1) raids.push(await tell(ours, raid()));
  ours.stop();
  const bare = await gather('floors/socket-writes', size, '/', []);
  for (let round = 0; round < rounds; round += 1) floors.push(await tell(bare, frame));
  bare.stop();
  const plain = await gather('floors/express-streams', size, '/', []);
  plain.stop();
  await wait(300);
  await database.drop();
  report({ size, bytes: frame.length, ours, plain }, middle(raids), middle(floors));
}

function report(
  { size, bytes, ours, plain }: { size: number; bytes: number; ours: Audience; plain: Audience },
  took: number[],
  floor: number[],
): void {
  const ratio = last(floor) / last(took);
  if (ratio < wanted.ratio || ours.bytesEach > wanted.bytesEach) misses += 1;
  console.log(
    `one event of ${bytes} bytes to ${size} listeners: ratio ${ratio.toFixed(2)}, wanted ${wanted.ratio}`,
  );
  console.log(`  app: ${describe(took)}\n  floor: ${describe(floor)}`);
  console.log(
    `  memory for each listener: ${kilobytes(ours)}, wanted below ${wanted.bytesEach / 1024} kB; of plain Express: ${kilobytes(plain)}`,
  );
}

function kilobytes({ bytesEach }: Audience): string {
  return `${(bytesEach / 1024).toFixed(1)} kB`;
}

function raid(): string {
  counter += 1;
  return JSON.stringify(newRaid(`bench-${counter}`));
}

/** Starts a server and connects so many listeners, twelve with each cookie. */
async function gather(name: string, size: number, path: string, args: string[]): Promise<Audience> {
  const child = fork(programFile(name), args, {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { url, cookies } = readySchema.parse((await once(child, 'message'))[0]);
  const { port, pathname } = new URL(url);
  const received = new Map<Socket, number>();
  const sockets: Socket[] = [];
  // What the first few cost is not what each costs.
  const before = (await memoryOf(child)).rss;
  while (sockets.length < size) {
    const some = Array.from({ length: Math.min(50, size - sockets.length) }, async (_, index) => {
      const mine = cookies[Math.floor((sockets.length + index) / 12)] ?? '';
      return await join(Number(port), `${pathname.replace(/\/$/, '')}${path}`, mine);
    });
    sockets.push(...(await Promise.all(some)));
  }
  await wait(500);
  const after = await memoryOf(child);
  if (after.listeners !== size) throw new Error(`Only ${after.listeners} listen`);
  return {
    child,
    sockets,
    received,
    bytesEach: (after.rss - before) / size,
    stop() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGTERM');
    },
  };
}

/** Comes back when there are too many at once, as browsers do. */
async function join(port: number, path: string, cookie: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
  let answer = '';
  while (!answer.includes('retry:')) {
    const [chunk] = await once(socket, 'data');
    answer += String(chunk);
    if (answer.startsWith('HTTP/1.1 503')) {
      socket.destroy();
      await wait(200 * Math.random());
      return await join(port, path, cookie);
    }
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer.slice(0, 300));
  }
  return socket;
}

async function memoryOf(child: ChildProcess): Promise<z.infer<typeof memorySchema>> {
  child.send('memory');
  return memorySchema.parse((await once(child, 'message'))[0]);
}

/** Milliseconds until each listener had its first bytes, the fastest first. */
async function tell({ child, sockets, received }: Audience, message: string): Promise<number[]> {
  received.clear();
  const took: number[] = [];
  const startedAt = performance.now();
  child.send(message);
  await Promise.all(
    sockets.map(async (socket) => {
      const [chunk]: Buffer[] = await once(socket, 'data');
      took.push(performance.now() - startedAt);
      received.set(socket, chunk?.length ?? 0);
    }),
  );
  await wait(50);
  return took.toSorted((a, b) => a - b);
}

/** The round in the middle, by when the last one was reached. */
function middle(runs: number[][]): number[] {
  return runs.toSorted((a, b) => last(a) - last(b))[Math.floor(runs.length / 2)] ?? [];
}

function last(took: number[]): number {
  return took.at(-1) ?? 0;
}

function describe(took: number[]): string {
  const at = (share: number) => (took[Math.floor((took.length - 1) * share)] ?? 0).toFixed(0);
  return `first ${at(0)} ms, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, all ${at(1)} ms`;
}
