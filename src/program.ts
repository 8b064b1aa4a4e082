import type { RequestListener } from 'node:http';
import path from 'node:path';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { deriveKey } from './app-secret.ts';
import type { Config } from './config.ts';
import { startDuty } from './domain/duty.ts';
import { createEventFeed, type EventFeed } from './domain/event-feed.ts';
import { createEventIntake, type EventIntake } from './domain/event-intake.ts';
import { createFavourites } from './domain/favourite.ts';
import { createHearing, type Hearing } from './domain/hearing.ts';
import type { HearingPace } from './domain/hearing-pace.ts';
import { createListener, type Listener } from './domain/listener.ts';
import { createRetention } from './domain/retention.ts';
import { createSignIn } from './domain/sign-in.ts';
import { createStreamerDirectory } from './domain/streamer-directory.ts';
import { createTokenKeeper, type TokenKeeper } from './domain/token-keeper.ts';
import { isWebhookAddress } from './setting-text.ts';
import { createStore, createTokenCipher, startSessionSweep, type Store } from './store/index.ts';
import {
  createTwitch,
  type EventSubClocks,
  openEventSubSocket,
  readMessage,
  readWebhook,
  type Twitch,
  type TwitchSettings,
} from './twitch/index.ts';
import { createApp } from './web/app.ts';
import { loadAssets } from './web/assets.ts';
import type { LiveStreams } from './web/live/streams.ts';
import { loadTemplates } from './web/templates.ts';
import { webhookKeysOf, type WebhookKeys } from './webhook-keys.ts';

/** Where Twitch, or what stands in for it, is found from here (`auth`, `api`, `eventSub…`) and by browsers (the others). */
export interface TwitchPlace {
  clientId: string;
  clientSecret: string;
  auth: string;
  authorize: string;
  api: string;
  eventSub: string;
  eventSubSocket: string;
  player: string;
  chat: string;
  /** Addresses below which its images lie. */
  images: string[];
  isSimulated: boolean;
  /** How old a profile gets before it is asked for again, where that is not a day. */
  profileAgeMs?: number;
}

/** What a program is made of. `now` moves by itself unless a test moves it. */
export interface Foundations {
  config: Config;
  /** Holds `public/` and `views/`. */
  rootFolder: string;
  secret: string;
  knex: Knex;
  logger: Logger;
  place: TwitchPlace;
  isDraining: () => boolean;
  now?: () => Date;
  /** Shorter clocks for tests. */
  twitchSettings?: Partial<TwitchSettings>;
  hearingPace?: Partial<HearingPace>;
  socketClocks?: Partial<EventSubClocks>;
}

/** The parts, put together but not yet running. */
export interface Program {
  app: RequestListener;
  /** Who listens to events in this process. */
  live: LiveStreams;
  /** Of every answer. */
  headers: Map<string, string>;
  feed: EventFeed;
  intake: EventIntake;
  store: Store;
  twitch: Twitch;
  listener: Listener;
  hearing: Hearing;
  keeper: TokenKeeper;
  /** Begins what goes on in the background; resolves when it has ended. */
  startDuties(): { stop(): Promise<void> };
}

/** What a client of Twitch says when all is well. */
const quiet: ReadonlySet<string> = new Set(['retry', 'app-token-issued']);

