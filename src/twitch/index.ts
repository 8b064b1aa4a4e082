import { createAppToken } from './app-token.ts';
import { createCircuit, type CircuitState } from './circuit.ts';
import { createHelix, type Helix } from './helix.ts';
import { createHttp } from './http.ts';
import type { TwitchHost, TwitchLog } from './log.ts';
import { createOAuth, type OAuth } from './oauth.ts';
import { createRateLimit, type RateLimitState } from './rate-limit.ts';

export { TwitchError, type TwitchErrorKind } from './errors.ts';
export type { CircuitState } from './circuit.ts';
export type { Helix } from './helix.ts';
export type { TwitchHost, TwitchLog, TwitchLogEntry } from './log.ts';
export type { AuthorizeRequest, OAuth } from './oauth.ts';
export type { RateLimitState } from './rate-limit.ts';
export type { ChannelInfo, ChannelMatch, LiveStream, Profile, TokenIdentity, TokenPair } from './wire.ts';

/** The client. Every method that asks Twitch rejects with TwitchError and nothing else. */
export interface Twitch extends OAuth, Helix {
  state(): TwitchState;
}

/** How Twitch is doing, seen from here. */
export interface TwitchState {
  auth: CircuitState;
  api: CircuitState;
  /** The app token's bucket; `null` until an answer told of it. */
  rateLimit: RateLimitState | null;
  /** Items of answers that could not be read, since the start. */
  skippedItems: number;
}

/** Addresses are given without a slash at the end. */
export interface TwitchSettings {
  clientId: string;
  clientSecret: string;
  /** For the server: `/token`, `/validate` and `/revoke` hang below it. */
  authUrl: string;
  /** For the browser: the whole address of the consent page. */
  authorizeUrl: string;
  apiUrl: string;
  now?: () => Date;
  /** For one call, its retries and waits included; 8000 by default. */
  deadlineMs?: number;
  pace?: Partial<Pace>;
  log?: TwitchLog;
}

/** The finer clocks and sizes. */
export interface Pace {
  /** How long the first caller waits for others to share the call. */
  batchMs: number;
  /** About how long before a second try; also spreads those who wait for a reset. */
  retryMs: number;
  /** Faults in a row that open a circuit. */
  faults: number;
  /** An open circuit lets a trial through after this, twice this …, */
  firstPauseMs: number;
  /** … but never later than this: with `trialMs` it bounds how long we miss that Twitch is back. */
  longestPauseMs: number;
  /** How long a trial may take. */
  trialMs: number;
  maxResponseBytes: number;
}

const usualPace: Pace = {
  batchMs: 5,
  retryMs: 300,
  faults: 5,
  firstPauseMs: 1200,
  longestPauseMs: 2500,
  trialMs: 2000,
  maxResponseBytes: 4_000_000,
};

/** Puts the client together. Nothing is sent before the first call. */
export function createTwitch(settings: TwitchSettings): Twitch {
  const pace = { ...usualPace, ...settings.pace };
  const { now = () => new Date(), deadlineMs = 8000, log = () => undefined } = settings;
  const { clientId, clientSecret } = settings;
  let skippedItems = 0;

  const authCircuit = circuitOf('auth');
  const apiCircuit = circuitOf('api');
  // No kept-alive sockets for tokens: a request lost on a stale one could not be repeated.
  const auth = createHttp({
    ...pace,
    baseUrl: settings.authUrl,
    circuit: authCircuit,
    keepAlive: false,
    now,
    log,
  });
  const api = createHttp({
    ...pace,
    baseUrl: settings.apiUrl,
    circuit: apiCircuit,
    keepAlive: true,
    now,
    log,
  });
  const appToken = createAppToken({ http: auth, clientId, clientSecret, deadlineMs, now, log });
  const rateLimit = createRateLimit({ now, jitterMs: pace.retryMs });

  return {
    ...createOAuth({
      http: auth,
      clientId,
      clientSecret,
      authorizeUrl: settings.authorizeUrl,
      deadlineMs,
      now,
      log,
    }),
    ...createHelix({
      ...pace,
      http: api,
      appToken,
      rateLimit,
      clientId,
      deadlineMs,
      log,
      onSkipped: (count) => {
        skippedItems += count;
      },
    }),
    state: () => ({
      auth: authCircuit.state(),
      api: apiCircuit.state(),
      rateLimit: rateLimit.state(),
      skippedItems,
    }),
  };

  function circuitOf(host: TwitchHost) {
    return createCircuit({ ...pace, now, onChange: (state) => log({ event: 'circuit', host, state }) });
  }
}
