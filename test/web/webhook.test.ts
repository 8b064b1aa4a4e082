import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { receiveWebhook, type WebhookParts, type WebhookReading } from '../../src/web/handlers/webhook.ts';
import { startApp, type TestApp } from '../support/app.ts';
import {
  describeOnEveryDatabase,
  describeOnServer,
  type OpenDatabase,
  openSqlite,
} from '../support/databases.ts';
import { portOf } from '../support/port.ts';
import { streamer } from '../support/streamers.ts';
import {
  delivery,
  onlineNotification,
  raidNotification,
  type WebhookDelivery,
  webhookSecret,
} from '../support/webhook.ts';

const address = '/twitch/webhooks/eventsub';
let app: TestApp;

async function begin(
  open: OpenDatabase = openSqlite,
  environment: Record<string, string> = {},
): Promise<void> {
  app = await startApp({ TWITCH_EVENTSUB_SECRET: webhookSecret, ...environment }, open);
  await app.store.streamers.saveProfiles([streamer()], new Date());
}

async function post({ body, headers }: WebhookDelivery, to = address): Promise<Response> {
  return await fetch(app.origin + to, { method: 'POST', body, headers });
}

async function stored(): Promise<number> {
  const row = await app.knex('stream_events').count({ total: '*' }).first<{ total: number | string }>();
  return Number(row.total);
}

describeOnEveryDatabase('A webhook', (open) => {
  beforeEach(async () => await begin(open));
  afterEach(async () => await app.close());

  it('is acknowledged when it is stored, and stored once however often it comes', async () => {
    const raid = delivery(raidNotification('1001'));
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(raid)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await stored()).toBe(1);
    expect(await answers[0]?.text()).toBe('');
  });

  it('is taken at the address with the mark of a secret, and at no other', async () => {
    const raid = delivery(raidNotification('1001'));
    expect((await post(raid, `${address}?key=0123abcd`)).status).toBe(204);
    expect((await post(raid, `${address}x?key=0123abcd`)).status).not.toBe(204);
    expect((await post(raid, `${address}/x`)).status).not.toBe(204);
  });

  it('about a stranger is acknowledged and not stored', async () => {
    expect((await post(delivery(raidNotification('4040')))).status).toBe(204);
    expect(await stored()).toBe(0);
  });

  it('reaches the page of who listens', async () => {
    app.feed.start();
    const heard: string[] = [];
    await app.feed.subscribe((events) => void heard.push(...events.map(({ kind }) => kind)));
    await post(delivery(onlineNotification('1001')));
    await vi.waitFor(() => expect(heard).toEqual(['live']));
    await app.feed.stop();
  });

  it('that cannot be stored is not acknowledged, and is stored when it comes again', async () => {
    const raid = delivery(raidNotification('1001'));
    const away = 'stream_events_away';
    await app.knex.schema.renameTable('stream_events', away);
    const refused = await post(raid);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await refused.text()).toBe('');
    await app.knex.schema.renameTable(away, 'stream_events');
    expect((await post(raid)).status).toBe(204);
    expect(await stored()).toBe(1);
  });
});

describeOnServer('A webhook that does not fit the database', (open) => {
  beforeEach(async () => await begin(open));
  afterEach(async () => await app.close());

  it('is not acknowledged, while others are', async () => {
    await app.knex.raw('ALTER TABLE stream_events MODIFY kind VARCHAR(4) NOT NULL');
    const going = delivery(onlineNotification('1001'));
    const stopping = delivery({
      subscription: { type: 'stream.offline', version: '1', condition: { broadcaster_user_id: '1001' } },
      event: { broadcaster_user_id: '1001', broadcaster_user_login: 'nova', broadcaster_user_name: 'Nova' },
    });
    expect(
      (await Promise.all([going, stopping].map((each) => post(each)))).map(({ status }) => status),
    ).toEqual([204, 400]);
    expect(await app.knex('stream_events').pluck('kind')).toEqual(['live']);
  });
});

describe('The answer to a notification', () => {
  it.each([
    ['stored', 204],
    ['merged', 204],
    ['known', 204],
    ['unknown-streamer', 204],
    ['withdrawn', 204],
    ['ignored', 204],
    ['refused', 400],
  ] as const)('whose event is %s is %i', async (outcome, status) => {
    expect((await answerTo(async () => outcome)).status).toBe(status);
  });

  it.each([
    ['5', new Error('broken')],
    ['1', new AppError('unavailable', 'Too many events wait to be stored.', { retryAfterS: 1 })],
  ])('that cannot be stored now is 503, to be sent again after %s s', async (pause, error) => {
    const answer = await answerTo(async () => await Promise.reject(error));
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, pause]);
  });
});

