import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { openServer, openSqlite, serverProblem, type TestDatabase } from '../test/support/databases.ts';
import { openEventStream } from '../test/support/event-stream.ts';
import { delivery, raidNotification, type WebhookDelivery, webhookSecret } from '../test/support/webhook.ts';
import { insertLoop } from './floors/insert-loop.ts';
import { startServer } from './support.ts';

// Signed webhooks stored a second, fifty in flight, against a bare loop of INSERTs of the same row into the same
// table; and how long it takes from a webhook to the bytes at who listens. The server is a process of its own.
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const perRound = Number(process.env['BENCH_WEBHOOKS'] ?? 4_000);
const inFlight = 50;
const wanted = 0.5;
let counter = 0;
let misses = 0;

const kinds = (process.env['BENCH_DATABASES'] ?? 'sqlite,mysql').split(',');
for (const kind of (['sqlite', 'mysql'] as const).filter((each) => kinds.includes(each))) {
  if (kind === 'mysql' && serverProblem !== null) {
    console.log(`${kind}: left out, ${serverProblem}`);
    continue;
  }
  const database = await (kind === 'mysql' ? openServer() : openSqlite());
  const server = await startServer('servers/webhook', { args: [JSON.stringify(database.settings)] });
  await throughput(kind, database, server.url);
  await delay(kind, server.url, server.cookies[0]);
  server.stop();
  await wait(300);
  await database.drop();
}
process.exitCode = misses > 0 ? 1 : 0;

async function throughput(kind: string, database: TestDatabase, url: string): Promise<void> {
  await sendAll(url, make(perRound));
  const stored: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    stored.push(await sendAll(url, make(perRound)));
    floor.push(await insertLoop(database.settings, 3_000));
  }
  const [ours, bare] = [median(stored), median(floor)];
  const ratio = ours / bare;
  if (ratio < wanted) misses += 1;
  console.log(`webhooks stored on ${kind}: ratio ${ratio.toFixed(2)}, wanted ${wanted}`);
  console.log(`  webhooks: ${Math.round(ours)}/s\n  bare INSERTs: ${Math.round(bare)}/s`);
}

/** From the moment a webhook is sent to the moment its entry has been read, a hundred a second. */
async function delay(kind: string, url: string, cookie = ''): Promise<void> {
  const stream = await openEventStream(`${url}/live`, { cookie });
  const took: number[] = [];
  for (let count = 0; count < 300; count += 1) {
    const { length } = stream.received;
    const sentAt = performance.now();
    const sending = post(url, make(1));
    while (stream.received.length === length) await wait(0);
    took.push(performance.now() - sentAt);
    await sending;
    await wait(5);
  }
  stream.close();
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  console.log(`  from webhook to listener on ${kind}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

function make(count: number): WebhookDelivery[] {
  return Array.from({ length: count }, () => {
    counter += 1;
    return delivery(raidNotification('1001', `Raider ${counter}`, String(counter)), {
      secret: webhookSecret,
    });
  });
}

async function post(url: string, [first]: WebhookDelivery[]): Promise<void> {
  await (await fetch(`${url}/webhooks/eventsub`, { method: 'POST', ...first })).arrayBuffer();
}

/** How many a second were acknowledged. @throws Error when one was not */
async function sendAll(url: string, deliveries: WebhookDelivery[]): Promise<number> {
  const { port, pathname } = new URL(`${url}/webhooks/eventsub`);
  const requests = deliveries.map((each) => toBytes(pathname, each));
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, () => sendOneByOne(Number(port), requests)));
  return deliveries.length / ((performance.now() - startedAt) / 1_000);
}

async function sendOneByOne(port: number, requests: string[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  await once(socket, 'connect');
  for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
    socket.write(request);
    const [answer] = await once(socket, 'data');
    if (!String(answer).startsWith('HTTP/1.1 204')) throw new Error(`Not stored: ${String(answer)}`);
  }
  socket.destroy();
}

function toBytes(path: string, { body, headers }: WebhookDelivery): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${lines.join('')}\r\n${String(body)}`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
