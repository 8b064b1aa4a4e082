import type { RequestHandler, Response } from 'express';
import { AppError } from '../domain/errors.ts';
import type { User } from '../domain/user.ts';

/** @throws AppError `unauthenticated` on a route that forgot `requireUser` */
export function userOf(response: Response): User {
  const user: unknown = response.locals['user'];
  if (!isUser(user)) throw new AppError('unauthenticated', 'Please sign in first.');
  return user;
}

/**
 * Sends who is not signed in to the sign-in, and back afterwards; a form cannot come back and a script cannot
 * go there, so they get 401.
 */
export function requireUser(url: (path: string) => string): RequestHandler {
  return (request, response, next) => {
    if (isUser(response.locals['user'])) return next();
    const isPage = request.method === 'GET' || request.method === 'HEAD';
    if (!isPage || request.get('X-Requested-With') !== undefined) {
      throw new AppError('unauthenticated', 'You are no longer signed in. Sign in and try again.');
    }
    const here = url(request.path + (request.originalUrl.match(/\?.*/)?.[0] ?? ''));
    response.redirect(303, url(`/sign-in?returnTo=${encodeURIComponent(here)}`));
  };
}

export function isUser(value: unknown): value is User {
  return typeof value === 'object' && value !== null && 'id' in value && 'login' in value;
}