describe('The door of webhooks', () => {
  beforeEach(async () => await begin());
  afterEach(async () => await app.close());

  it('answers a challenge with exactly that, as plain text', async () => {
    const challenge = 'pogchamp-kappa-360noscope-vohiyo <b>';
    const type = 'webhook_callback_verification';
    const answer = await post(delivery({ challenge, subscription: {} }, { type }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/plain');
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(Number(answer.headers.get('Content-Length'))).toBe(challenge.length);
    expect(await answer.text()).toBe(challenge);
    const forged = await post(delivery({ challenge }, { type, secret: 'another secret' }));
    expect(forged.status).toBe(403);
    expect(await forged.text()).not.toContain('pogchamp');
  });

  it('takes note of a revocation that is signed', async () => {
    const subscription = {
      id: 'sub-1',
      type: 'stream.online',
      status: 'user_removed',
      version: '1',
      condition: {},
    };
    const { status } = await post(delivery({ subscription }, { type: 'revocation' }));
    expect(status).toBe(204);
    expect(app.logLines.join('')).toContain('user_removed');
  });

  it.each([
    ['nothing', 'null'],
    ['a list', '[]'],
    ['text', '"hello"'],
    ['a number', '1'],
    ['nothing at all', ''],
    ['brackets, 20,000 deep', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['a lone surrogate', '{"subscription":{"type":"channel.raid","condition":{}},"event":{"a":"\\ud800"}}'],
    ['a NUL', '{"subscription":{"type":"channel.raid","condition":{}},"event":{"a":"\\u0000"}}'],
    ['an unknown type', '{"subscription":{"type":"channel.cake","version":"1","condition":{}},"event":{}}'],
  ])('answers signed %s with 2xx or 4xx, and stores nothing', async (_what, body) => {
    const { status } = await post(delivery(body));
    expect(status === 204 || (status >= 400 && status < 500)).toBe(true);
    expect(await stored()).toBe(0);
  });

  it.each(['a\u0000b', '\ud83d\udc19', 'x'.repeat(10_000), '=SUM(A1)', '<script>'])(
    'stores a raid by somebody with an odd name',
    async (name) => {
      expect((await post(delivery(raidNotification('1001', name)))).status).toBe(204);
      expect(await stored()).toBe(1);
    },
  );

  it('refuses what is too long, declared or not', async () => {
    const long = delivery('x'.repeat(2 * 1024 * 1024));
    expect((await post(long)).status).toBe(413);
    const stream = new Response(long.body).body;
    const trickled = await fetch(app.origin + address, {
      method: 'POST',
      headers: long.headers,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(trickled.status).toBe(413);
  });

  it('does not unpack what is compressed', async () => {
    const raid = delivery(raidNotification('1001'));
    const { status } = await post({ ...raid, headers: { ...raid.headers, 'Content-Encoding': 'gzip' } });
    // The bytes are what was signed, whatever a header calls them.
    expect(status).toBe(204);
  });

  it('asks neither for a session nor for an origin, and sets no cookie', async () => {
    const raid = delivery(raidNotification('1001'));
    const answer = await post({ ...raid, headers: { ...raid.headers, Origin: 'https://elsewhere.example' } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('Set-Cookie')).toBeNull();
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(answer.headers.get('Permissions-Policy')).toContain('camera=()');
  });

  it('does not acknowledge what the database will never take', async () => {
    await app.knex.raw(
      "CREATE TRIGGER no_raids BEFORE INSERT ON stream_events BEGIN SELECT RAISE(ABORT, 'no raids'); END",
    );
    const answer = await post(delivery(raidNotification('1001')));
    expect([answer.status, await answer.text(), await stored()]).toEqual([400, '', 0]);
    await app.knex.raw('DROP TRIGGER no_raids');
  });

  it('is closed to other methods', async () => {
    expect((await fetch(app.origin + address)).status).toBe(404);
    expect((await fetch(app.origin + address, { method: 'PUT' })).status).toBe(403);
  });

  it('says good-bye to connections while draining', async () => {
    app.lifecycle.isDraining = true;
    const answer = await post(delivery(raidNotification('1001')));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('Connection')).toBe('close');
  });

  it(
    'stands through a flood of forgeries: nothing stored, no 5xx, no growth',
    { timeout: 120_000 },
    async () => {
      const count = process.env['CI'] === 'true' ? 100_000 : 20_000;
      const good = delivery(raidNotification('1001'), { id: 'replayed-1' });
      const late = new Date(Date.now() - 11 * 60_000).toISOString();
      const requests = [
        delivery(raidNotification('1001'), { secret: 'a wrong secret' }),
        delivery(raidNotification('1001'), { at: late }),
        delivery(raidNotification('1001'), { at: new Date(Date.now() + 11 * 60_000).toISOString() }),
        // A character moved over keeps the signature.
        moved(good),
        { ...delivery('{'), headers: {} },
        delivery('{"subscription"', { type: 'notification' }),
        delivery('null'),
        { ...good, body: `${String(good.body)} ` },
      ].map(toBytes);
      await flood(requests, 4_000);
      const before = memoryInUse();
      const statuses = await flood(requests, count);
      expect([...statuses.keys()].toSorted()).toEqual(['400', '403']);
      expect([...statuses.values()].reduce((sum, each) => sum + each, 0)).toBe(count);
      expect(await stored()).toBe(0);
      // What waits for a turn of the loop is no growth.
      await vi.waitFor(() => expect(memoryInUse() - before).toBeLessThan(8 * 1024 * 1024), {
        timeout: 5_000,
        interval: 250,
      });
      // Log lines are kept by the test: there must be few.
      expect(app.logLines.length).toBeLessThan(100);
      expect((await post(delivery(raidNotification('1001')))).status).toBe(204);
      expect(await stored()).toBe(1);
    },
  );
});

describe('A mere listener', () => {
  afterEach(async () => await app.close());

  it('hears webhooks too', async () => {
    await begin(openSqlite, { ROLE: 'listener' });
    expect((await post(delivery(raidNotification('1001')))).status).toBe(204);
    expect(await stored()).toBe(1);
  });
});

async function answerTo(hear: WebhookParts['webhook']['hear']): Promise<Response> {
  const logger = { info: () => undefined, warn: () => undefined };
  const parts = {
    webhook: { read: readAny, hear, revoked: () => undefined },
    logger,
    isDraining: () => false,
  };
  const server = createServer(receiveWebhook(parts)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${portOf(server)}`, { method: 'POST', body: '{}' });
  server.closeAllConnections();
  server.close();
  return answer;
}

function readAny(): WebhookReading {
  const rest = { version: '1', condition: {}, subscriptionId: null, event: null };
  return {
    kind: 'notification',
    message: { messageId: 'm', sentAt: new Date(), type: 'channel.raid', ...rest },
  };
}

function moved({ body, headers }: WebhookDelivery): WebhookDelivery {
  const id = headers['Twitch-Eventsub-Message-Id'] ?? '';
  const at = headers['Twitch-Eventsub-Message-Timestamp'] ?? '';
  const shifted = {
    'Twitch-Eventsub-Message-Id': id.slice(0, -1),
    'Twitch-Eventsub-Message-Timestamp': id.slice(-1) + at,
  };
  return { body, headers: { ...headers, ...shifted } };
}

function toBytes({ body, headers }: WebhookDelivery): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return `POST ${address} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${lines.join('')}\r\n${String(body)}`;
}

/** Sends so many requests over twenty connections, fifty on each at a time; how often each status came. */
async function flood(requests: string[], count: number): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  const each = count / 20;
  const port = Number(new URL(app.origin).port);
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      let sent = 0;
      let answered = 0;
      let rest = '';
      const more = (): void => {
        const batch = Math.min(50, each - sent);
        socket.write(Array.from({ length: batch }, () => requests[sent++ % requests.length]).join(''));
      };
      socket.on('data', (chunk: string) => {
        const text = rest + chunk;
        // What may be the beginning of a status line waits for the rest of it.
        const safe = Math.max(0, text.lastIndexOf('\n') + 1);
        rest = text.slice(safe);
        for (const [, status = ''] of text.slice(0, safe).matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          answered += 1;
        }
        if (answered === each) socket.destroy();
        else if (answered === sent) more();
      });
      await once(socket, 'connect');
      more();
      await once(socket, 'close');
    }),
  );
  return statuses;
}

/** Bytes of the heap and beside it that are still used after a collection. */
function memoryInUse(): number {
  setFlagsFromString('--expose_gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
