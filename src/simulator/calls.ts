import type { RequestHandler } from 'express';
import { parametersOf } from './parameters.ts';

/** A request that arrived. `path` is below the simulator's own address, without the query. */
export interface Call {
  method: string;
  path: string;
  /** Each parameter with all its values. */
  query: Record<string, string[]>;
  at: Date;
}

export interface Calls {
  /** Oldest first; the last 10,000 are kept. */
  all(): Call[];
  /** How many since the last reset whose path begins with `pathPrefix`. */
  count(pathPrefix?: string): number;
  reset(): void;
  record: RequestHandler;
}

/** Counts what is asked of the simulator; its control page and pictures of pages aside. */
export function createCalls(now: () => Date): Calls {
  let calls: Call[] = [];
  return {
    all: () => [...calls],
    count: (pathPrefix = '/') => calls.filter(({ path }) => path.startsWith(pathPrefix)).length,
    reset() {
      calls = [];
    },
    record(request, _response, next) {
      const query: Record<string, string[]> = Object.create(null);
      for (const [name, value] of parametersOf(request)) (query[name] ??= []).push(value);
      calls.push({ method: request.method, path: request.path, query, at: now() });
      if (calls.length > 10_000) calls.shift();
      next();
    },
  };
}
