import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../domain/errors.ts';
import { isUser } from '../current-user.ts';

/** At most so many requests in so many seconds from one user, or from one address when nobody is signed in. */
export function limitRate(points: number, durationS: number): RequestHandler {
  const limiter = new RateLimiterMemory({ points, duration: durationS });
  return async (request, response, next) => {
    try {
      await limiter.consume(whoAsks(request, response));
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      const retryAfterS = Math.max(1, Math.ceil(rejection.msBeforeNext / 1_000));
      throw new AppError('too-many', 'That was a lot in a short time. Please wait a moment and try again.', {
        retryAfterS,
      });
    }
    next();
  };
}

function whoAsks(request: Request, response: Response): string {
  const user: unknown = response.locals['user'];
  return isUser(user) ? `user ${user.id}` : `address ${request.ip ?? 'unknown'}`;
}
