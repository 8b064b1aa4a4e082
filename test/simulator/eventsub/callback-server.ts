import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { fieldsOf } from '../running-simulator.ts';

/** A webhook as it came. */
export interface Received {
  id: string;
  type: string;
  retry: string;
  isSigned: boolean;
  body: Record<string, unknown>;
}

const headers = ['id', 'timestamp', 'type', 'retry', 'signature'];
const secret = 'a-secret-of-tests';
const ending: (() => void)[] = [];

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

/**
 * A server that answers the challenge, and takes webhooks with the status that `answer` says. 204: all is well;
 * 299: the challenge comes back changed.
 */
export async function runCallback(answer: (received: Received) => number = () => 204) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const [id = '', timestamp = '', type = '', retry = '', signature = ''] = headers.map((name) =>
        String(request.headers[`twitch-eventsub-message-${name}`]),
      );
      const hmac = createHmac('sha256', secret).update(`${id}${timestamp}${text}`).digest('hex');
      const body = fieldsOf(JSON.parse(text));
      const one = { id, type, retry, isSigned: signature === `sha256=${hmac}`, body };
      received.push(one);
      const isChallenge = type === 'webhook_callback_verification';
      const status = answer(one);
      response.writeHead(isChallenge && status === 204 ? 200 : status, { 'Content-Type': 'text/plain' });
      response.end(isChallenge ? String(body['challenge']) + (status === 299 ? ' ' : '') : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => server.close().closeAllConnections());
  const callback = `http://127.0.0.1:${portOf(server.address())}/hook`;
  const of = (type: string) => received.filter((one) => one.type === type);
  return { transport: { method: 'webhook', callback, secret }, received, of };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('It listens at no port.');
  return address.port;
}
