import type { Knex } from 'knex';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { assemble, type Program } from '../../src/program.ts';

/** Signs the cookies of the benchmarks. */
export const secret = 'a secret for the benchmark';

const nowhere = 'http://127.0.0.1:9';

/** The app itself over this database. It writes its log and throws it away; Twitch is not there at all. */
export function benchProgram(knex: Knex, environment: Record<string, string>): Program {
  return assemble({
    config: readConfig(environment, '/nowhere'),
    rootFolder: process.cwd(),
    secret,
    knex,
    logger: createLogger('info', pino.destination('/dev/null')),
    place: {
      clientId: 'bench',
      clientSecret: 'bench',
      auth: nowhere,
      authorize: nowhere,
      api: nowhere,
      eventSub: nowhere,
      eventSubSocket: 'ws://127.0.0.1:9',
      player: 'https://player.twitch.tv',
      chat: 'https://www.twitch.tv/embed',
      images: ['https://static-cdn.jtvnw.net'],
      isSimulated: false,
    },
    isDraining: () => false,
  });
}
