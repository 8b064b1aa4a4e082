import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import autocannon from 'autocannon';
import { z } from 'zod';

const readySchema = z.object({ url: z.string(), cookie: z.string() });

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
): Promise<{ url: string; cookie: string; stop: () => void }> {
  const child: ChildProcess = fork(programFile(name), options.args ?? [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  if (options.message !== undefined) child.send(options.message);
  const ready = await new Promise<{ url: string; cookie: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(readySchema.parse(message)));
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
  });
  return { ...ready, stop: () => void child.kill('SIGTERM') };
}

/** Twenty connections for a few seconds. @throws Error when an answer was anything but 2xx */
export async function load(url: string, cookie: string, durationS: number): Promise<Measurement> {
  const result = await autocannon({ url, connections: 20, duration: durationS, headers: { cookie } });
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
