import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import autocannon, { type Client } from 'autocannon';
import { z } from 'zod';
import { visitors } from './visitors.ts';

/** What the program of a benchmark tells once it listens: where, and who may ask, by their `Cookie` headers. */
export const readySchema = z.object({ url: z.string(), cookies: z.array(z.string()) });

type Ready = z.infer<typeof readySchema>;

/** What one run measured. */
export interface Measurement {
  requestsPerS: number;
  p50Ms: number;
  p99Ms: number;
}

/** The program of that name, such as `servers/pages`, compiled like the benchmark that starts it. */
export function programFile(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
}

/** Starts the program of that name in a process of its own; it tells its address once it listens. */
export async function startServer(
  name: string,
  options: { args?: string[]; message?: string } = {},
): Promise<Ready & { stop: () => void }> {
  const child: ChildProcess = fork(programFile(name), options.args ?? [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  if (options.message !== undefined) child.send(options.message);
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(readySchema.parse(message)));
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
  });
  return { ...ready, stop: () => void child.kill('SIGTERM') };
}

/** So many connections as there are visitors for a few seconds, each with a cookie of its own. @throws Error when an answer was anything but 2xx */
export async function load(url: string, cookies: string[], durationS: number): Promise<Measurement> {
  let joined = 0;
  const setupClient = (client: Client) => {
    client.setHeaders({ cookie: cookies[joined % cookies.length] });
    joined += 1;
  };
  const result = await autocannon({ url, connections: visitors, duration: durationS, setupClient });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} bad answers and ${result.errors} errors at ${url}`);
  return { requestsPerS: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** The run in the middle, by requests a second. */
export function median(runs: Measurement[]): Measurement {
  const middle = runs.toSorted((a, b) => a.requestsPerS - b.requestsPerS)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('Nothing was measured');
  return middle;
}

export function describe({ requestsPerS, p50Ms, p99Ms }: Measurement): string {
  return `${Math.round(requestsPerS)} requests/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms`;
}
