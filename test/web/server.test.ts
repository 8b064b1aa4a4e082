import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/web/middleware/security-headers.ts';
import { close, createHttpServer, listen } from '../../src/web/server.ts';
import { portOf } from '../support/port.ts';

const servers: Server[] = [];
const headers = securityHeaders({
  publicUrl: 'https://example.org',
  basePath: '/twitch',
  trustProxy: false,
  servesPages: true,
  simulated: false,
  authorizeUrl: 'https://id.twitch.tv/oauth2/authorize',
  playerUrl: 'https://player.twitch.tv',
  chatUrl: 'https://www.twitch.tv/embed',
  imageUrls: [],
  pollIntervalS: 60,
  cookieKeys: ['key'],
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => close(server, 0)));
});

/** A server whose app answers `hello` unless told otherwise. */
async function running(
  app: RequestListener = (_request, response) => void response.end('hello'),
): Promise<Server> {
  const server = createHttpServer(app, headers);
  await listen(server, 0);
  servers.push(server);
  return server;
}

function connected(server: Server): Socket {
  return connect(portOf(server), '127.0.0.1');
}

/** All that comes back until the server hangs up. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connected(await running());
  socket.write(bytes);
  return await text(socket);
}

function expectCarefulHeaders(answer: string): void {
  for (const header of [
    'Connection: close',
    "Content-Security-Policy: default-src 'none';",
    'X-Content-Type-Options: nosniff',
    'Cross-Origin-Opener-Policy: same-origin',
    'Cross-Origin-Resource-Policy: same-origin',
    'Referrer-Policy: strict-origin-when-cross-origin',
    'Permissions-Policy: camera=()',
    'Strict-Transport-Security: max-age=31536000',
    'X-Frame-Options: DENY',
    ...[...headers].map(([name, value]) => `${name}: ${value}\r\n`),
  ]) {
    expect(answer.toLowerCase()).toContain(`\r\n${header.toLowerCase()}`);
  }
}

describe('a request that is none', () => {
  it.each([
    ['is not HTTP', 'nonsense\r\n\r\n', '400 Bad Request'],
    ['has a header that is none', 'GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n', '400 Bad Request'],
    ['has 17 kB of headers', `GET / HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`, '431 '],
    ['names no host', 'GET / HTTP/1.1\r\nA: b\r\n\r\n', '400 Bad Request'],
    ['expects what nobody offers', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n', '417 '],
  ])('is refused with careful headers when it %s', async (_what, bytes, status) => {
    const answer = await answerTo(bytes);
    expect(answer.startsWith(`HTTP/1.1 ${status}`)).toBe(true);
    expectCarefulHeaders(answer);
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  it.each([
    ['HTTP/1.0 without a host', 'GET / HTTP/1.0\r\n\r\n'],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    [
      'a body that waits for leave',
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    ],
  ])('is not %s', async (_what, bytes) => {
    expect(await answerTo(bytes)).toMatch(/hello$/);
  });
});

describe('the patience of the server', () => {
  it('ends for trickling requests within 30 s, and outlasts that of balancers', async () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = await running();
    const checkMs = 5_000;
    expect(headersTimeout).toBe(15_000);
    expect(requestTimeout + checkMs).toBeLessThanOrEqual(30_000);
    expect(keepAliveTimeout).toBeGreaterThan(60_000);
  });

  it(
    'ends for a thousand that say little or nothing, who slow nobody down',
    { timeout: 45_000 },
    async () => {
      const server = await running();
      const sayings = [
        '',
        'GET / HT',
        'GET / HTTP/1.1\r\nHost: a\r\n',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n',
      ];
      const sockets = Array.from({ length: 1_000 }, () =>
        connected(server)
          .on('error', () => null)
          .resume(),
      );
      await Promise.all(sockets.map(async (socket) => await once(socket, 'connect')));
      const startedAt = performance.now();
      for (const [index, socket] of sockets.entries()) socket.write(sayings[index % sayings.length] ?? '');
      const trickling = setInterval(() => {
        for (const [index, socket] of sockets.entries()) if (index % sayings.length > 0) socket.write('x');
      }, 2_000);
      const cut = Promise.all(sockets.map(async (socket) => socket.closed || (await once(socket, 'close'))));
      const left = new AbortController();
      void cut.finally(() => left.abort());
      const took: number[] = [];
      while (!left.signal.aborted) {
        const askedAt = performance.now();
        await (
          await fetch(`http://127.0.0.1:${portOf(server)}`, { headers: { Connection: 'close' } })
        ).text();
        took.push(performance.now() - askedAt);
        await wait(500);
      }
      clearInterval(trickling);
      expect(performance.now() - startedAt).toBeLessThan(30_000);
      expect(took.toSorted((a, b) => b - a).slice(1)[0]).toBeLessThan(500);
    },
  );

  it('ends with 408 and careful headers', async () => {
    const server = await running();
    server.once('connection', (socket: Socket) => {
      server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    });
    const answer = await text(connected(server));
    expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expectCarefulHeaders(answer);
  });
});

describe('the port', () => {
  it('that is taken is reported with a way out', async () => {
    const port = portOf(await running());
    await expect(
      listen(
        createHttpServer(() => {}, headers),
        port,
      ),
    ).rejects.toThrow(
      `Port ${port} is taken by another program. Stop it, or set SERVER_PORT to a free port.`,
    );
  });
});

describe('the end of the server', () => {
  it('waits for an answer that is under way', async () => {
    const server = await running((_request, response) => void setTimeout(() => response.end('late'), 100));
    const answer = fetch(`http://127.0.0.1:${portOf(server)}`, { headers: { Connection: 'close' } });
    await once(server, 'request');
    await close(server, 10_000);
    expect(await (await answer).text()).toBe('late');
  });

  it('cuts an answer that takes too long', async () => {
    const server = await running(() => {});
    const answer = fetch(`http://127.0.0.1:${portOf(server)}`).catch(() => 'cut');
    await once(server, 'request');
    await close(server, 50);
    expect(await answer).toBe('cut');
  });
});