/** Here the compiler checks that what one part wants is what another offers. */
export function assemble(foundations: Foundations): Program {
  const { config, rootFolder, secret, knex, logger, place, isDraining, now = () => new Date() } = foundations;
  const secrets: [string, ...string[]] = [secret, ...config.previousSecrets];
  const store = createStore({ knex, tokenCipher: createTokenCipher(secrets), now: () => now().getTime() });
  const { clientId, clientSecret } = place;
  const twitch = createTwitch({
    clientId,
    clientSecret,
    authUrl: place.auth,
    authorizeUrl: place.authorize,
    apiUrl: place.api,
    eventSubUrl: place.eventSub,
    log: (entry) => logger[quiet.has(entry.event) ? 'debug' : 'warn'](entry, 'Twitch'),
    ...foundations.twitchSettings,
  });
  const directory = createStreamerDirectory({ store: store.streamers, twitch, now });
  const { allowedUsers } = config;

  const listener = createListener({
    store: store.streamers,
    twitch,
    now,
    pollIntervalMs: config.pollIntervalS * 1_000,
    ...(place.profileAgeMs !== undefined && { profileAgeMs: place.profileAgeMs }),
    pushCovers: (streamerId) => hearing.hasPromised(streamerId),
  });
  const keeper = createTokenKeeper({
    twitch,
    store: store.tokens,
    clientId,
    now,
    async endSessions(userId) {
      await store.sessions.endAllOf(userId);
      live.endUser(userId);
    },
    log: logger,
  });

  const feed = createEventFeed({ store: store.events, log: logger });
  const intake = createEventIntake({ store: store.events, onStored: () => feed.wake() });
  const webhookKeys = webhookKeysOf(secrets, config.eventSubSecret, config.previousEventSubSecrets);
  const hearing = createHearing({
    wanted: config.transport,
    clientId,
    webhook: webhookOf(config, webhookKeys),
    eventSub: twitch.eventSub,
    openSocket: (handlers) =>
      openEventSubSocket({
        url: place.eventSubSocket,
        handlers,
        log: (entry) => logger.info(entry, 'EventSub'),
        ...(foundations.socketClocks === undefined ? {} : { clocks: foundations.socketClocks }),
      }),
    readMessage,
    tokens: keeper,
    store: {
      ...store.watches,
      // Where pages are served elsewhere, they cannot see for themselves how Twitch answers us.
      saveReport: (status) =>
        store.reports.save(
          'hearing',
          config.role === 'listener' ? { ...status, twitch: twitch.state() } : status,
        ),
      conduit: {
        find: () => store.conduits.find(clientId),
        replace: (before, next) => store.conduits.replace(clientId, before, next),
      },
    },
    intake,
    freshen: (streamerIds) => listener.look(streamerIds),
    compare: (signal) => listener.round(signal),
    async onAuthorizationRevoked(userId, at) {
      if (await store.users.remove(userId, at)) live.endUser(userId);
    },
    rateLimit: () => twitch.state().rateLimit,
    now,
    log: logger,
    ...(foundations.hearingPace === undefined ? {} : { pace: foundations.hearingPace }),
  });

  const { app, live, headers } = createApp({
    settings: {
      publicUrl: config.publicUrl,
      basePath: config.basePath,
      trustProxy: config.trustProxy,
      servesPages: config.role !== 'listener',
      simulated: place.isSimulated,
      authorizeUrl: place.authorize,
      playerUrl: place.player,
      chatUrl: place.chat,
      imageUrls: place.images,
      pollIntervalS: config.pollIntervalS,
      cookieKeys: secrets.map((each) => deriveKey(each, 'session cookie')),
    },
    logger,
    now,
    assets: loadAssets(path.join(rootFolder, 'public')),
    render: loadTemplates(path.join(rootFolder, 'views')),
    signIn: createSignIn({
      twitch,
      store: {
        saveUser: (user) => store.users.save(user),
        findToken: (userId) => store.tokens.find(userId),
        reviveToken: (token) => keeper.revive(token),
        saveToken: (userId, pair) => store.tokens.save(userId, pair),
      },
      clientId,
      redirectUri: `${config.publicUrl}${config.basePath}/callback`,
      isAllowed: ({ id, login }) =>
        allowedUsers === null || allowedUsers.includes(id) || allowedUsers.includes(login),
      now,
    }),
    directory,
    favourites: createFavourites({ store: store.favourites, directory }),
    sessionStore: store.createSessionStore(),
    store,
    feed,
    webhook: {
      read: (request) => readWebhook(request, { secrets: webhookKeys.accepted, now: now() }),
      hear: (message) => hearing.hear(message, 'webhook'),
      revoked: (revocation) => hearing.revoked(revocation),
    },
    hearing,
    twitch,
    isDraining,
  });

  function startDuties() {
    const stopSweep = startSessionSweep(store.sessions, {
      onError: (error) => logger.warn({ err: error }, 'Old sessions could not be swept'),
    });
    const duties = [database(), ...(config.role === 'web' ? [] : [poll(), validation(), retention()])];
    feed.start();
    if (config.role !== 'web') hearing.start();
    return {
      async stop() {
        stopSweep();
        await Promise.all([feed.stop(), hearing.stop(), ...duties.map((duty) => duty.stop())]);
      },
    };
  }

  /** Pages wait for it by themselves; this tells the operator. */
  const database = () =>
    startDuty({
      name: 'database',
      everyMs: 60_000,
      async work() {
        const pending = await store.health.pendingMigrations();
        if (pending > 0) throw new Error(`Migrations that are not applied: ${pending}`);
      },
      log: logger,
    });

  const poll = () =>
    startDuty({
      name: 'poll',
      everyMs: config.pollIntervalS * 1_000,
      work: (signal) => hearing.compare(signal),
      log: logger,
    });

  const validation = () =>
    startDuty({
      name: 'validation',
      everyMs: config.validateIntervalS * 1_000,
      work: keeper.validation(config.validateIntervalS * 1_000),
      log: logger,
    });

  const retention = () =>
    startDuty({
      name: 'retention',
      everyMs: 60 * 60_000,
      work: createRetention({
        purge: (before, limit) => store.events.purge(before, limit),
        days: config.retentionDays,
        now,
      }),
      log: logger,
    });

  return { app, live, headers, feed, intake, store, twitch, listener, hearing, keeper, startDuties };
}

/** With another secret it is another address. */
function webhookOf({ publicUrl, basePath }: Config, { secret, fingerprint }: WebhookKeys) {
  return isWebhookAddress(publicUrl)
    ? { callback: `${publicUrl}${basePath}/webhooks/eventsub?key=${fingerprint}`, secret }
    : null;
}
