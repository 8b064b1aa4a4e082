import { createAppToken } from './app-token.ts';
import { createCircuit, type CircuitState } from './circuit.ts';
import { createEventSub, type EventSub } from './eventsub/subscriptions.ts';
import { createHelix, type Helix } from './helix.ts';
import { createHttp } from './http.ts';
import type { TwitchHost, TwitchLog } from './log.ts';
import { createOAuth, type OAuth } from './oauth.ts';
import { createRateLimit, type RateLimitState } from './rate-limit.ts';
import { createRequests } from './requests.ts';
import { createUserBuckets } from './user-buckets.ts';

export { TwitchError, type TwitchErrorKind } from './errors.ts';
export type { CircuitState } from './circuit.ts';
export { readMessage, type EventSubMessage, type Heard } from './eventsub/message.ts';
export { openEventSubSocket } from './eventsub/socket.ts';
export type {
  EventSubClocks,
  EventSubSession,
  EventSubSocket,
  EventSubSocketHandlers,
  EventSubSocketSettings,
  EventSubSocketState,
} from './eventsub/socket-settings.ts';
export { readWebhook, type Webhook, type WebhookRequest } from './eventsub/webhook.ts';
export type {
  Creation,
  EventSub,
  EventSubAuth,
  NewSubscription,
  Subscriptions,
} from './eventsub/subscriptions.ts';
export type { TwitchEvent, TwitchEventSource } from './eventsub/event.ts';
export type { Conduit, Shard, ShardFault, Subscription } from './eventsub/wire.ts';
export type { Helix } from './helix.ts';
export type { TwitchHost, TwitchLog, TwitchLogEntry } from './log.ts';
export type { AuthorizeRequest, OAuth } from './oauth.ts';
export type { RateLimitState } from './rate-limit.ts';
export type { ChannelInfo, ChannelMatch, LiveStream, Profile, TokenIdentity, TokenPair } from './wire.ts';

/** The client. Every method that asks Twitch rejects with TwitchError and nothing else. */
export interface Twitch extends OAuth, Helix {
  eventSub: EventSub;
  state(): TwitchState;
}

/** How Twitch is doing, seen from here. */
export interface TwitchState {
  auth: CircuitState;
  api: CircuitState;
  eventSub: CircuitState;
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
  /** `/subscriptions` and `/conduits` hang below it; `<apiUrl>/eventsub` by default. */
  eventSubUrl?: string;
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
  const eventSubCircuit = circuitOf('eventsub');
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
  // Its own circuit: where there is no EventSub, Helix goes on.
  const eventSubHttp = createHttp({
    ...pace,
    baseUrl: settings.eventSubUrl ?? `${settings.apiUrl}/eventsub`,
    circuit: eventSubCircuit,
    keepAlive: true,
    now,
    log,
  });
  const appToken = createAppToken({ http: auth, clientId, clientSecret, deadlineMs, now, log });
  const rateLimit = createRateLimit({ now, jitterMs: pace.retryMs });
  const userBuckets = createUserBuckets({ now, jitterMs: pace.retryMs });
  const asked = { appToken, rateLimit, userBuckets, clientId, deadlineMs, retryMs: pace.retryMs };
  const onSkipped = (count: number) => {
    skippedItems += count;
  };

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
      requests: createRequests({ ...asked, http: api }),
      batchMs: pace.batchMs,
      log,
      onSkipped,
    }),
    eventSub: createEventSub({ requests: createRequests({ ...asked, http: eventSubHttp }), log, onSkipped }),
    state: () => ({
      auth: authCircuit.state(),
      api: apiCircuit.state(),
      eventSub: eventSubCircuit.state(),
      rateLimit: rateLimit.state(),
      skippedItems,
    }),
  };

  function circuitOf(host: TwitchHost) {
    return createCircuit({ ...pace, now, onChange: (state) => log({ event: 'circuit', host, state }) });
  }
}
