import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import type { Knex } from 'knex';
import supertest from 'supertest';
import { readConfig } from '../../src/config.ts';
import type { User } from '../../src/domain/user.ts';
import { createLogger } from '../../src/logger.ts';
import { assemble, type Foundations, type Program } from '../../src/program.ts';
import { type RunningSimulator, type StartSettings, startSimulator } from '../../src/simulator/index.ts';
import { type OpenDatabase, openSqlite } from './databases.ts';
import { portOf } from './port.ts';
import { signedInCookie } from './signed-in.ts';

/** The whole program but its process: a real database, a real (simulated) Twitch, a real server. */
export interface TestApp extends Program {
  simulator: RunningSimulator['simulator'];
  twitchUrl: string;
  /** `PUBLIC_URL`, also the origin that forms come from. */
  origin: string;
  knex: Knex;
  logLines: string[];
  /** What moves the program's clock; it stands still otherwise only when moved. */
  clock: { advance(ms: number): void };
  lifecycle: { isDraining: boolean };
  /** A browser that follows nothing by itself and keeps its cookies; it sends forms as our pages do. */
  browser(): Browser;
  /** A browser in which this user has signed in. */
  signedIn(user?: Partial<User>): Promise<SignedInBrowser>;
  close(): Promise<void>;
}

export type Browser = ReturnType<typeof supertest.agent>;

export interface SignedInBrowser {
  cookie: string;
  get: (path: string) => supertest.Test;
  post: (path: string, form?: Record<string, string>) => supertest.Test;
}

const testSecret = 'a secret for the tests';

/** Other clocks and manners than the real ones. */
export interface OtherClocks extends Pick<Foundations, 'hearingPace' | 'socketClocks'> {
  simulator?: StartSettings;
  /** How long one call to Twitch may take; a second by itself, so that tests of a silent Twitch are short. */
  twitchDeadlineMs?: number;
}

/** `environment` as for the real configuration. */
export async function startApp(
  environment: Record<string, string> = {},
  open: OpenDatabase = openSqlite,
  { simulator, twitchDeadlineMs = 1_000, ...clocks }: OtherClocks = {},
): Promise<TestApp> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${portOf(server)}`;
  const config = readConfig({ PUBLIC_URL: origin, ...environment }, process.cwd());
  const redirectUris = [`${config.publicUrl}${config.basePath}/callback`];
  const twitch = await startSimulator({ redirectUris, ...simulator });
  const database = await open();
  const { knex } = database;
  const logLines: string[] = [];
  const lifecycle = { isDraining: false };
  let ahead = 0;

  const program = assemble({
    config,
    rootFolder: process.cwd(),
    secret: testSecret,
    knex,
    logger: createLogger('trace', lineKeeper(logLines)),
    place: {
      clientId: 'simulated-client',
      clientSecret: 'simulated-secret',
      auth: `${twitch.url}/oauth2`,
      authorize: `${twitch.url}/oauth2/authorize`,
      api: `${twitch.url}/helix`,
      eventSub: `${twitch.url}/helix/eventsub`,
      eventSubSocket: `${twitch.url.replace(/^http/, 'ws')}/eventsub/ws`,
      player: `${twitch.url}/player`,
      chat: `${twitch.url}/embed`,
      images: [twitch.url],
      isSimulated: true,
    },
    isDraining: () => lifecycle.isDraining,
    now: () => new Date(Date.now() + ahead),
    twitchSettings: {
      deadlineMs: twitchDeadlineMs,
      pace: { firstPauseMs: 50, longestPauseMs: 200, retryMs: 10, trialMs: 500 },
    },
    ...clocks,
  });
  server.on('request', program.app);

  return {
    ...program,
    simulator: twitch.simulator,
    twitchUrl: twitch.url,
    origin,
    knex,
    logLines,
    clock: { advance: (ms) => void (ahead += ms) },
    lifecycle,
    browser: () => supertest.agent(server),
    async signedIn(given = {}) {
      const user = { id: '501', login: 'viewer', displayName: 'Viewer', profileImageUrl: null, ...given };
      const cookie = await signedInCookie(program.store, user, testSecret);
      return {
        cookie,
        get: (path) => supertest(server).get(path).set('Cookie', cookie),
        post: (path, form = {}) =>
          supertest(server).post(path).set('Cookie', cookie).set('Origin', origin).type('form').send(form),
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await twitch.close();
      await database.drop();
    },
  };
}

function lineKeeper(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
