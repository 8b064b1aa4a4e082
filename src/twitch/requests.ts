import type { AppToken } from './app-token.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import type { TwitchError } from './errors.ts';
import { twice, type Http, type HttpRequest, type Repeat } from './http.ts';
import type { RateLimit } from './rate-limit.ts';
import type { UserBuckets } from './user-buckets.ts';

/** In whose name something is asked: the app's own, or a user's who has signed in. */
export type Authority = { kind: 'app' } | { kind: 'user'; accessToken: string };

/** A request without what all of them have. */
export type BareRequest<T> = Omit<HttpRequest<T>, 'deadline' | 'headers' | 'observe' | 'form'>;

/** Sends requests with a token, within the bucket of points, and once more where that may help. */
export interface Requests {
  send<T>(request: BareRequest<T>, repeat: Repeat, authority?: Authority): Promise<T>;
}

/** Times in milliseconds; `deadlineMs` is for each request, its retries and waits included. */
export function createRequests(settings: {
  http: Http;
  appToken: AppToken;
  /** The app's bucket. */
  rateLimit: RateLimit;
  userBuckets: UserBuckets;
  clientId: string;
  deadlineMs: number;
  retryMs: number;
}): Requests {
  const { http, appToken, rateLimit, userBuckets, clientId, deadlineMs, retryMs } = settings;

  return {
    send: (request, repeat, authority = { kind: 'app' }) =>
      authority.kind === 'app'
        ? sendAsApp(request, repeat)
        : sendAsUser(request, repeat, authority.accessToken),
  };

  function sendAsApp<T>(request: BareRequest<T>, repeat: Repeat): Promise<T> {
    const deadline = createDeadline(deadlineMs);
    let accessToken = '';
    return twice(
      async () => {
        accessToken = await appToken.get(deadline);
        return sendWithin(rateLimit, request, accessToken, deadline);
      },
      async (error) => {
        // The token's own request has had its second try.
        if (error.path !== request.path) return false;
        if (error.kind === 'unauthorised') appToken.discard(accessToken);
        return error.kind === 'unauthorised' || recover(rateLimit, error, deadline, repeat);
      },
    );
  }

  function sendAsUser<T>(request: BareRequest<T>, repeat: Repeat, accessToken: string): Promise<T> {
    const deadline = createDeadline(deadlineMs);
    const bucket = userBuckets.of(accessToken);
    return twice(
      () => sendWithin(bucket, request, accessToken, deadline),
      (error) => recover(bucket, error, deadline, repeat),
    );
  }

  async function sendWithin<T>(
    bucket: RateLimit,
    request: BareRequest<T>,
    accessToken: string,
    deadline: Deadline,
  ): Promise<T> {
    await bucket.take(request.path, deadline);
    const headers = headersOf(accessToken);
    return http.send({ ...request, headers, deadline, observe: (header) => bucket.observe(header) });
  }

  async function recover(
    bucket: RateLimit,
    error: TwitchError,
    deadline: Deadline,
    repeat: Repeat,
  ): Promise<boolean> {
    if (error.kind !== 'rate-limited') return http.recover(error, deadline, repeat);
    return !error.limit && bucket.ranDry() && deadline.pause(Math.random() * retryMs);
  }

  function headersOf(accessToken: string): Record<string, string> {
    return { Authorization: `Bearer ${accessToken}`, 'Client-Id': clientId };
  }
}
