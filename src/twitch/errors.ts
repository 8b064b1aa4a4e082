/**
 * `unavailable`: no answer, or a 5xx. `malformed`: an answer that is none (redirect, HTML, cut JSON).
 * `rate-limited`: 429, or a known empty bucket. `unauthorised`: 401. `rejected`: any other 4xx.
 */
export type TwitchErrorKind = 'unavailable' | 'rate-limited' | 'unauthorised' | 'rejected' | 'malformed';

/**
 * The only error this client throws. It is made of its own words alone: no query, header, body or cause,
 * so that logging it can leak no token and no secret.
 */
export class TwitchError extends Error {
  override readonly name = 'TwitchError';
  readonly kind: TwitchErrorKind;
  /** Below the base address, without the query: `/users`, `/token`. */
  readonly path: string;
  /** The HTTP status; `null` when there was no answer. */
  readonly status: number | null;
  /** Seconds until it is worth asking again, where that is known. */
  readonly retryAfterS: number | null;
  /** `false` when the request surely never reached Twitch, so that repeating it cannot do a thing twice. */
  readonly sent: boolean;
  /** A 429 although the bucket holds points: a limit on what may exist, which no waiting cures. */
  readonly limit: boolean;
  /** Of a 409: the id of what exists already, where the answer tells it. */
  readonly existingId: string | null;

  constructor(
    kind: TwitchErrorKind,
    path: string,
    details: {
      status?: number | null;
      retryAfterS?: number | null;
      sent?: boolean;
      limit?: boolean;
      existingId?: string | null;
    } = {},
  ) {
    const status = details.status ?? null;
    super(`Twitch ${path}: ${kind}${status === null ? '' : ` (${status})`}`);
    this.kind = kind;
    this.path = path;
    this.status = status;
    this.retryAfterS = details.retryAfterS ?? null;
    this.sent = details.sent ?? true;
    this.limit = details.limit ?? false;
    this.existingId = details.existingId ?? null;
  }
}

/** Whether an error is Twitch's fault (it or the way to it is broken) and not an answer to a bad question. */
export function isFault(error: unknown): error is TwitchError {
  return error instanceof TwitchError && (error.kind === 'unavailable' || error.kind === 'malformed');
}
