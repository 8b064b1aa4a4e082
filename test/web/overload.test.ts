import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import express, { type Response } from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Pages } from '../../src/web/pages.ts';
import { refuseAtOnce } from '../../src/web/middleware/errors.ts';
import {
  createOverload,
  leavePlace,
  mostAtOnce,
  mostUnderStrain,
  watchStrain,
} from '../../src/web/middleware/overload.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { portOf } from '../support/port.ts';

describe('More requests than can be carried', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;

  beforeAll(async () => {
    app = await startApp();
    viewer = await app.signedIn();
  });
  afterAll(async () => await app.close());

  it('are refused at once with Retry-After, all but health, webhooks and assets, until there is room', async () => {
    const wall = await app.store.favourites.ofUser('501');
    const gate = new EventEmitter().setMaxListeners(mostAtOnce);
    const reading = vi.spyOn(app.store.favourites, 'ofUser').mockImplementation(async () => {
      await once(gate, 'open');
      return wall;
    });
    const carried = Array.from({ length: mostAtOnce }, async () => await viewer.get('/twitch'));
    await vi.waitFor(() => expect(reading).toHaveBeenCalledTimes(mostAtOnce), 10_000);

    const queries: string[] = [];
    app.knex.on('query', ({ sql }: { sql: string }) => queries.push(sql));
    const lines = app.logLines.length;
    for (const theme of ['light', 'dark', 'light']) {
      const browser = app.browser().set('Cookie', `${viewer.cookie}; followspot-theme=${theme}`);
      const refused = await browser.get('/twitch/favourites?a=1');
      const again = Number(refused.headers['retry-after']);
      expect([refused.status, again >= 2 && again <= 5]).toEqual([503, true]);
      expect(refused.headers['content-security-policy']).toContain("default-src 'none'");
      expect(refused.text).toContain('Too many people are here at once');
      expect(refused.text).toContain(`data-theme="${theme}"`);
    }
    expect((await viewer.post('/twitch/favourites', { streamer: 'who <is> typed' })).text).toContain(
      'value="who &lt;is&gt; typed"',
    );
    expect(queries).toEqual([]);
    expect(app.logLines.slice(lines).join('')).not.toMatch(/stack|"method":"GET"/);
    const others = ['/health/live', '/health/ready', '/twitch/assets/css/base.css'];
    const served = await Promise.all(others.map(async (path) => (await viewer.get(path)).status));
    expect(served).toEqual([200, 200, 200]);
    expect((await viewer.post('/twitch/webhooks/eventsub')).status).toBe(403);

    gate.emit('open');
    reading.mockRestore();
    expect(new Set((await Promise.all(carried)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await viewer.get('/twitch/favourites')).status).toBe(200);
  });

  it('have their places back when they stood behind others on a connection that was cut', async () => {
    const wall = await app.store.favourites.ofUser('501');
    const gate = new EventEmitter().setMaxListeners(2 * mostAtOnce);
    const reading = vi.spyOn(app.store.favourites, 'ofUser').mockImplementation(async () => {
      await once(gate, 'open');
      return wall;
    });
    const ask = `GET /twitch HTTP/1.1\r\nHost: a\r\nCookie: ${viewer.cookie}\r\n\r\n`;
    const connections = 8;
    const sockets = Array.from({ length: connections }, () =>
      connect(Number(new URL(app.origin).port), '127.0.0.1'),
    );
    for (const socket of sockets) socket.write(ask.repeat(mostAtOnce / connections));
    await vi.waitFor(() => expect(reading).toHaveBeenCalledTimes(mostAtOnce), 10_000);
    expect((await viewer.get('/twitch/account')).status).toBe(503);

    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await viewer.get('/twitch/account')).status).toBe(200), 10_000);
    const others = Array.from({ length: mostAtOnce }, async () => (await viewer.get('/twitch')).status);
    await vi.waitFor(() => expect(reading).toHaveBeenCalledTimes(2 * mostAtOnce), 10_000);
    gate.emit('open');
    reading.mockRestore();
    expect(new Set(await Promise.all(others))).toEqual(new Set([200]));
    expect((await viewer.get('/twitch/account')).status).toBe(200);
  });
});

