import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, createStore, createTokenCipher, migrate } from '../src/store/index.ts';
import { aProfile, aUser } from './store/support.ts';
import { freePort, portOf } from './support/port.ts';
import { endProcesses, type Process } from './support/processes.ts';
import { sourceProgram, startProgram } from './support/program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-main-'));
});
afterEach(() => {
  endProcesses();
  rmSync(folder, { recursive: true });
});

describe('the program', () => {
  it('ends in time although it waits for a Twitch that is silent', async () => {
    await keepOneFavourite(databaseFile());
    const twitch = await silentTwitch();
    const app = await startApp({
      TWITCH_CLIENT_ID: 'client',
      TWITCH_CLIENT_SECRET: 'secret',
      TWITCH_AUTH_URL: twitch.url,
      TWITCH_API_URL: twitch.url,
    });
    await app.prints(/Followspot is at/);
    await expect.poll(() => twitch.questions.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const begun = performance.now();
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(app.output()).toContain('Followspot has ended');
    await twitch.close();
  });

  it.each([
    ['uncaughtException', 'throw new Error("out of reach")'],
    ['unhandledRejection', 'void Promise.reject(new Error("out of reach"))'],
  ])('logs an %s, then ends as on a signal, but with code 1', async (name, fault) => {
    const app = await startApp({}, `data:text/javascript,process.on('SIGUSR2', () => { ${fault} })`);
    await app.prints(/Followspot is at/);
    app.kill('SIGUSR2');
    expect(await app.ended).toBe(1);
    expect(app.output()).toMatch(new RegExp(`out of reach.*"msg":"${name}"`));
    expect(app.output()).toContain('Followspot has ended');
  });

  it('says where it is however quiet its log', async () => {
    const app = await startApp({ LOG_LEVEL: 'silent' });
    const [line] = await app.prints(/.*Followspot is at.*\n/);
    expect(line).toMatch(/^Followspot is at http:\/\/localhost:\d+\/twitch\n$/);
  });

  it('waits for a database that is down, and says so', async () => {
    const app = await startApp({ ROLE: 'web', DB_HOST: '127.0.0.1', DB_PORT: String(await freePort()) });
    const [, address = ''] = await app.prints(/Followspot is at (\S+)\/twitch"/);
    await app.prints(/"duty":"database".*The database is not answering.*"msg":"waits and tries again"/);
    expect((await fetch(`${address}/health/live`)).status).toBe(200);
    expect((await fetch(`${address}/health/ready`)).status).toBe(503);
  });

  it('ends at once on a second signal', async () => {
    const app = await startApp({ DRAIN_S: '30' });
    await app.prints(/Followspot is at/);
    const impatience = setInterval(() => app.kill('SIGTERM'), 100);
    expect(await app.ended).toBe(1);
    clearInterval(impatience);
    expect(app.output()).toContain('Followspot is draining');
    expect(app.output()).not.toContain('Followspot has ended');
  });
});

/** From its source, on a free port and a database of its own; `preloaded` runs in its process before it does. */
async function startApp(environment: Record<string, string>, preloaded?: string): Promise<Process> {
  const command = sourceProgram(...(preloaded === undefined ? [] : ['--import', preloaded]));
  return startProgram(command, {
    APP_SECRET: 'a secret of a test, which is long enough',
    SERVER_PORT: String(await freePort()),
    DB_FILE: databaseFile(),
    ...environment,
  });
}

function databaseFile(): string {
  return path.join(folder, 'followspot.sqlite');
}

async function keepOneFavourite(file: string): Promise<void> {
  const knex = connect({ kind: 'sqlite', file });
  await migrate(knex);
  const store = createStore({ knex, tokenCipher: createTokenCipher(['unused']) });
  await store.users.save(aUser('501'));
  await store.streamers.saveProfiles([aProfile('901')], new Date());
  await store.favourites.add('501', '901');
  await knex.destroy();
}

/** Issues an app token, and then answers nothing. */
async function silentTwitch() {
  const questions: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/token')
      response.end(JSON.stringify({ access_token: 'app', expires_in: 5_000_000 }));
    else questions.push(request.url ?? '');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    questions,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
