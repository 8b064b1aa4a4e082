/** What went wrong, in terms of the person who asked. `web/` maps each code to one HTTP status. */
export type ErrorCode =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'too-many' | 'unavailable';

/**
 * An error whose message is a sentence for people and says what to do next.
 * `retryAfterS` is in seconds and goes out as `Retry-After`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterS: number | null;

  constructor(code: ErrorCode, message: string, options: { retryAfterS?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterS = options.retryAfterS ?? null;
  }
}
