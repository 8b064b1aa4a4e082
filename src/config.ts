import path from 'node:path';
import { z } from 'zod';
import { conflictsOf } from './setting-conflicts.ts';
import { databaseSettings, settings, settingsToCome } from './settings.ts';

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
  /** Signs webhooks; `null`: it is derived from the application's secret. */
  eventSubSecret: string | null;
  /** What was signed with these is still heard. */
  previousEventSubSecrets: string[];
  /** How long stream events are kept. */
  retentionDays: number;
  /** Names of settings that are given although nothing uses them yet. */
  unused: string[];
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

type Environment = Record<string, string | undefined>;

/**
 * Reads the whole configuration. Relative paths count from `rootFolder`.
 * @throws ConfigError that lists every problem by the setting's name.
 */
export function readConfig(environment: Environment, rootFolder: string): Config {
  const { values, problems } = parse(settings, environment);
  const conflicts = conflictsOf(environment, rootFolder);
  if (values === null || conflicts.length > 0) throw new ConfigError([...problems, ...conflicts]);

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
    previousEventSubSecrets: values.TWITCH_EVENTSUB_SECRET_PREVIOUS,
    retentionDays: values.RETENTION_DAYS,
    unused: settingsToCome.filter((name) => isGiven(environment[name])),
  };
}

/**
 * Reads only what the migrations need.
 * @throws ConfigError that lists every problem by the setting's name.
 */
export function readDatabaseSettings(environment: Environment, rootFolder: string): DatabaseSettings {
  const { values, problems } = parse(databaseSettings, environment);
  if (values === null) throw new ConfigError(problems);
  return toDatabaseSettings(values, rootFolder);
}

function parse<Shape extends z.ZodRawShape>(shape: Shape, environment: Environment) {
  const given = Object.fromEntries(
    Object.keys(shape)
      .filter((name) => isGiven(environment[name]))
      .map((name) => [name, environment[name]?.trim()]),
  );
  const result = z.object(shape).safeParse(given);
  return result.success
    ? { values: result.data, problems: [] }
    : {
        values: null,
        problems: result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
      };
}

/** An empty value counts as unset. */
function isGiven(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

function toDatabaseSettings(
  values: z.output<z.ZodObject<typeof databaseSettings>>,
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
