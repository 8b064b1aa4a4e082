import { existsSync } from 'node:fs';
import type { TestDatabase } from './databases.ts';
import { freePort } from './port.ts';
import type { Process } from './processes.ts';
import { builtProgram, startProgram } from './program.ts';

/** The built program in a process of its own, with the simulated Twitch inside. */
export interface Demo {
  process: Process;
  origin: string;
  /** Commands the simulated Twitch, such as `streamers/otterlogic/live`. @throws Error when it refuses */
  command(path: string, form?: Record<string, string>): Promise<void>;
  /** Ends it; resolves to its exit code. */
  stop(): Promise<number | string>;
}

/** Starts `dist/src/main.js`, which `npm test` has built, on a free port; `environment` as for the real one. */
export async function startDemo(
  database: TestDatabase['settings'],
  environment: Record<string, string> = {},
): Promise<Demo> {
  if (!existsSync(builtProgram))
    throw new Error('The program is not built: run `npm test`, or `npm run build`.');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const child = startProgram([process.execPath, builtProgram], {
    SERVER_PORT: String(port),
    APP_SECRET: 'a secret for the journeys, long enough',
    ...whereIs(database),
    ...environment,
  });
  await child.prints(/Followspot is at http/);
  const command: Demo['command'] = async (path, form = {}) => {
    const answer = await fetch(`${origin}/twitch/simulator/control/${path}`, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams(form),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  // What a journey commands shows at the next look.
  await command('streams/lag', { ms: '0' });
  return {
    process: child,
    origin,
    command,
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
