import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort, holdPort } from '../support/port.ts';
import { endProcesses, isAlive, type Process } from '../support/processes.ts';
import { startProgram } from '../support/program.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-start-'));
});

afterEach(() => {
  endProcesses();
  rmSync(folder, { recursive: true });
});

describe('npm start', () => {
  it('needs no settings: it serves the simulated Twitch and prints the address', async () => {
    const { app, address } = await running();
    expect(app.output()).toContain('simulated');
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('imulated');
    expect((await fetch(new URL('/health/ready', address))).status).toBe(200);
  });

  it('keeps database and secret from one start to the next, and installs and builds nothing anew', async () => {
    const first = await running();
    first.app.kill('SIGTERM');
    await first.app.ended;
    const before = [databaseFile(), path.join(folder, 'app-secret')].map((file) => statSync(file).ino);
    const second = await running();
    expect(second.app.output()).not.toMatch(/Installing|Building/);
    expect([databaseFile(), path.join(folder, 'app-secret')].map((file) => statSync(file).ino)).toEqual(
      before,
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly, all of it, when npm gets %s', async (signal) => {
    const { app, address } = await running({ DRAIN_S: undefined });
    const family = [app.pid, ...descendants(app.pid)];
    expect(family.length).toBeGreaterThan(1);
    const asked = Date.now();
    app.kill(signal);
    expect(await app.ended).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
    await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]), 2_000);
    await expect(fetch(address)).rejects.toThrow('fetch failed');
  });

  it('ends cleanly on Ctrl-C, which a terminal sends to npm and to us alike', async () => {
    const { app } = await running({ DRAIN_S: '0.2' });
    process.kill(-app.pid, 'SIGINT');
    await app.ended;
    expect(app.output()).toContain('Followspot has ended');
  });

  it('ends although somebody holds a connection with half a request', async () => {
    const { app, address } = await running();
    const socket = connect(Number(new URL(address).port), 'localhost');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.write('GET /twitch HTTP/1.1\r\n', resolve));
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    socket.destroy();
  });

  it('ends although nobody reads its log any more', async () => {
    const { app } = await running();
    const [child = -1] = descendants(app.pid);
    app.stopReading();
    app.kill('SIGTERM');
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), 10_000);
  });
});

describe('npm start that cannot', () => {
  it('says in one sentence that the port is taken', async () => {
    const { port, release } = await holdPort();
    const app = npmStart({ SERVER_PORT: String(port) });
    expect(await app.ended).toBe(1);
    expect(complaint(app)).toMatch(new RegExp(`^[^\\n]*${port}[^\\n]*taken[^\\n]*$`));
    await release();
  });

  it('says in one sentence that the data folder is not writable', async () => {
    // A file where the folder should be: rights would not stop root.
    writeFileSync(path.join(folder, 'data'), '');
    const app = npmStart({ DB_FILE: path.join(folder, 'data', 'followspot.sqlite') });
    expect(await app.ended).toBe(1);
    expect(complaint(app)).toMatch(/^[^\n]*data[^\n]*$/);
    expect(complaint(app)).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it('says in one sentence that the file of the database is something else', async () => {
    writeFileSync(databaseFile(), 'Dear diary, '.repeat(100));
    const app = npmStart({});
    expect(await app.ended).toBe(1);
    expect(complaint(app)).toMatch(/^The file [^\n]*followspot\.sqlite is not a SQLite database[^\n]*$/);
  });

  it('names every setting that is wrong, and no value', async () => {
    const app = npmStart({
      SERVER_PORT: 'four',
      TWITCH_CLIENT_ID: 'an-id',
      DB_HOST: 'db.example',
      PUBLIC_URL: 'nowhere',
    });
    expect(await app.ended).toBe(1);
    for (const name of ['SERVER_PORT', 'TWITCH_CLIENT_SECRET', 'APP_SECRET', 'PUBLIC_URL']) {
      expect(app.output()).toContain(name);
    }
    expect(app.output()).not.toContain('an-id');
    expect(existsSync(databaseFile())).toBe(false);
  });
});

/** The app on a free port and a database of its own, once it has printed its address. */
async function running(
  environment: Record<string, string | undefined> = {},
): Promise<{ app: Process; address: string }> {
  const port = await freePort();
  const app = npmStart({ SERVER_PORT: String(port), ...environment });
  const [address] = await app.prints(new RegExp(`http://localhost:${port}/twitch`));
  return { app, address };
}

function npmStart(environment: Record<string, string | undefined>): Process {
  return startProgram(['npm', 'start'], { DB_FILE: databaseFile(), ...environment });
}

function databaseFile(): string {
  return path.join(folder, 'followspot.sqlite');
}

/** What the app itself says: without npm's own lines. */
function complaint(app: Process): string {
  const lines = app.output().split('\n');
  return lines.filter((line) => line !== '' && !/^(>|npm )/.test(line)).join('\n');
}

function descendants(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=']).toString().trim().split('\n');
  const pairs = table.map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.flatMap(([child = -1, parent]) => (parent === pid ? [child] : []));
  return children.flatMap((child) => [child, ...descendants(child)]);
}
