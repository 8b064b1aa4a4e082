import path from 'node:path';
import type { Express } from 'express';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { deriveKey } from './app-secret.ts';
import type { Config } from './config.ts';
import { startDuty } from './domain/duty.ts';
import { createFavourites } from './domain/favourite.ts';
import { createListener, type Listener } from './domain/listener.ts';
import { createSignIn } from './domain/sign-in.ts';
import { createStreamerDirectory } from './domain/streamer-directory.ts';
import { createTokenKeeper, type TokenKeeper } from './domain/token-keeper.ts';
import { createStore, createTokenCipher, startSessionSweep, type Store } from './store/index.ts';
import { createTwitch, type Twitch, type TwitchSettings } from './twitch/index.ts';
import { createApp } from './web/app.ts';
import { loadAssets } from './web/assets.ts';
import { loadTemplates } from './web/templates.ts';

/** Where Twitch, or what stands in for it, is found from here (`auth`, `api`) and by browsers (the others). */
export interface TwitchPlace {
  clientId: string;
  clientSecret: string;
  auth: string;
  authorize: string;
  api: string;
  player: string;
  chat: string;
  /** Addresses below which its images lie. */
  images: string[];
  isSimulated: boolean;
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
}

/** The parts, put together but not yet running. */
export interface Program {
  app: Express;
  store: Store;
  twitch: Twitch;
  listener: Listener;
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
    log: (entry) => logger[quiet.has(entry.event) ? 'debug' : 'warn'](entry, 'Twitch'),
    ...foundations.twitchSettings,
  });
  const directory = createStreamerDirectory({ store: store.streamers, twitch, now });
  const { allowedUsers } = config;

  const app = createApp({
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
    twitch,
    isDraining,
  });

  const listener = createListener({
    store: store.streamers,
    twitch,
    now,
    pollIntervalMs: config.pollIntervalS * 1_000,
  });
  const keeper = createTokenKeeper({
    twitch,
    store: store.tokens,
    clientId,
    now,
    endSessions: (userId) => store.sessions.endAllOf(userId),
    log: logger,
  });

  function startDuties() {
    const stopSweep = startSessionSweep(store.sessions, {
      onError: (error) => logger.warn({ err: error }, 'Old sessions could not be swept'),
    });
    const duties = config.role === 'web' ? [] : [poll(), validation()];
    return {
      async stop() {
        stopSweep();
        await Promise.all(duties.map((duty) => duty.stop()));
      },
    };
  }

  const poll = () =>
    startDuty({
      name: 'poll',
      everyMs: config.pollIntervalS * 1_000,
      work: (signal) => listener.round(signal),
      log: logger,
    });

  const validation = () =>
    startDuty({
      name: 'validation',
      everyMs: config.validateIntervalS * 1_000,
      work: keeper.validation(config.validateIntervalS * 1_000),
      log: logger,
    });

  return { app, store, twitch, listener, keeper, startDuties };
}
