import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './port.ts';

/** A MariaDB that belongs to one test, which may freeze and kill it. */
export interface OwnMariadb {
  port: number;
  /** Resolves when every thread of it stands still. */
  freeze(): Promise<void>;
  thaw(): void;
  /** As the power does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** `true`, or why this machine cannot start a MariaDB. */
export const ownMariadbAvailable: true | string = probe();

/** Installs and starts a server with an empty database `followspot` and a root without a password. */
export async function createOwnMariadb(): Promise<OwnMariadb> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'followspot-mariadb-'));
  const options = [
    '--no-defaults',
    `--datadir=${folder}/data`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  await promisify(execFile)('mariadb-install-db', [
    ...options,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const port = await freePort();
  const socket = path.join(folder, 'socket');
  let server: ChildProcess;

  async function start(): Promise<void> {
    const place = [
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${socket}`,
      `--pid-file=${folder}/pid`,
    ];
    const thrift = ['--innodb-buffer-pool-size=16M', '--skip-log-bin', '--performance-schema=OFF'];
    server = spawn('mariadbd', [...options, ...place, ...thrift], { stdio: 'ignore' });
    for (let tries = 0; !(await answers(port)); tries += 1) {
      if (tries > 300 || server.exitCode !== null) throw new Error('MariaDB did not start');
      await wait(50);
    }
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  await start();
  await promisify(execFile)('mariadb', [`--socket=${socket}`, '-uroot', '-e', 'CREATE DATABASE followspot']);
  return {
    port,
    async freeze() {
      server.kill('SIGSTOP');
      while (!isStopped(server.pid ?? 0)) await wait(5);
    },
    thaw: () => void server.kill('SIGCONT'),
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function probe(): true | string {
  try {
    execFileSync('mariadbd', ['--version'], { stdio: 'ignore' });
    execFileSync('mariadb', ['--version'], { stdio: 'ignore' });
    return existsSync('/usr/bin/mariadb-install-db') ? true : 'mariadb-install-db is not installed';
  } catch {
    return 'MariaDB is not installed on this machine';
  }
}

function isStopped(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.every((thread) => /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  const isUp = await Promise.race([
    once(socket, 'data').then(
      () => true,
      () => false,
    ),
    wait(1000, false),
  ]);
  socket.destroy();
  return isUp;
}
