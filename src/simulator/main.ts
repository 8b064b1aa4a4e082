import { config as readEnvFile } from 'dotenv';
import { startSimulator } from './index.ts';

// The simulated Twitch alone, for whoever develops: `npm run simulator`. It reads the same `.env` as the app.
readEnvFile({ quiet: true });
run().catch((error: unknown) => {
  process.stderr.write(`${sentenceFor(error)}\n`);
  process.exitCode = 1;
});

async function run(): Promise<void> {
  const port = Number(setting('SIMULATOR_PORT', '8090'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('SIMULATOR_PORT must be a port number.');
  const publicUrl = setting('PUBLIC_URL', `http://localhost:${setting('SERVER_PORT', '8080')}`).replace(
    /\/+$/,
    '',
  );
  const basePath = setting('BASE_PATH', '/twitch').replace(/\/+$/, '');
  const client = {
    clientId: setting('TWITCH_CLIENT_ID', 'simulated-client'),
    clientSecret: setting('TWITCH_CLIENT_SECRET', 'simulated-secret'),
  };
  const redirectUri = `${publicUrl}${basePath}/callback`;
  const running = await startSimulator({
    port,
    host: 'localhost',
    alive: true,
    streamsLagMs: 4_000,
    redirectUris: [redirectUri],
    ...client,
  });
  process.stdout.write(announcement(running.url, redirectUri, client));
  const end = () => void running.close();
  process.once('SIGTERM', end).once('SIGINT', end);
}

/** An empty value counts as unset. */
function setting(name: string, fallback: string): string {
  const value = process.env[name]?.trim() ?? '';
  return value === '' ? fallback : value;
}

function announcement(
  url: string,
  redirectUri: string,
  client: { clientId: string; clientSecret: string },
): string {
  return [
    `The simulated Twitch is at ${url}; behind the scenes: ${url}/control`,
    `It sends people back to ${redirectUri}. Settings for the app's .env:`,
    '',
    `TWITCH_CLIENT_ID=${client.clientId}`,
    `TWITCH_CLIENT_SECRET=${client.clientSecret}`,
    `TWITCH_AUTH_URL=${url}/oauth2`,
    `TWITCH_API_URL=${url}/helix`,
    `TWITCH_EVENTSUB_WS_URL=${url.replace('http', 'ws')}/eventsub/ws`,
    `TWITCH_PLAYER_URL=${url}/player`,
    `TWITCH_CHAT_URL=${url}/embed`,
    '',
    '',
  ].join('\n');
}

function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE')
    return 'SIMULATOR_PORT is taken: end what listens there, or set another port.';
  return error.message;
}
