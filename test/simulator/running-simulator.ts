import { afterEach } from 'vitest';
import { startSimulator, type RunningSimulator, type StartSettings } from '../../src/simulator/index.ts';

export const redirectUri = 'http://localhost:8080/twitch/callback';
const started: RunningSimulator[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((running) => running.close()));
});

/** A simulator of its own for a test, with what tests ask of it; it ends with the test. */
export async function runSimulator(settings: StartSettings = {}) {
  const running = await startSimulator(settings);
  started.push(running);
  const { url, simulator } = running;

  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual', headers });
  const token = async (form: Record<string, string>) => {
    const response = await post('/oauth2/token', {
      client_id: 'simulated-client',
      client_secret: 'simulated-secret',
      ...form,
    });
    return { status: response.status, body: fieldsOf(await response.json()) };
  };
  const appToken = async () =>
    textIn((await token({ grant_type: 'client_credentials' })).body, 'access_token');
  const authorise = (form: Record<string, string>) =>
    post('/oauth2/authorize', {
      ...consentQuery,
      decision: 'authorise',
      person: idOf('ada_follows'),
      ...form,
    });
  const code = async (form: Record<string, string> = {}) =>
    new URL((await authorise(form)).headers.get('location') ?? '').searchParams.get('code') ?? '';
  const idOf = (login: string) => simulator.world.find(login)?.id ?? '';
  const helix = async (path: string, accessToken: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/helix${path}`, {
      headers: { Authorization: `Bearer ${accessToken}`, 'Client-Id': 'simulated-client', ...headers },
    });
    const body = fieldsOf(await response.json());
    return { status: response.status, headers: response.headers, body, data: itemsOf(body['data']) };
  };
  return { ...running, post, token, appToken, authorise, code, idOf, helix };
}

/** A right request for consent. */
export const consentQuery = {
  client_id: 'simulated-client',
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'user:read:chat user:read:follows',
  state: 'a b&c',
};

/** JSON from outside: an object's fields, or none. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function textIn(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function itemsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}
