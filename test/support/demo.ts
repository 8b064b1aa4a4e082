import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { settingNames } from '../../src/config.ts';
import { portOf } from './port.ts';
import { type Process, start } from './processes.ts';
import type { TestDatabase } from './databases.ts';

/** The built program in a process of its own, with the simulated Twitch inside. */
export interface Demo {
  process: Process;
  origin: string;
  /** Commands the simulated Twitch, such as `streamers/otterlogic/live`. @throws Error when it refuses */
  command(path: string, form?: Record<string, string>): Promise<void>;
  /** Ends it; resolves to its exit code. */
  stop(): Promise<number | string>;
}

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'dist/src/main.js');

/** Starts `dist/src/main.js`, which `npm test` has built, on a free port; `environment` as for the real one. */
export async function startDemo(
  database: TestDatabase['settings'],
  environment: Record<string, string> = {},
): Promise<Demo> {
  if (!existsSync(program)) throw new Error('The program is not built: run `npm test`, or `npm run build`.');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const child = start([process.execPath, program], {
    cwd: root,
    environment: {
      // Empty counts as unset, and keeps a developer's own .env out.
      ...Object.fromEntries(settingNames.map((name) => [name, ''])),
      NODE_ENV: undefined,
      VITEST: undefined,
      SERVER_PORT: String(port),
      APP_SECRET: 'a secret for the journeys, long enough',
      DRAIN_S: '0',
      ...whereIs(database),
      ...environment,
    },
  });
  await child.prints(/Followspot is at http/);
  return {
    process: child,
    origin,
    async command(command, form = {}) {
      const answer = await fetch(`${origin}/twitch/simulator/control/${command}`, {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body: new URLSearchParams(form),
      });
      if (!answer.ok) throw new Error(`${command}: ${answer.status} ${await answer.text()}`);
    },
    async stop() {
      child.kill('SIGTERM');
      return await child.ended;
    },
  };
}

function whereIs(database: TestDatabase['settings']): Record<string, string> {
  if (database.kind === 'sqlite') return { DB_FILE: database.file };
  return {
    DB_HOST: database.host,
    DB_PORT: String(database.port),
    DB_NAME: database.name,
    DB_USER: database.user,
    DB_PASSWORD: database.password,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
