import type { RequestHandler } from 'express';
import { parametersOf } from './parameters.ts';

/** A request that arrived, long words cut. `path` is below the simulator's own address, without the query. */
export interface Call {
  method: string;
  path: string;
  /** Each parameter with all its values. */
  query: Record<string, string[]>;
  at: Date;
}

export interface Calls {
  /** Oldest first; the last 2,000 are kept. */
  all(): Call[];
  /** How many of those kept whose path begins with `pathPrefix`. */
  count(pathPrefix?: string): number;
  reset(): void;
  record: RequestHandler;
  /** For what does not come as a request of Express, such as an upgrade. */
  note(method: string, path: string, parameters: URLSearchParams): void;
}

/** Counts what is asked of the simulator; its control page and pictures of pages aside. */
export function createCalls(now: () => Date): Calls {
  let calls: Call[] = [];
  const note: Calls['note'] = (method, path, parameters) => {
    const query: Record<string, string[]> = Object.create(null);
    for (const [name, value] of [...parameters].slice(0, mostParameters)) {
      (query[cut(name)] ??= []).push(cut(value));
    }
    calls.push({ method, path: cut(path), query, at: now() });
    if (calls.length > mostCalls) calls.shift();
  };
  return {
    all: () => [...calls],
    count: (pathPrefix = '/') => calls.filter(({ path }) => path.startsWith(pathPrefix)).length,
    reset() {
      calls = [];
    },
    record(request, _response, next) {
      note(request.method, request.path, parametersOf(request));
      next();
    },
    note,
  };
}

// The simulator may be part of the app and run for months.
const mostCalls = 2_000;
const mostParameters = 200;

function cut(text: string): string {
  return text.slice(0, 200);
}
