import { createDeadline, type Deadline } from './deadline.ts';
import { TwitchError } from './errors.ts';
import { twice, type Http, type HttpRequest, type Repeat } from './http.ts';
import type { TwitchLog } from './log.ts';
import { readIdentity, readTokenPair, type TokenIdentity, type TokenPair } from './wire.ts';

/** What a person is asked to agree to. */
export interface AuthorizeRequest {
  redirectUri: string;
  state: string;
  scopes: string[];
}

/** Signing people in and keeping their tokens alive. Faults of Twitch throw TwitchError. */
export interface OAuth {
  /** Where to send the browser. */
  authorizeUrl(request: AuthorizeRequest): string;
  /** Sent once at most, for a code works once; `null` when Twitch refused it (any 4xx but 429). */
  exchangeCode(code: string, redirectUri: string): Promise<TokenPair | null>;
  /** `null` when the refresh token is dead (400 or 401). Store the pair before using it. */
  refresh(refreshToken: string): Promise<TokenPair | null>;
  /** `null` when the token is no longer valid (401). */
  validate(accessToken: string): Promise<TokenIdentity | null>;
  /** A token that Twitch does not know (400 or 404) counts as revoked. */
  revoke(accessToken: string): Promise<void>;
}

/** The code flow of a confidential client, against `http`, the host of tokens. */
export function createOAuth(settings: {
  http: Http;
  clientId: string;
  clientSecret: string;
  authorizeUrl: string;
  deadlineMs: number;
  now: () => Date;
  log: TwitchLog;
}): OAuth {
  const { http, now, log } = settings;
  const credentials = { client_id: settings.clientId, client_secret: settings.clientSecret };

  return {
    authorizeUrl({ redirectUri, state, scopes }) {
      const url = new URL(settings.authorizeUrl);
      url.searchParams.set('client_id', settings.clientId);
      url.searchParams.set('redirect_uri', redirectUri);
      url.searchParams.set('response_type', 'code');
      url.searchParams.set('scope', scopes.join(' '));
      url.searchParams.set('state', state);
      return url.href;
    },
    exchangeCode(code, redirectUri) {
      const form = { ...credentials, grant_type: 'authorization_code', code, redirect_uri: redirectUri };
      return unlessRefused(issuePair(form, 'never'), ({ status }) => status !== 429);
    },
    refresh(refreshToken) {
      const form = { ...credentials, grant_type: 'refresh_token', refresh_token: refreshToken };
      return unlessRefused(issuePair(form, 'unsent'), ({ status }) => status === 400 || status === 401);
    },
    validate(accessToken) {
      const headers = { Authorization: `OAuth ${accessToken}` };
      const answer = call({ method: 'GET', path: '/validate', headers, read: readIdentity }, 'safe');
      return unlessRefused(answer, ({ status }) => status === 401);
    },
    async revoke(accessToken) {
      const form = { client_id: settings.clientId, token: accessToken };
      // Repeating is safe: the second time it is merely unknown.
      const answer = call({ method: 'POST', path: '/revoke', form, read: () => undefined }, 'safe');
      await unlessRefused(answer, ({ status }) => status === 400 || status === 404);
    },
  };

  function issuePair(form: Record<string, string>, repeat: Repeat): Promise<TokenPair> {
    const issuedAt = now();
    const read = (body: unknown) => readTokenPair(body, issuedAt);
    return call({ method: 'POST', path: '/token', form, read }, repeat);
  }

  function call<T>(request: Omit<HttpRequest<T>, 'deadline'>, repeat: Repeat): Promise<T> {
    const deadline: Deadline = createDeadline(settings.deadlineMs);
    return twice(
      () => http.send({ ...request, deadline }),
      (error) => http.recover(error, deadline, repeat),
    );
  }

  async function unlessRefused<T>(
    answer: Promise<T>,
    isRefusal: (error: TwitchError) => boolean,
  ): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof TwitchError) || !isClientError(error) || !isRefusal(error)) throw error;
      log({ event: 'refused', path: error.path, status: error.status });
      return null;
    }
  }
}

function isClientError({ status }: TwitchError): boolean {
  return status !== null && status >= 400 && status < 500;
}
