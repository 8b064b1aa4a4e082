import { serverProblem } from '../test/support/databases.ts';
import { describe, load, median, type Measurement, startServer } from './support.ts';

// The signed-in pages against Express answering the same bytes from memory, both in processes of their own,
// turn by turn in the same run.
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 4);
const wanted = 0.2;

let misses = 0;
for (const database of ['sqlite', 'mysql']) {
  if (database === 'mysql' && serverProblem !== null) {
    console.log(`${database}: left out, ${serverProblem}`);
    continue;
  }
  const pages = await startServer('servers/pages', { args: [database] });
  for (const [name, path] of [
    ['streamer page', '/streamers/streamer_1003'],
    ['wall of 100', ''],
  ] as const) {
    await compare(`${name} on ${database}`, pages.url + path, pages.cookies);
  }
  pages.stop();
}
process.exitCode = misses > 0 ? 1 : 0;

async function compare(name: string, url: string, cookies: string[]): Promise<void> {
  const html = await (await fetch(url, { headers: { cookie: cookies[0] ?? '' } })).text();
  const floor = await startServer('servers/floor', { message: html });
  await load(url, cookies, 2);
  await load(floor.url, floor.cookies, 1);
  const runs: { page: Measurement[]; floor: Measurement[] } = { page: [], floor: [] };
  for (let round = 0; round < rounds; round += 1) {
    runs.page.push(await load(url, cookies, seconds));
    runs.floor.push(await load(floor.url, floor.cookies, seconds));
  }
  floor.stop();
  const [page, base] = [median(runs.page), median(runs.floor)];
  const ratio = page.requestsPerS / base.requestsPerS;
  if (ratio < wanted) misses += 1;
  console.log(`${name} (${Math.round(html.length / 1024)} kB): ratio ${ratio.toFixed(2)}, wanted ${wanted}`);
  console.log(`  page:  ${describe(page)}\n  floor: ${describe(base)}`);
}
