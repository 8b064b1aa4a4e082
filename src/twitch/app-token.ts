import { createDeadline, type Deadline } from './deadline.ts';
import { TwitchError } from './errors.ts';
import { twice, type Http } from './http.ts';
import type { TwitchLog } from './log.ts';
import { readAppToken } from './wire.ts';

/** The token by which the app itself asks. */
export interface AppToken {
  /** The present one; asks for one if there is none. However many wait, one request is under way. */
  get(deadline: Deadline): Promise<string>;
  /** Forgets a token that was answered with 401, unless it has been replaced since. */
  discard(accessToken: string): void;
}

/** Client credentials against `http`, the host of tokens. */
export function createAppToken(settings: {
  http: Http;
  clientId: string;
  clientSecret: string;
  deadlineMs: number;
  now: () => Date;
  log: TwitchLog;
}): AppToken {
  const { http, clientId, clientSecret, now, log } = settings;
  let current: { accessToken: string; renewAt: number; expiresAt: Date } | null = null;
  let underWay: Promise<string> | null = null;

  return {
    async get(deadline) {
      const time = now().getTime();
      if (!current || time >= current.expiresAt.getTime()) return deadline.await(request(), '/token');
      if (time >= current.renewAt) renewBehind();
      return current.accessToken;
    },
    discard(accessToken) {
      if (current?.accessToken === accessToken) current = null;
    },
  };

  function renewBehind(): void {
    request().catch((error: unknown) => {
      const status = error instanceof TwitchError ? error.status : null;
      log({ event: 'app-token-renewal-failed', status });
    });
  }

  function request(): Promise<string> {
    underWay ??= issue().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function issue(): Promise<string> {
    const issuedAt = now();
    const deadline = createDeadline(settings.deadlineMs);
    const form = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
    const { accessToken, expiresAt } = await twice(
      () =>
        http.send({
          method: 'POST',
          path: '/token',
          form,
          deadline,
          read: (body) => readAppToken(body, issuedAt),
        }),
      (error) => http.recover(error, deadline, 'safe'),
    );
    // In the last tenth of its life it still works while the next one is fetched.
    const renewAt = expiresAt.getTime() - (expiresAt.getTime() - issuedAt.getTime()) / 10;
    current = { accessToken, renewAt, expiresAt };
    log({ event: 'app-token-issued', expiresAt });
    return accessToken;
  }
}
