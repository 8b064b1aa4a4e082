import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../domain/errors.ts';
import { isUser } from '../current-user.ts';
import { clientNetwork } from './client-network.ts';

/** Lets a request pass or throws AppError `too-many` with the time to wait. */
export type RateLimit = (request: Request, response: Response) => Promise<void>;

/** At most so many in so many seconds for one user, or for one network when nobody is signed in. */
export function createRateLimit(points: number, durationS: number): RateLimit {
  const limiter = new RateLimiterMemory({ points, duration: durationS });
  return async (request, response) => {
    try {
      await limiter.consume(whoAsks(request, response));
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      const retryAfterS = Math.max(1, Math.ceil(rejection.msBeforeNext / 1_000));
      throw new AppError('too-many', 'That was a lot in a short time. Please wait a moment and try again.', {
        retryAfterS,
      });
    }
  };
}

/** The same for all requests of a route. */
export function limitRate(points: number, durationS: number): RequestHandler {
  const limit = createRateLimit(points, durationS);
  return async (request, response, next) => {
    await limit(request, response);
    next();
  };
}

function whoAsks(request: Request, response: Response): string {
  const user: unknown = response.locals['user'];
  return isUser(user) ? `user ${user.id}` : `address ${clientNetwork(request.ip ?? 'unknown')}`;
}
