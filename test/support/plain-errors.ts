import type { ErrorRequestHandler } from 'express';
import { AppError } from '../../src/domain/errors.ts';

/** Answers faults without a page: too much is 429, everything else is out of reach. */
export const sendErrorsPlainly: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const problem = error instanceof AppError ? error : null;
  if (problem?.retryAfterS) response.set('Retry-After', String(problem.retryAfterS));
  response.status(problem?.code === 'too-many' ? 429 : 503).end();
};
