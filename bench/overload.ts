import { setTimeout as wait } from 'node:timers/promises';
import { delivery, raidNotification } from '../test/support/webhook.ts';
import { type OpenLoad, openLoad } from './open-load.ts';
import { load, startServer } from './support.ts';

// Twice as many visitors as can be served, who do not wait for each other: how many pages still come out against the
// best of the same minute, how soon the rest are refused, and whether health and webhooks are answered meanwhile. The
// server is a process of its own; the round in the middle counts.
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 8);
const wanted = { ratio: 0.8, refusedWithinMs: 50 };
/** An overload is believed once it lasts. */
const settlingS = 3;

interface Round {
  best: number;
  load: OpenLoad;
  health: Watched;
  webhooks: Watched;
}

interface Watched {
  took: number[];
  failed: number;
}

let misses = 0;
const server = await startServer('servers/pages', { args: ['sqlite'] });
for (const [name, path] of [
  ['streamer page', '/streamers/streamer_1003'],
  ['wall of 100', ''],
] as const) {
  const runs: Round[] = [];
  await load(server.url + path, server.cookies, 2);
  for (let round = 0; round < rounds; round += 1) runs.push(await overload(server.url + path));
  report(name, runs);
}
server.stop();
process.exitCode = misses > 0 ? 1 : 0;

async function overload(url: string): Promise<Round> {
  const health = watch(async () => await fetch(new URL('/health/live', url)));
  const webhooks = watch(async () => {
    const { body, headers } = delivery(raidNotification('1001'));
    return await fetch(`${server.url}/webhooks/eventsub`, { method: 'POST', headers, body });
  });
  const before = (await load(url, server.cookies, 3)).requestsPerS;
  const twice = await openLoad(url, server.cookies, { perS: Math.round(before * 2), seconds, settlingS });
  // It rests, and is under strain no more.
  await wait(1_500);
  const after = (await load(url, server.cookies, 3)).requestsPerS;
  return {
    best: (before + after) / 2,
    load: twice,
    health: await health.end(),
    webhooks: await webhooks.end(),
  };
}

function report(name: string, runs: Round[]): void {
  const ratio = at(runs.map(ratioOf), 0.5);
  const refusedMs = at(
    runs.map(({ load: { refused } }) => at(refused, 0.99)),
    0.5,
  );
  const lost = runs.reduce((sum, run) => sum + run.load.lost + run.health.failed + run.webhooks.failed, 0);
  if (ratio < wanted.ratio || refusedMs > wanted.refusedWithinMs || lost > 0) misses += 1;
  console.log(
    `${name}, asked for twice as often as is best: ratio ${ratio.toFixed(2)}, wanted ${wanted.ratio}`,
  );
  console.log(`  refused within ${refusedMs.toFixed(0)} ms, wanted ${wanted.refusedWithinMs}; ${lost} lost`);
  for (const run of runs) {
    const { served, refused } = run.load;
    console.log(
      `  ${ratioOf(run).toFixed(2)}: ${perS(served)} of ${Math.round(run.best)} served a second, ${times(served)}; ` +
        `${perS(refused)} refused, ${times(refused)}; health ${times(run.health.took)}; webhooks ${times(run.webhooks.took)}`,
    );
  }
}

function ratioOf({ load: { served }, best }: Round): number {
  return served.length / seconds / best;
}

function perS(took: number[]): number {
  return Math.round(took.length / seconds);
}

/** Asks ten times a second until told to end. */
function watch(ask: () => Promise<Response>) {
  const took: number[] = [];
  let failed = 0;
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      const startedAt = performance.now();
      const answer = await ask().catch(() => null);
      await answer?.arrayBuffer();
      took.push(performance.now() - startedAt);
      if (answer?.ok !== true) failed += 1;
      await wait(100);
    }
  })();
  return {
    async end() {
      over.abort();
      await asking;
      return { took, failed };
    },
  };
}

function times(took: number[]): string {
  return `p50 ${at(took, 0.5).toFixed(0)} ms, p99 ${at(took, 0.99).toFixed(0)} ms`;
}

function at(took: number[], share: number): number {
  return took.toSorted((a, b) => a - b)[Math.floor((took.length - 1) * share)] ?? 0;
}
