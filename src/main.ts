import { setTimeout as wait } from 'node:timers/promises';
import { config as readEnvFile } from 'dotenv';
import type { Logger } from 'pino';
import { loadAppSecret } from './app-secret.ts';
import { type Config, readConfig, type TwitchCredentials } from './config.ts';
import { type ChosenTwitch, createDemo, withPaceOfDemo } from './demo.ts';
import { createLogger } from './logger.ts';
import { assemble } from './program.ts';
import { connect, openEmbedded } from './store/index.ts';
import { close, createHttpServer, listen } from './web/server.ts';

const rootFolder = process.cwd();
const graceMs = 3_000;
const sameSignalMs = 1_000;

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
  const { database } = config;
  const knex = database.kind === 'sqlite' ? await openEmbedded(database.file) : connect(database);

  const lifecycle = { isDraining: false };
  const isDraining = () => lifecycle.isDraining;
  const twitch = config.twitch === null ? createDemo(config, secret) : realTwitch(config, config.twitch);
  const { place } = twitch;
  const program = assemble({ config, rootFolder, secret, knex, logger, place, isDraining });
  const server = twitch.createServer(program.app, program.headers);
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
  twitch.close();
  await within(500, knex.destroy());
  logger.info('Followspot has ended');
  process.exit(reason === 'fault' ? 1 : 0);
}

/** Waits for the work, but no longer than so many milliseconds. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, wait(ms)]);
}

/** Twitch as it is, or what the settings put in its place. */
function realTwitch({ twitchUrls }: Config, credentials: TwitchCredentials): ChosenTwitch {
  const { origin } = new URL(twitchUrls.api);
  const isTwitch = origin === 'https://api.twitch.tv';
  const place = {
    ...credentials,
    ...twitchUrls,
    authorize: `${twitchUrls.auth}/authorize`,
    images: ['https://static-cdn.jtvnw.net', ...(isTwitch ? [] : [origin])],
    isSimulated: false,
  };
  return { place, createServer: createHttpServer, close() {} };
}

function announce({ publicUrl, basePath, role, database, twitch, unused }: Config, logger: Logger): void {
  if (unused.length > 0) logger.warn(`Set, but not used yet: ${unused.join(', ')}`);
  if (twitch === null)
    logger.warn('No Twitch credentials: Twitch is simulated; people and streams are invented');
  const address = `Followspot is at ${publicUrl}${basePath}`;
  logger.info({ role, database: database.kind }, address);
  // Whoever starts it wants to know, however quiet the log is to be.
  if (!logger.isLevelEnabled('info')) process.stderr.write(`${address}\n`);
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
