import type { RequestListener, Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { config as readEnvFile } from 'dotenv';
import type { Logger } from 'pino';
import { deriveKey, loadAppSecret } from './app-secret.ts';
import { type Config, readConfig, type TwitchCredentials } from './config.ts';
import { createLogger } from './logger.ts';
import { assemble, type TwitchPlace } from './program.ts';
import { createSimulator, type Simulator } from './simulator/index.ts';
import { connect, migrate } from './store/index.ts';
import { close, createHttpServer, listen } from './web/server.ts';

const rootFolder = process.cwd();
const graceMs = 3_000;
const sameSignalMs = 1_000;
const simulatorPath = '/simulator';

main().catch((error: unknown) => {
  // Whoever starts the app has no log yet: a sentence is more use than a stack.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  readEnvFile({ quiet: true });
  const config = withPaceOfDemo(readConfig(process.env, rootFolder));
  const logger = createLogger(config.logLevel);
  const ending = reasonToEnd(logger);
  const secret = await loadAppSecret(config.appSecret);
  const knex = connect(config.database);
  if (config.database.kind === 'sqlite') await migrate(knex);

  const lifecycle = { isDraining: false };
  const simulator = config.twitch === null ? simulate(config, secret) : null;
  const place =
    config.twitch === null ? placeOfSimulator(config, secret) : placeOfTwitch(config, config.twitch);
  const isDraining = () => lifecycle.isDraining;
  const program = assemble({ config, rootFolder, secret, knex, logger, place, isDraining });
  const server = createHttpServer(
    simulator === null ? program.app : inFrontOf(program.app, simulator, config),
  );
  if (simulator !== null) upgradeFor(server, simulator, config);
  await listen(server, config.port);
  const duties = program.startDuties();
  announce(config, logger);

  const reason = await ending;
  logger.info({ reason, drainS: config.drainS }, 'Followspot is draining');
  lifecycle.isDraining = true;
  program.live.drain();
  // What waits for Twitch may take longer than whoever stops us is willing to wait.
  await Promise.all([wait(config.drainS * 1_000), within(config.drainS * 1_000 + 1_000, duties.stop())]);
  await close(server, graceMs);
  simulator?.close();
  await within(500, knex.destroy());
  logger.info('Followspot has ended');
  process.exit(reason === 'fault' ? 1 : 0);
}

/** Waits for the work, but no longer than so many milliseconds. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, wait(ms)]);
}

/** The simulated Twitch has no rate limit to spare, so who tries the demo sees changes soon. */
function withPaceOfDemo(config: Config): Config {
  return config.twitch === null ? { ...config, pollIntervalS: Math.min(config.pollIntervalS, 10) } : config;
}

/** Twitch as it is, or what the settings put in its place. */
function placeOfTwitch({ twitchUrls }: Config, credentials: TwitchCredentials): TwitchPlace {
  const { origin } = new URL(twitchUrls.api);
  const isTwitch = origin === 'https://api.twitch.tv';
  return {
    ...credentials,
    ...twitchUrls,
    authorize: `${twitchUrls.auth}/authorize`,
    images: ['https://static-cdn.jtvnw.net', ...(isTwitch ? [] : [origin])],
    isSimulated: false,
  };
}

/** A Twitch of our own below our own address. Browsers find it the way they find us, we ourselves directly. */
function placeOfSimulator(config: Config, secret: string): TwitchPlace {
  const outside = simulatorUrl(config);
  const inside = `http://127.0.0.1:${config.port}${config.basePath}${simulatorPath}`;
  return {
    clientId: 'simulated',
    clientSecret: simulatorSecret(secret),
    auth: `${inside}/oauth2`,
    authorize: `${outside}/oauth2/authorize`,
    api: `${inside}/helix`,
    eventSub: `${inside}/helix/eventsub`,
    eventSubSocket: `${inside.replace(/^http/, 'ws')}/eventsub/ws`,
    player: `${outside}/player`,
    chat: `${outside}/embed`,
    images: [outside],
    isSimulated: true,
  };
}

function simulate(config: Config, secret: string): Simulator {
  return createSimulator({
    publicUrl: simulatorUrl(config),
    clientId: 'simulated',
    clientSecret: simulatorSecret(secret),
    redirectUris: [`${config.publicUrl}${config.basePath}/callback`],
    alive: true,
  });
}

function simulatorUrl({ publicUrl, basePath }: Config): string {
  return `${publicUrl}${basePath}${simulatorPath}`;
}

function simulatorSecret(secret: string): string {
  return deriveKey(secret, 'simulated Twitch');
}

function inFrontOf(app: RequestListener, simulator: Simulator, { basePath }: Config): RequestListener {
  const prefix = `${basePath}${simulatorPath}`;
  return (request, response) => {
    if (!request.url?.startsWith(`${prefix}/`)) return app(request, response);
    request.url = request.url.slice(prefix.length);
    simulator.app(request, response);
  };
}

/** The simulated EventSub speaks through sockets; we ourselves have none. */
function upgradeFor(server: Server, simulator: Simulator, { basePath }: Config): void {
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith(`${basePath}${simulatorPath}/`)) simulator.upgrade(request, socket, head);
    else socket.destroy();
  });
}

function announce({ publicUrl, basePath, role, database, twitch }: Config, logger: Logger): void {
  if (twitch === null)
    logger.warn('No Twitch credentials: Twitch is simulated; people and streams are invented');
  logger.info({ role, database: database.kind }, `Followspot is at ${publicUrl}${basePath}`);
}

/**
 * Resolves with a signal or with a fault that nobody caught. A second signal ends the process at once,
 * unless it comes with the first: a terminal's Ctrl-C reaches us directly and again through npm.
 */
async function reasonToEnd(logger: Logger): Promise<'SIGTERM' | 'SIGINT' | 'fault'> {
  let first: number | null = null;
  return await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (first !== null && performance.now() - first > sameSignalMs) process.exit(1);
        first ??= performance.now();
        resolve(signal);
      });
    }
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (error: unknown) => {
        logger.fatal({ err: error }, fault);
        resolve('fault');
      });
    }
  });
}
