import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

/** How to reach the database: MySQL or MariaDB, or a file of the embedded SQLite. */
export type DatabaseSettings =
  | { kind: 'mysql'; host: string; port: number; name: string; user: string; password: string }
  | { kind: 'sqlite'; file: string };

/** Where the application's secret comes from. A file with `create` is made on first use. */
export type AppSecretSource = { value: string } | { file: string; create: boolean };

/** All settings, checked. Addresses have no trailing slash. */
export interface Config {
  port: number;
  /** Where browsers find the app, before `basePath`; may itself end in a path added by a proxy. */
  publicUrl: string;
  /** `''` or begins with a slash. */
  basePath: string;
  /** In the form that Express understands: off, a number of hops, or addresses. */
  trustProxy: false | number | string[];
  appSecret: AppSecretSource;
  /** Earlier secrets that still open what they sealed. */
  previousSecrets: string[];
  database: DatabaseSettings;
  /** `null`: no credentials, so the simulated Twitch is started. */
  twitch: TwitchCredentials | null;
  twitchUrls: TwitchUrls;
  role: 'web' | 'listener' | 'all';
  /** Logins (lower case) or ids; `null` lets everybody in. */
  allowedUsers: string[] | null;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  pollIntervalS: number;
  validateIntervalS: number;
  drainS: number;
  /** How events reach us; `auto` takes the best that works. */
  transport: 'auto' | 'webhook' | 'conduit' | 'websocket' | 'poll';
  /** Signs webhooks, 10 to 100 ASCII characters; `null`: derived from the application's secret. */
  eventSubSecret: string | null;
  /** How long stream events are kept. */
  retentionDays: number;
}

export interface TwitchCredentials {
  clientId: string;
  clientSecret: string;
}

/** Base addresses of Twitch, or of what stands in for it. */
export interface TwitchUrls {
  auth: string;
  api: string;
  /** `/subscriptions` and `/conduits` hang below it. */
  eventSub: string;
  eventSubSocket: string;
  player: string;
  chat: string;
}

/** Thrown with one line for each setting that is wrong. Values never appear in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const httpUrl = z
  .string()
  .refine(isHttpUrl, 'must be an http:// or https:// address without user, query or fragment')
  .transform(withTidyOrigin);
const socketUrl = z
  .string()
  .refine((value) => isHttpUrl(value.replace(/^ws/i, 'http')), 'must be a ws:// or wss:// address')
  .refine((value) => /^wss?:/i.test(value), 'must be a ws:// or wss:// address')
  .transform(withTidyOrigin);
const port = z.coerce
  .number('must be a port number')
  .int('must be a port number')
  .min(1, 'must be a port from 1 to 65535')
  .max(65_535, 'must be a port from 1 to 65535');
const secret = z.string().min(16, 'must have at least 16 characters');
const commaSeparated = z.string().transform(partsOf);

function secondsFrom(least: number, most: number) {
  const problem = `must be a number of seconds from ${least} to ${most}`;
  return z.coerce.number(problem).min(least, problem).max(most, problem);
}

const databaseShape = {
  DB_HOST: z.string().optional(),
  DB_PORT: port.default(3306),
  DB_NAME: z.string().default('followspot'),
  DB_USER: z.string().default('followspot'),
  DB_PASSWORD: z.string().default(''),
  DB_PASSWORD_ROOT: z.string().optional(),
  DB_FILE: z.string().default('data/followspot.sqlite'),
};

const shape = {
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
  ...databaseShape,
  TWITCH_CLIENT_ID: z.string().optional(),
  TWITCH_CLIENT_SECRET: z.string().optional(),
  TWITCH_AUTH_URL: httpUrl.default('https://id.twitch.tv/oauth2'),
  TWITCH_API_URL: httpUrl.default('https://api.twitch.tv/helix'),
  TWITCH_EVENTSUB_API_URL: httpUrl.optional(),
  TWITCH_EVENTSUB_WS_URL: socketUrl.default('wss://eventsub.wss.twitch.tv/ws'),
  TWITCH_EVENTSUB_SECRET: z
    .string()
    .regex(/^[\x20-\x7e]{10,100}$/, 'must have 10 to 100 ASCII characters')
    .optional(),
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
  DRAIN_S: secondsFrom(0, 600).default(5),
  RETENTION_DAYS: z.coerce
    .number('must be a number of days from 1 to 3650')
    .min(1, 'must be a number of days from 1 to 3650')
    .max(3650, 'must be a number of days from 1 to 3650')
    .default(30),
};

/** The name of every setting that exists. A test compares it with `.env.dist`. */
export const settingNames = Object.keys(shape);

type Environment = Record<string, string | undefined>;

/**
 * Reads the whole configuration. Relative paths count from `rootFolder`.
 * @throws ConfigError that lists every problem by the setting's name.
 */
