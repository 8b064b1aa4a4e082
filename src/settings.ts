import { z } from 'zod';
import {
  isHost,
  isHttpUrl,
  isSocketUrl,
  isTrustProxy,
  isTwitchUser,
  partsOf,
  toTrustProxy,
  withTidyOrigin,
} from './setting-text.ts';

const httpUrl = z
  .string()
  .refine(isHttpUrl, 'must be an http:// or https:// address without user, query or fragment')
  .transform(withTidyOrigin);
const socketUrl = z
  .string()
  .refine(isSocketUrl, 'must be a ws:// or wss:// address')
  .transform(withTidyOrigin);
const port = z.coerce
  .number('must be a port number')
  .int('must be a port number')
  .min(1, 'must be a port from 1 to 65535')
  .max(65_535, 'must be a port from 1 to 65535');
const secret = z.string().min(16, 'must have at least 16 characters');
const webhookSecret = z.string().regex(/^[\x20-\x7e]{10,100}$/, 'must have 10 to 100 ASCII characters');
const commaSeparated = z.string().transform(partsOf);

/** What the migrations need of it. */
export const databaseSettings = {
  DB_HOST: z.string().refine(isHost, 'must be a host alone, without scheme and port').optional(),
  DB_PORT: port.default(3306),
  DB_NAME: z.string().default('followspot'),
  DB_USER: z.string().default('followspot'),
  DB_PASSWORD: z.string().default(''),
  DB_PASSWORD_ROOT: z.string().optional(),
  DB_FILE: z.string().default('data/followspot.sqlite'),
};

/** Every setting: its name, what it may be, and its default. `.env.dist` explains them. */
export const settings = {
  SERVER_PORT: port.default(8080),
  PUBLIC_URL: httpUrl.optional(),
  BASE_PATH: z
    .string()
    .regex(/^(\/|(\/[\w.~-]+)+\/?)$/, 'must be a path such as /twitch')
    .refine((value) => !/\/\.{1,2}(\/|$)/.test(value), 'must be a path without . and ..')
    // In any case of letters, as Express compares.
    .refine((value) => !/^\/health(\/|$)/i.test(value), 'must be another path: the health checks are there')
    .transform((value) => value.replace(/\/+$/, ''))
    .default('/twitch'),
  TRUST_PROXY: z
    .string()
    .refine(isTrustProxy, 'must be off, a number of proxies, or their addresses')
    .transform(toTrustProxy)
    .default(false),
  APP_SECRET: secret.optional(),
  APP_SECRET_FILE: z.string().optional(),
  APP_SECRET_PREVIOUS: commaSeparated
    .refine(
      (secrets) => secrets.every((each) => secret.safeParse(each).success),
      'must have at least 16 characters in each secret',
    )
    .default([]),
  ...databaseSettings,
  TWITCH_CLIENT_ID: z.string().optional(),
  TWITCH_CLIENT_SECRET: z.string().optional(),
  TWITCH_AUTH_URL: httpUrl.default('https://id.twitch.tv/oauth2'),
  TWITCH_API_URL: httpUrl.default('https://api.twitch.tv/helix'),
  TWITCH_EVENTSUB_API_URL: httpUrl.optional(),
  TWITCH_EVENTSUB_WS_URL: socketUrl.default('wss://eventsub.wss.twitch.tv/ws'),
  TWITCH_EVENTSUB_SECRET: webhookSecret.optional(),
  TWITCH_EVENTSUB_SECRET_PREVIOUS: commaSeparated
    .refine(
      (secrets) => secrets.every((each) => webhookSecret.safeParse(each).success),
      'must have 10 to 100 ASCII characters in each secret',
    )
    .default([]),
  EVENTSUB_TRANSPORT: z
    .enum(
      ['auto', 'webhook', 'conduit', 'websocket', 'poll'],
      'must be auto, webhook, conduit, websocket or poll',
    )
    .default('auto'),
  TWITCH_PLAYER_URL: httpUrl.default('https://player.twitch.tv'),
  TWITCH_CHAT_URL: httpUrl.default('https://www.twitch.tv/embed'),
  ROLE: z.enum(['web', 'listener', 'all'], 'must be web, listener or all').default('all'),
  ALLOWED_USERS: commaSeparated
    .refine((users) => users.length > 0, 'must name somebody, or be unset to let everybody in')
    .refine((users) => users.every(isTwitchUser), 'must be logins or ids, separated by commas')
    .transform((users) => users.map((user) => user.toLowerCase()))
    .optional(),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be a level such as info or debug',
    )
    .default('info'),
  POLL_INTERVAL_S: secondsFrom(0.05, 3600).default(60),
  VALIDATE_INTERVAL_S: secondsFrom(0.05, 3600).default(3600),
  DRAIN_S: secondsFrom(0, 60).default(5),
  RETENTION_DAYS: z.coerce
    .number('must be a number of days from 1 to 3650')
    .min(1, 'must be a number of days from 1 to 3650')
    .max(3650, 'must be a number of days from 1 to 3650')
    .default(30),
};

/** The name of every setting that exists. A test compares it with `.env.dist`. */
export const settingNames = Object.keys(settings);

/** What operators may have set already for what Followspot is still to learn: it says so instead of ignoring it. */
export const settingsToCome = ['REDIS_URL', 'METRICS_PORT', 'METRICS_HOST'];

function secondsFrom(least: number, most: number) {
  const problem = `must be a number of seconds from ${least} to ${most}`;
  return z.coerce.number(problem).min(least, problem).max(most, problem);
}
