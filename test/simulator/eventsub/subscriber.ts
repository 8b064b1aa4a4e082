import { afterEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import type { StartSettings } from '../../../src/simulator/index.ts';
import { fieldsOf, redirectUri, runSimulator, textIn } from '../running-simulator.ts';

/** A message as a socket brought it. */
export interface Heard {
  id: string;
  type: string;
  metadata: Record<string, unknown>;
  payload: Record<string, unknown>;
  event: Record<string, unknown>;
}

/** How long to wait for what must come, and how often to look. */
export const patience = { timeout: 5_000, interval: 5 };

const opened: WebSocket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
});

/** A simulator with what tests of EventSub ask of it. */
export async function runEventSub(settings: StartSettings = {}) {
  const running = await runSimulator(settings);
  const { url, idOf, token, code } = running;

  const userToken = async (login: string, scope: string) => {
    const grant = { code: await code({ person: idOf(login), scope }), redirect_uri: redirectUri };
    return textIn((await token({ grant_type: 'authorization_code', ...grant })).body, 'access_token');
  };
  const api = async (method: string, path: string, accessToken: string, body?: object) => {
    const response = await fetch(`${url}/helix/eventsub${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${accessToken}`,
        'Client-Id': 'simulated-client',
        'Content-Type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = fieldsOf(text === '' ? {} : JSON.parse(text));
    const data: unknown[] = Array.isArray(answer['data']) ? answer['data'] : [];
    return { status: response.status, body: answer, data: data.map(fieldsOf) };
  };
  const subscribe = (
    accessToken: string,
    transport: object,
    type: string,
    condition: Record<string, string>,
    version = '1',
  ) => api('POST', '/subscriptions', accessToken, { type, version, condition, transport });
  const dial = (query = '') => listen(`${url.replace('http', 'ws')}/eventsub/ws${query}`);
  return { ...running, eventSub: running.simulator.eventSub, userToken, api, subscribe, dial };
}

/** Opens a socket and waits for its welcome. */
export async function listen(address: string) {
  const line = connect(address);
  await line.next('session_welcome');
  const sessionId = textIn(fieldsOf(line.heard[0]?.payload['session']), 'id');
  return { ...line, sessionId, transport: { method: 'websocket', session_id: sessionId } };
}

/** Opens a socket and keeps what it hears. */
export function connect(address: string) {
  const socket = new WebSocket(address);
  opened.push(socket);
  const heard: Heard[] = [];
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => heard.push(heardFrom(data.toString())));
  const of = (type: string) => heard.filter((message) => message.type === type);
  /** Waits until so many of that type have come; answers the last of those. */
  const next = async (type: string, count = 1) => {
    await expect.poll(() => of(type).length, patience).toBeGreaterThanOrEqual(count);
    const message = of(type)[count - 1];
    if (message === undefined) throw new Error('unreachable');
    return message;
  };
  return { socket, heard, closed, of, next };
}

function heardFrom(text: string): Heard {
  const message = fieldsOf(JSON.parse(text));
  const metadata = fieldsOf(message['metadata']);
  const payload = fieldsOf(message['payload']);
  const id = textIn(metadata, 'message_id');
  return { id, type: textIn(metadata, 'message_type'), metadata, payload, event: fieldsOf(payload['event']) };
}
