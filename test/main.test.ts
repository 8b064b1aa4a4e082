import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingNames } from '../src/config.ts';
import { connect, createStore, createTokenCipher, migrate } from '../src/store/index.ts';
import { aProfile, aUser } from './store/support.ts';
import { portOf } from './support/port.ts';
import { endProcesses, start } from './support/processes.ts';

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
    const file = path.join(folder, 'followspot.sqlite');
    await keepOneFavourite(file);
    const twitch = await silentTwitch();
    const app = start([process.execPath, '--import', 'tsx', 'src/main.ts'], {
      cwd: process.cwd(),
      environment: {
        ...Object.fromEntries(settingNames.map((name) => [name, ''])),
        APP_SECRET: 'a secret of a test, which is long enough',
        SERVER_PORT: String(await freePort()),
        DB_FILE: file,
        DRAIN_S: '0',
        TWITCH_CLIENT_ID: 'client',
        TWITCH_CLIENT_SECRET: 'secret',
        TWITCH_AUTH_URL: twitch.url,
        TWITCH_API_URL: twitch.url,
      },
    });
    await expect.poll(() => twitch.questions.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const begun = performance.now();
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(app.output()).toContain('Followspot has ended');
    await twitch.close();
  });
});

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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