describe('Requests whose bodies trickle', () => {
  it('take no place from anybody', async () => {
    const app = await startApp();
    const viewer = await app.signedIn();
    const form = 'Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nx';
    const sockets = Array.from({ length: mostAtOnce }, () =>
      connect(Number(new URL(app.origin).port), '127.0.0.1'),
    );
    await Promise.all(sockets.map(async (socket) => await once(socket, 'connect')));
    for (const socket of sockets) socket.write(`GET /twitch HTTP/1.1\r\n${form}`);
    expect((await viewer.get('/health/live')).status).toBe(200);
    expect((await viewer.get('/twitch/account')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await app.close();
  });
});

const quiet = { warn: () => {} };

describe('A refusal', () => {
  it('is a page that is made once for each theme', async () => {
    const anonymous = vi.fn<Pages['anonymous']>((_page, _locals, theme) => `in ${theme}`);
    const server = createServer(refuseAtOnce({ anonymous }, new Map()));
    const told: unknown[] = [];
    for (const theme of ['light', 'none', 'light', 'none']) {
      const { status, text } = await supertest(server).get('/').set('Cookie', `followspot-theme=${theme}`);
      told.push([status, text]);
    }
    expect(told).toEqual([
      [503, 'in light'],
      [503, 'in null'],
      [503, 'in light'],
      [503, 'in null'],
    ]);
    expect(anonymous).toHaveBeenCalledTimes(2);
  });

  it('has the headers of every answer, and lets the connection go while draining', async () => {
    const refuse = refuseAtOnce({ anonymous: () => 'refused' }, new Map([['X-Always', 'yes']]));
    let isDraining = false;
    const server = createServer((request, response) => {
      if (isDraining) response.setHeader('Connection', 'close');
      refuse(request, response);
    });
    const told = async () => {
      const { headers, text } = await supertest(server).get('/').set('Connection', 'keep-alive');
      const { connection, 'x-always': always, 'content-length': length, 'cache-control': cache } = headers;
      return { connection, always, length, cache, text };
    };
    const always = { always: 'yes', length: '7', cache: 'private, no-store', text: 'refused' };
    expect(await told()).toEqual({ ...always, connection: 'keep-alive' });
    isDraining = true;
    expect(await told()).toEqual({ ...always, connection: 'close' });
  });

  it('is counted in the log, not told', () => {
    vi.useFakeTimers();
    const warn = vi.fn<(line: object) => void>();
    const overload = createOverload({ isStrained: () => false, basePath: '/twitch', log: { warn } });
    const response = new EventEmitter().setMaxListeners(mostAtOnce);
    const take = () => Reflect.apply(overload.carry, null, [{ path: '/' }, response, () => {}]);
    expect(overload.refuses('GET', '/twitch')).toBe(false);
    for (let count = 0; count < mostAtOnce; count += 1) take();
    const asked = [
      '/twitch',
      '/twitch?a=1',
      '/twitch/events',
      '/twitch/assets/a.css',
      '/health/live',
      '/other',
    ];
    expect(asked.map((url) => overload.refuses('GET', url))).toEqual([true, true, true, false, false, false]);
    expect([overload.refuses('POST', '/twitch/theme'), overload.refuses('HEAD', '/twitch')]).toEqual([
      false,
      true,
    ]);
    expect(take).toThrow('Too many people are here at once');
    vi.advanceTimersByTime(60_000);
    expect(warn.mock.calls.map(([line]) => line)).toEqual([{ refused: 5 }]);
    vi.useRealTimers();
  });
});

describe('A process under strain', () => {
  it('carries fewer pages at once, and opens streams beside them', async () => {
    const held: Response[] = [];
    let isStrained = true;
    const app = express();
    app.use(createOverload({ isStrained: () => isStrained, basePath: '', log: quiet }).carry);
    app.use((request, response) => {
      if (request.path === '/one') response.end();
      else held.push(response);
    });
    app.use((_error: unknown, _request: unknown, response: Response, _next: unknown) => {
      response.sendStatus(503);
    });
    const server = app.listen(0);
    const ask = async (path: string) => (await supertest(server).get(path)).status;
    const carried = Array.from({ length: mostUnderStrain }, () => ask('/streamers/live'));
    await vi.waitFor(() => expect(held).toHaveLength(mostUnderStrain));
    expect(await ask('/one')).toBe(503);

    const streams = Array.from({ length: mostAtOnce }, (_, place) =>
      ask(place % 2 ? '/live' : '/streamers/a/live'),
    );
    await vi.waitFor(() => expect(held).toHaveLength(mostUnderStrain + mostAtOnce), 10_000);
    expect([await ask('/live'), await ask('/streamers/lumi/live')]).toEqual([503, 503]);
    isStrained = false;
    expect([await ask('/one'), await ask('/live')]).toEqual([200, 503]);
    for (const response of held.slice(mostUnderStrain)) leavePlace(response);
    await turn();
    carried.push(ask('/live'));
    await vi.waitFor(() => expect(held).toHaveLength(mostUnderStrain + mostAtOnce + 1));
    for (const response of held) response.end();
    expect(new Set(await Promise.all([...carried, ...streams]))).toEqual(new Set([200]));
    server.close();
  });

  it('has room as soon as somebody is answered, but never before the turn in which they came is over', async () => {
    const { carry, refuses } = createOverload({ isStrained: () => true, basePath: '', log: quiet });
    const come = (): EventEmitter => {
      const response = new EventEmitter();
      Reflect.apply(carry, null, [{ path: '/' }, response, () => {}]);
      return response;
    };
    const carried = Array.from({ length: mostUnderStrain }, come);
    carried[0]?.emit('prefinish');
    expect(refuses('GET', '/')).toBe(true);
    await turn();
    expect(refuses('GET', '/')).toBe(false);
    come();
    expect(refuses('GET', '/')).toBe(true);
    carried[1]?.emit('prefinish');
    expect(refuses('GET', '/')).toBe(false);
  });

  it('carries others while those who were answered take long to read', async () => {
    const app = express();
    app.use(createOverload({ isStrained: () => true, basePath: '', log: quiet }).carry);
    const big = Buffer.alloc(16 * 1024 * 1024);
    let answered = 0;
    app.get('/big', (_request, response) => {
      response.end(big);
      answered += 1;
    });
    app.get('/one', (_request, response) => response.sendStatus(200));
    const server = app.listen(0);
    const readers = Array.from({ length: mostUnderStrain }, () =>
      connect(portOf(server), '127.0.0.1').pause(),
    );
    for (const reader of readers) reader.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
    await vi.waitFor(() => expect(answered).toBe(mostUnderStrain));
    expect((await supertest(server).get('/one')).status).toBe(200);
    for (const reader of readers) reader.destroy();
    server.close();
  });

  it('is known by turns that are slow for long, and over when it rests', async () => {
    const isStrained = watchStrain({ spanMs: 200, slowTurnMs: 20 });
    for (let turns = 0; !isStrained() && turns < 100; turns += 1) await slowTurn(40);
    expect(isStrained()).toBe(true);
    await vi.waitFor(() => expect(isStrained()).toBe(false), 5_000);
  });

  it('is not one that has a burst to do', async () => {
    const isStrained = watchStrain({ spanMs: 500, slowTurnMs: 20 });
    const seen: boolean[] = [];
    for (let turns = 0; turns < 15; turns += 1) await slowTurn(40);
    for (let rests = 0; rests < 15; rests += 1) {
      await wait(100);
      seen.push(isStrained());
    }
    expect(seen).not.toContain(true);
  });
});

async function slowTurn(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end);
  await turn();
}