export function readConfig(environment: Environment, rootFolder: string): Config {
  const { values, problems } = parse(shape, environment);
  if (values === null) throw new ConfigError(problems.concat(crossProblems(environment)));
  const together = crossProblems(environment);
  if (together.length > 0) throw new ConfigError(together);

  const database = toDatabaseSettings(values, rootFolder);
  return {
    port: values.SERVER_PORT,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.SERVER_PORT}`,
    basePath: values.BASE_PATH,
    trustProxy: values.TRUST_PROXY,
    appSecret: toSecretSource(values.APP_SECRET, values.APP_SECRET_FILE, database, rootFolder),
    previousSecrets: values.APP_SECRET_PREVIOUS,
    database,
    twitch:
      values.TWITCH_CLIENT_ID === undefined || values.TWITCH_CLIENT_SECRET === undefined
        ? null
        : { clientId: values.TWITCH_CLIENT_ID, clientSecret: values.TWITCH_CLIENT_SECRET },
    twitchUrls: {
      auth: values.TWITCH_AUTH_URL,
      api: values.TWITCH_API_URL,
      eventSub: values.TWITCH_EVENTSUB_API_URL ?? `${values.TWITCH_API_URL}/eventsub`,
      eventSubSocket: values.TWITCH_EVENTSUB_WS_URL,
      player: values.TWITCH_PLAYER_URL,
      chat: values.TWITCH_CHAT_URL,
    },
    role: values.ROLE,
    allowedUsers: values.ALLOWED_USERS ?? null,
    logLevel: values.LOG_LEVEL,
    pollIntervalS: values.POLL_INTERVAL_S,
    validateIntervalS: values.VALIDATE_INTERVAL_S,
    drainS: values.DRAIN_S,
    transport: values.EVENTSUB_TRANSPORT,
    eventSubSecret: values.TWITCH_EVENTSUB_SECRET ?? null,
    retentionDays: values.RETENTION_DAYS,
  };
}

/**
 * Reads only what the migrations need.
 * @throws ConfigError that lists every problem by the setting's name.
 */
export function readDatabaseSettings(environment: Environment, rootFolder: string): DatabaseSettings {
  const { values, problems } = parse(databaseShape, environment);
  if (values === null) throw new ConfigError(problems);
  return toDatabaseSettings(values, rootFolder);
}

function parse<Shape extends z.ZodRawShape>(settings: Shape, environment: Environment) {
  const given = Object.fromEntries(
    Object.keys(settings)
      .map((name) => [name, environment[name]?.trim()])
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = z.object(settings).safeParse(given);
  return result.success
    ? { values: result.data, problems: [] }
    : {
        values: null,
        problems: result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
      };
}

function crossProblems(environment: Environment): string[] {
  const isSet = (name: string) => (environment[name]?.trim() ?? '') !== '';
  const problems = [];
  if (isSet('TWITCH_CLIENT_ID') !== isSet('TWITCH_CLIENT_SECRET')) {
    const missing = isSet('TWITCH_CLIENT_ID') ? 'TWITCH_CLIENT_SECRET' : 'TWITCH_CLIENT_ID';
    problems.push(`${missing} is missing: set both credentials, or neither for the simulated Twitch`);
  }
  const publicUrl = environment['PUBLIC_URL']?.trim() ?? '';
  if (environment['EVENTSUB_TRANSPORT']?.trim() === 'webhook' && !publicUrl.startsWith('https:')) {
    problems.push('EVENTSUB_TRANSPORT webhook needs a PUBLIC_URL that begins with https:');
  }
  if (isSet('DB_HOST') && !isSet('APP_SECRET') && !isSet('APP_SECRET_FILE')) {
    problems.push('APP_SECRET is missing: with MySQL it has to be set (or APP_SECRET_FILE)');
  }
  return problems;
}

function toDatabaseSettings(
  values: z.output<z.ZodObject<typeof databaseShape>>,
  rootFolder: string,
): DatabaseSettings {
  if (values.DB_HOST === undefined) return { kind: 'sqlite', file: path.resolve(rootFolder, values.DB_FILE) };
  return {
    kind: 'mysql',
    host: values.DB_HOST,
    port: values.DB_PORT,
    name: values.DB_NAME,
    user: values.DB_USER,
    password: values.DB_PASSWORD,
  };
}

function toSecretSource(
  value: string | undefined,
  file: string | undefined,
  database: DatabaseSettings,
  rootFolder: string,
): AppSecretSource {
  if (value !== undefined) return { value };
  if (file !== undefined) return { file: path.resolve(rootFolder, file), create: false };
  const folder = database.kind === 'sqlite' ? path.dirname(database.file) : rootFolder;
  return { file: path.join(folder, 'app-secret'), create: true };
}

function isTrustProxy(value: string): boolean {
  if (/^(off|\d{1,2})$/.test(value)) return true;
  const parts = partsOf(value);
  return parts.length > 0 && parts.every(isAddressRange);
}

/** An address, alone or with a prefix length: what Express would otherwise refuse with a stack. */
function isAddressRange(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0 || text.endsWith('/')) return false;
  return (
    prefix === '' ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}

function toTrustProxy(value: string): false | number | string[] {
  if (value === 'off' || Number(value) === 0) return false;
  return /^\d+$/.test(value) ? Number(value) : partsOf(value);
}

function partsOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The text itself is checked: it is kept as it stands, while a parsed address would hide an empty query. */
function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+(\/[^?#\\\s]*)?$/i.test(value) && URL.canParse(value);
}

/** Scheme and host as browsers write them, for whoever compares; the path stays as it is, but for slashes at its end. */
function withTidyOrigin(value: string): string {
  return value.replace(/^\w+:\/\/[^/]+/, (origin) => new URL(origin).origin).replace(/\/+$/, '');
}
