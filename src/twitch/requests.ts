import type { AppToken } from './app-token.ts';
import { createDeadline } from './deadline.ts';
import { twice, type Http, type HttpRequest, type Repeat } from './http.ts';
import type { RateLimit } from './rate-limit.ts';

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
  /** The app's bucket; those of users are their own. */
  rateLimit: RateLimit;
  clientId: string;
  deadlineMs: number;
  retryMs: number;
}): Requests {
  const { http, appToken, rateLimit, clientId, deadlineMs, retryMs } = settings;

  return {
    send: (request, repeat, authority = { kind: 'app' }) =>
      authority.kind === 'app'
        ? sendAsApp(request, repeat)
        : sendAsUser(request, repeat, authority.accessToken),
  };

  function sendAsApp<T>(request: BareRequest<T>, repeat: Repeat): Promise<T> {
    const { path } = request;
    const deadline = createDeadline(deadlineMs);
    let accessToken = '';
    return twice(
      async () => {
        accessToken = await appToken.get(deadline);
        await rateLimit.take(path, deadline);
        const headers = headersOf(accessToken);
        return http.send({ ...request, headers, deadline, observe: (header) => rateLimit.observe(header) });
      },
      async (error) => {
        // The token's own request has had its second try.
        if (error.path !== path) return false;
        if (error.kind === 'unauthorised') appToken.discard(accessToken);
        if (error.kind === 'unauthorised') return true;
        if (error.kind === 'rate-limited')
          return !error.limit && rateLimit.ranDry() && deadline.pause(Math.random() * retryMs);
        return http.recover(error, deadline, repeat);
      },
    );
  }

  function sendAsUser<T>(request: BareRequest<T>, repeat: Repeat, accessToken: string): Promise<T> {
    const deadline = createDeadline(deadlineMs);
    return twice(
      () => http.send({ ...request, headers: headersOf(accessToken), deadline }),
      (error) => http.recover(error, deadline, repeat),
    );
  }

  function headersOf(accessToken: string): Record<string, string> {
    return { Authorization: `Bearer ${accessToken}`, 'Client-Id': clientId };
  }
}
