import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { AppError } from '../../domain/errors.ts';

/** How many requests are worked on at once; many may be waiting for somebody else. */
export const mostAtOnce = 256;

/** The same while this process itself is what they wait for: more of them only make everybody wait longer. */
export const mostUnderStrain = 24;

export const tooMuch = 'Too many people are here at once. Please try again in a moment.';

const leaving = new WeakMap<Response, () => void>();

/** Gives back the place of a request whose answer goes on for longer than there is work for it. */
export function leavePlace(response: Response): void {
  leaving.get(response)?.();
}

/** Counts the requests that are under way and refuses what is too much, before the database is asked. */
export function createOverload({
  isStrained,
  basePath,
  log,
}: {
  isStrained: () => boolean;
  basePath: string;
  log: Pick<Logger, 'warn'>;
}) {
  /** Streams of events have places of their own while they are opened: everybody's may come back at once. */
  const underWay = { page: 0, stream: 0 };
  let refused = 0;

  function isFull(kind: keyof typeof underWay): boolean {
    return underWay[kind] >= (kind === 'page' && isStrained() ? mostUnderStrain : mostAtOnce);
  }

  /** A line for each would be more work than the refusal. */
  function count(): void {
    refused += 1;
    if (refused > 1) return;
    const tell = () => {
      log.warn({ refused }, 'Requests were refused: more than can be carried at once');
      refused = 0;
    };
    setTimeout(tell, 5_000).unref();
  }

  return {
    /** Whether this process has no place for a request that has no body: to be asked before anything else is done. */
    refuses: (method: string | undefined, url = ''): boolean => {
      if ((method !== 'GET' && method !== 'HEAD') || !url.startsWith(basePath)) return false;
      const path = url.slice(basePath.length).split('?', 1)[0] ?? '';
      if (path.startsWith('/assets/') || url.startsWith('/health/') || !isFull(kindOf(path))) return false;
      count();
      return true;
    },
    /** Takes a place. Whose body has yet to come takes none: it stands behind what reads forms. */
    carry: ((request, response, next) => {
      const kind = kindOf(request.path);
      if (isFull(kind)) {
        count();
        throw new AppError('unavailable', tooMuch, { retryAfterS: retryAfterS() });
      }
      underWay[kind] += 1;
      let isAnswered = false;
      let isSeen = false;
      const release = () => {
        if (isAnswered && isSeen) underWay[kind] -= 1;
      };
      // What is answered at once still was in the way of those that came in the same turn.
      setImmediate(() => {
        isSeen = true;
        release();
      });
      const leave = () => {
        if (!leaving.delete(response)) return;
        response.off('prefinish', leave).off('close', leave);
        isAnswered = true;
        release();
      };
      leaving.set(response, leave);
      // Who takes long to read what is written is no work any more.
      response.once('prefinish', leave);
      response.once('close', leave);
      next();
    }) satisfies RequestHandler,
  };
}

/** Of a path below the base path. */
function kindOf(path: string): 'page' | 'stream' {
  return /^(?:\/streamers\/[^/]+)?\/live$/.test(path) ? 'stream' : 'page';
}

/** Not everybody at the same time. */
export function retryAfterS(): number {
  return 2 + Math.floor(Math.random() * 4);
}

/**
 * Tells whether this process has more to do than it can. It is strained once the turns of its loop have been slow
 * throughout two spans of time, which no mere burst is, and until it rests again.
 */
export function watchStrain({ spanMs = 1_000, slowTurnMs = 25, busyShare = 0.9 } = {}): () => boolean {
  const turns = monitorEventLoopDelay({ resolution: 10 });
  turns.enable();
  let seen = performance.eventLoopUtilization();
  let wasSlow = false;
  let isStrained = false;
  const look = () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, seen);
    const isSlow = turns.mean / 1e6 > slowTurnMs;
    isStrained = isStrained ? utilization > busyShare : isSlow && wasSlow;
    wasSlow = isSlow;
    seen = now;
    turns.reset();
  };
  setInterval(look, spanMs).unref();
  return () => isStrained;
}
