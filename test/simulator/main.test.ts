import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runSimulator } from './running-simulator.ts';

/** Runs the program through tsx, as any supported Node can; `ended` is its exit code. */
function runMain(settings: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/simulator/main.ts'], {
    env: { PATH: process.env['PATH'], ...settings },
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  return { child, output: () => output, ended: once(child, 'exit').then(([code]): unknown => code) };
}

describe('the program alone', () => {
  it('prints the settings for the app, knows its redirect URI and ends with SIGTERM', async () => {
    const { child, output, ended } = runMain({
      SIMULATOR_PORT: '0',
      PUBLIC_URL: 'http://localhost:9999',
      TWITCH_CLIENT_ID: 'mine',
      TWITCH_CLIENT_SECRET: 'hush',
    });
    await expect.poll(output, { timeout: 10_000 }).toContain('TWITCH_CHAT_URL=');
    const url = /^TWITCH_AUTH_URL=(\S+)$/m.exec(output())?.[1] ?? '';
    const redirectUri = encodeURIComponent('http://localhost:9999/twitch/callback');
    const consent = await fetch(
      `${url}/authorize?client_id=mine&redirect_uri=${redirectUri}&response_type=code&scope=`,
    );
    expect(consent.status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('says in a sentence that the port is taken', async () => {
    const { url } = await runSimulator({ host: 'localhost' });
    const { output, ended } = runMain({ SIMULATOR_PORT: new URL(url).port });
    expect(await ended).toBe(1);
    expect(output()).toContain('SIMULATOR_PORT is taken');
  });
});
