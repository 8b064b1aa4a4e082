import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express, type Request, type Response } from 'express';
import { createAssets } from './assets.ts';
import { createCalls, type Calls } from './calls.ts';
import { createChat } from './chat.ts';
import { createControl } from './control.ts';
import { createDrama, type Drama } from './drama.ts';
import { createEventSub, type EventSub, type EventSubSettings } from './eventsub/index.ts';
import { createFaults, type Faults } from './faults.ts';
import { createHelix } from './helix.ts';
import { createImages } from './images.ts';
import { createLife, type Life } from './life.ts';
import { createOAuth } from './oauth.ts';
import { createPlayer } from './player.ts';
import { createRandom } from './random.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createStreamList, type StreamList } from './stream-list.ts';
import { createTokens, type Tokens, type TokenSettings } from './tokens.ts';
import { createWorld, type World } from './world.ts';

export type { Account, Broadcast } from './account.ts';
export type { Call } from './calls.ts';
export type { Change } from './changes.ts';
export type { Delivery, EventSub, EventSubSettings, Subscription } from './eventsub/index.ts';
export type { Fault, FaultKind } from './faults.ts';
export { nastyText } from './nasty-text.ts';
export { WorldError, type World } from './world.ts';

export interface SimulatorSettings {
  /** Where browsers find it: absolute, may have a path, no slash at the end. */
  publicUrl: string;
  clientId: string;
  clientSecret: string;
  /** Compared to the letter, as Twitch does; the first one takes the mismatches. */
  redirectUris: readonly string[];
  /** Whether streamers come and go by themselves; otherwise everybody is offline until a command. */
  alive: boolean;
  /** How much later than push Get Streams knows who began or ended; 0 unless given. */
  streamsLagMs?: number;
  now?: () => Date;
  /** The same seed makes the same life. */
  seed?: number;
  tokens?: Partial<TokenSettings>;
  eventSub?: Partial<EventSubSettings>;
}

export interface Simulator {
  /** Its addresses are relative: mount it, or hand it requests whose `url` is below `publicUrl`. */
  app: Express;
  /** Hand it the `upgrade` events of the server that `app` is mounted at; the address may be whole or cut as for `app`. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  world: World;
  streamList: StreamList;
  eventSub: EventSub;
  tokens: Tokens;
  faults: Faults;
  rateLimit: RateLimit;
  calls: Calls;
  life: Life;
  drama: Drama;
  /** For an application whose address is known only after the simulator's. */
  registerRedirectUri(uri: string): void;
  /** Stops the timers and breaks off what hangs. */
  close(): void;
}

/** A Twitch that runs here: sign-in, API, player, chat and pictures, with commands for tests and a page for people. */
export function createSimulator(settings: SimulatorSettings): Simulator {
  const { publicUrl, clientId, clientSecret, alive, now = () => new Date(), seed = 20_261_123 } = settings;
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, '');
  const client = { clientId, clientSecret, redirectUris: [...settings.redirectUris] };
  const world = createWorld(now);
  const streamList = createStreamList(world, now, settings.streamsLagMs ?? 0);
  const tokens = createTokens(now, clientSecret, settings.tokens);
  const faults = createFaults();
  const rateLimit = createRateLimit(now);
  const calls = createCalls(now);
  const eventSub = createEventSub({
    clientId,
    basePath,
    world,
    tokens,
    rateLimit,
    faults,
    calls,
    now,
    random: createRandom(seed + 1),
    ...(settings.eventSub === undefined ? {} : { settings: settings.eventSub }),
  });
  const life = createLife({ world, now, random: createRandom(seed) });

  const drama = createDrama({ world, eventSub, now, random: createRandom(seed + 2) });

  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', false);
  app.use((_request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.use(
    '/control',
    createControl({ world, streamList, tokens, faults, calls, rateLimit, eventSub, life, drama, basePath }),
  );
  app.use('/assets', createAssets());
  app.use(calls.record, faults.strike);
  app.use('/oauth2', createOAuth({ client, world, tokens, basePath }));
  app.use(['/helix/eventsub', '/eventsub'], eventSub.router);
  app.use('/helix', createHelix({ clientId, publicUrl, world, streamList, tokens, rateLimit }));
  app.use('/player', createPlayer(world, basePath));
  app.use('/embed', createChat(world, basePath));
  app.use('/images', createImages(world, now));
  app.get('/', (_request, response) => response.redirect(`${basePath}/control`));
  app.use(
    (_request: Request, response: Response) =>
      void response.status(404).type('text').send('The simulated Twitch has no such page.\n'),
  );
  app.use(answerError);

  if (alive) {
    life.begin();
    life.start();
    drama.start();
  }
  return {
    app,
    upgrade: eventSub.upgrade,
    world,
    streamList,
    eventSub,
    tokens,
    faults,
    rateLimit,
    calls,
    life,
    drama,
    registerRedirectUri: (uri) => void client.redirectUris.push(uri),
    close() {
      life.stop();
      drama.stop();
      eventSub.close();
      streamList.close();
      faults.clear();
    },
  };
}

/** A simulator with a server of its own. */
export interface RunningSimulator {
  /** Without a slash at the end; `/oauth2`, `/helix`, `/eventsub/ws`, `/player` and `/embed` are below it. */
  url: string;
  simulator: Simulator;
  close(): Promise<void>;
}

export interface StartSettings extends Partial<SimulatorSettings> {
  /** 0, the default: any free port. */
  port?: number;
  /** The address to listen at; 127.0.0.1 unless given. */
  host?: string;
}

/** Listens first, so that the public address is known. Rejects with Node's error when the port is taken. */
export async function startSimulator({
  port = 0,
  host = '127.0.0.1',
  ...settings
}: StartSettings = {}): Promise<RunningSimulator> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const url = `http://${host}:${portOf(server.address())}`;
  const simulator = createSimulator({
    publicUrl: url,
    clientId: 'simulated-client',
    clientSecret: 'simulated-secret',
    redirectUris: ['http://localhost:8080/twitch/callback'],
    alive: false,
    ...settings,
  });
  server.on('request', simulator.app).on('upgrade', simulator.upgrade);
  return {
    url,
    simulator,
    async close() {
      simulator.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('The simulator listens at no port.');
  return address.port;
}

/** Broken requests (a path that cannot be decoded, a body that is no JSON) and our own mistakes. */
function answerError(
  error: unknown,
  _request: Request,
  response: Response,
  next: (error: unknown) => void,
): void {
  if (response.headersSent) return next(error);
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  const isTheirs = status >= 400 && status < 500;
  response
    .status(isTheirs ? status : 500)
    .json({ status: isTheirs ? status : 500, message: isTheirs ? 'Bad request' : 'The simulator failed' });
}
