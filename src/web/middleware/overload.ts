import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { RequestHandler } from 'express';
import { AppError } from '../../domain/errors.ts';

/** How many requests are worked on at once; many may be waiting for somebody else. */
export const mostAtOnce = 256;

/** The same while this process itself is what they wait for: more of them only make everybody wait longer. */
export const mostUnderStrain = 32;

const retryAfterS = 2;

/** Below the base path. */
const isStream = /^(?:\/streamers\/[^/]+)?\/live$/;

/**
 * Refuses at once what is too much, before the database is asked. Whose body has yet to come takes no place: it stands
 * behind what reads forms. Streams of events have limits of their own.
 */
export function refuseOverload(isStrained: () => boolean): RequestHandler {
  let underWay = 0;
  return (request, response, next) => {
    if (isStream.test(request.path)) return next();
    if (underWay >= (isStrained() ? mostUnderStrain : mostAtOnce)) {
      throw new AppError('unavailable', 'Too many people are here at once. Please try again in a moment.', {
        retryAfterS,
      });
    }
    underWay += 1;
    // What was answered within one turn of the loop is only then out of the way of those that wait for the next.
    response.once('close', () => setImmediate(() => (underWay -= 1)));
    next();
  };
}

/**
 * Tells whether this process has more to do than it can. It is strained once the turns of its loop have been slow
 * throughout two spans of time, which no mere burst is, and until it rests again.
 */
export function watchStrain({ spanMs = 1_000, slowTurnMs = 50, busyShare = 0.9 } = {}): () => boolean {
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
