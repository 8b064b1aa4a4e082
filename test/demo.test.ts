import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../src/config.ts';
import { type ChosenTwitch, createDemo } from '../src/demo.ts';
import { usualPace } from '../src/domain/hearing-pace.ts';
import { close, listen } from '../src/web/server.ts';
import { portOf } from './support/port.ts';

let demo: ChosenTwitch;
let server: Server;

beforeEach(async () => {
  demo = createDemo(readConfig({}, '/nowhere'), 'a secret for the tests');
  server = demo.createServer(echo, new Map());
  await listen(server, 0);
});

afterEach(async () => {
  demo.close();
  await close(server, 0);
});

const echo: RequestListener = (request, response) =>
  void text(request).then((body) => response.end(`<${request.method} ${request.url} ${body}>`));

const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';

describe('the demo', () => {
  it('answers a request that offers another protocol as if it did not', async () => {
    const socket = connect(portOf(server), '127.0.0.1');
    const answers: string[] = [];
    socket.on('data', (chunk) => answers.push(String(chunk)));
    for (const [request, answer] of [
      [`GET /twitch HTTP/1.1\r\nHost: a\r\n${offer}\r\n`, '<GET /twitch >'],
      [`POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${offer}\r\nhello`, '<POST /form hello>'],
      ['GET /plain HTTP/1.1\r\nHost: a\r\n\r\n', '<GET /plain >'],
    ] as const) {
      socket.write(request);
      await expect.poll(() => answers.join(''), { timeout: 10_000 }).toContain(answer);
    }
    socket.destroy();
    expect(answers.join('').match(/HTTP\/1.1 200/g)).toHaveLength(3);
  });

  it('hands what lies below /simulator to the simulated Twitch, sockets included', async () => {
    const address = `localhost:${portOf(server)}/twitch/simulator`;
    expect(await (await fetch(`http://${address}/control`)).text()).toContain('imulated');
    const socket = new WebSocket(`ws://${address}/eventsub/ws`);
    const [welcome] = await once(socket, 'message');
    expect(String(welcome)).toContain('session_welcome');
    socket.terminate();
  });

  it('knows late who is live, and not too late for the first look at who began', async () => {
    const page = await fetch(`http://localhost:${portOf(server)}/twitch/simulator/control`);
    const lagMs = Number(/name="ms"[^>]*value="(\d+)"/.exec(await page.text())?.[1]);
    expect(lagMs).toBeGreaterThan(0);
    expect(lagMs).toBeLessThan(Math.min(...usualPace.freshenAfterMs));
  });
});
