import { AppError, type ErrorCode } from '../domain/errors.ts';
import { TwitchError } from '../twitch/index.ts';

const statuses: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-many': 429,
  unavailable: 503,
};

/** The HTTP status of an error for people. */
export function statusOf(error: AppError): number {
  return statuses[error.code];
}

/**
 * An error as people should read it, or `null` when it is nobody's business but the operator's.
 * Faults of Twitch become `unavailable`; whatever Express and its parsers refuse is `invalid`.
 */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof TwitchError) {
    return new AppError('unavailable', 'Twitch is not answering. Please try again in a moment.', {
      retryAfterS: error.retryAfterS ?? 10,
      cause: error,
    });
  }
  return error instanceof URIError || isRefusedByExpress(error)
    ? new AppError('invalid', 'That request cannot be understood.', { cause: error })
    : null;
}

/** body-parser and the router mark what the client did wrong with a status of 4xx. */
function isRefusedByExpress(error: unknown): boolean {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
  );
}
