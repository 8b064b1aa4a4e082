import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage, readWebhook, type Webhook } from '../../../src/twitch/index.ts';

const secret = 'a-webhook-secret';
const now = new Date('2026-11-22T10:05:00Z');
const online = {
  subscription: {
    id: '5f0c-sub-01',
    status: 'enabled',
    type: 'stream.online',
    version: '1',
    condition: { broadcaster_user_id: '70411220', odd: 7 },
    transport: { method: 'webhook', callback: 'https://x.example/' },
  },
  event: {
    id: '41998800123',
    broadcaster_user_id: '70411220',
    broadcaster_user_login: 'marlowe_plays',
    broadcaster_user_name: 'Marlowe_Plays',
    started_at: '2026-11-22T10:00:55Z',
  },
};

function delivery({
  id = 'befa7b53-d79d-478f-86b9-120f112b044e',
  timestamp = '2026-11-22T10:01:00.123456789Z',
  type = 'notification',
  body = JSON.stringify(online),
  headers = {},
}: {
  id?: string;
  timestamp?: string;
  type?: string;
  body?: string | Buffer;
  headers?: Record<string, string | string[] | undefined>;
} = {}) {
  const signature = createHmac('sha256', secret).update(id).update(timestamp).update(body).digest('hex');
  return {
    headers: {
      'twitch-eventsub-message-id': id,
      'twitch-eventsub-message-timestamp': timestamp,
      'twitch-eventsub-message-type': type,
      'twitch-eventsub-message-signature': `sha256=${signature}`,
      ...headers,
    },
    body: Buffer.from(body),
  };
}

const read = (request: Parameters<typeof readWebhook>[0]): Webhook =>
  readWebhook(request, { secrets: [secret], now });
const refused = (reason: string, status = 403) => ({ kind: 'refused', status, reason });

describe('readWebhook', () => {
  it('takes what an earlier secret has signed', () => {
    const secrets = ['another-secret', secret, 'a-third-secret'];
    expect(readWebhook(delivery(), { secrets, now })).toMatchObject({ kind: 'notification' });
  });

  it('reads a rightly signed notification', () => {
    expect(read(delivery())).toEqual({
      kind: 'notification',
      message: {
        messageId: 'befa7b53-d79d-478f-86b9-120f112b044e',
        sentAt: new Date('2026-11-22T10:01:00.123Z'),
        type: 'stream.online',
        version: '1',
        condition: { broadcaster_user_id: '70411220' },
        subscriptionId: '5f0c-sub-01',
        event: online.event,
      },
    });
  });

  it('lets a repeat pass, for the database decides', () => {
    expect(read(delivery({ headers: { 'twitch-eventsub-message-retry': '3' } })).kind).toBe('notification');
    expect(read(delivery()).kind).toBe('notification');
  });

  it('refuses a body, an id or a time that was not signed', () => {
    const { headers, body } = delivery();
    expect(read({ headers, body: Buffer.concat([body, Buffer.from(' ')]) })).toEqual(refused('signature'));
    expect(read(delivery({ headers: { 'twitch-eventsub-message-id': 'another' } }))).toEqual(
      refused('signature'),
    );
    const time = { 'twitch-eventsub-message-timestamp': '2026-11-22T10:01:01Z' };
    expect(read(delivery({ headers: time }))).toEqual(refused('signature'));
    expect(readWebhook(delivery(), { secrets: ['another-secret'], now })).toEqual(refused('signature'));
    expect(readWebhook(delivery(), { secrets: [], now })).toEqual(refused('signature'));
  });

  it.each([
    undefined,
    '',
    'sha256=',
    `sha256=${'0'.repeat(63)}`,
    `sha256=${'0'.repeat(65)}`,
    `sha1=${'0'.repeat(64)}`,
    `sha256=${'g'.repeat(64)}`,
    '0'.repeat(64),
    [`sha256=${'0'.repeat(64)}`],
  ])('refuses the signature %j', (signature) => {
    const headers = { 'twitch-eventsub-message-signature': signature };
    expect(read(delivery({ headers }))).toEqual(refused('headers'));
  });

  it.each(['', 'a b', 'a,b', 'a:b', 'ä', 'a\n', 'x'.repeat(256)])(
    'refuses the id %j although signed',
    (id) => {
      expect(read(delivery({ id }))).toEqual(refused('headers'));
    },
  );

  it.each([
    '2026-11-22',
    '2026-11-22T10:01:00',
    '2026-11-22T10:01:00+00:00',
    '2026-11-22T10:01:00.Z',
    '2026-11-22T10:01:00.1234567890Z',
    '2026-13-45T10:01:00Z',
    '026-11-22T10:01:00Z',
    '12026-11-22T10:01:00Z',
    ' 2026-11-22T10:01:00Z',
    '+002026-11-22T10:01:00Z',
    '1795341660',
  ])('refuses the time %j although signed', (timestamp) => {
    expect(read(delivery({ timestamp }))).toEqual(refused('headers'));
  });

  it.each([
    ['2026-11-22T09:55:00Z', 'notification'],
    ['2026-11-22T10:15:00Z', 'notification'],
    ['2026-11-22T09:54:59Z', 'refused'],
    ['2026-11-22T10:15:01Z', 'refused'],
  ])('takes ten minutes in both directions: %s is a %s', (timestamp, kind) => {
    expect(read(delivery({ timestamp })).kind).toBe(kind);
  });

  it.each(['message-id', 'message-timestamp', 'message-signature', 'message-type'])(
    'refuses a missing or doubled %s',
    (name) => {
      const full = `twitch-eventsub-${name}`;
      const value = new Map(Object.entries(delivery().headers)).get(full);
      const doubled = `${String(value)}, ${String(value)}`;
      for (const other of [undefined, doubled, [String(value)], [String(value), String(value)]])
        expect(read(delivery({ headers: { [full]: other } }))).toEqual(refused('headers'));
    },
  );

  it('refuses every way to move characters between id, time and body', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_=+/.-]{1,80}$/);
    // A time may also be written with a sign and six digits of a year.
    const tail = fc.constantFrom('', '+00', '-00', '+0', '0', 'T');
    const fraction = fc.stringMatching(/^(\.\d{1,9})?$/);
    fc.assert(
      fc.property(id, tail, fraction, (head, end, digits) => {
        const messageId = `${head}${end}`;
        const original = delivery({ id: messageId, timestamp: `2026-11-22T10:01:00${digits}Z` });
        const timestamp = original.headers['twitch-eventsub-message-timestamp'];
        const signed = `${messageId}${timestamp}${original.body.toString()}`;
        expect(read(original).kind).toBe('notification');
        for (let first = 0; first < messageId.length + timestamp.length; first += 1) {
          for (let length = 15; length <= 36; length += 1) {
            if (first === messageId.length && length === timestamp.length) continue;
            const headers = {
              ...original.headers,
              'twitch-eventsub-message-id': signed.slice(0, first),
              'twitch-eventsub-message-timestamp': signed.slice(first, first + length),
            };
            const moved = read({ headers, body: Buffer.from(signed.slice(first + length)) });
            expect(moved.kind).toBe('refused');
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('gives a challenge back exactly, for a shard too', () => {
    const body = JSON.stringify({ challenge: 'pogchamp-kappa-360noscope-vohiyo', subscription: {} });
    const type = 'webhook_callback_verification';
    const challenge = 'pogchamp-kappa-360noscope-vohiyo';
    expect(read(delivery({ type, body }))).toEqual({ kind: 'challenge', challenge });
    expect(read(delivery({ type, body: JSON.stringify({ challenge, conduit_shard: {} }) })).kind).toBe(
      'challenge',
    );
  });

  it.each([
    {},
    { challenge: '' },
    { challenge: 7 },
    { challenge: 'a\r\nb' },
    { challenge: 'x'.repeat(1001) },
  ])('refuses the challenge of %j', (body) => {
    const request = delivery({ type: 'webhook_callback_verification', body: JSON.stringify(body) });
    expect(read(request)).toEqual(refused('body', 400));
  });

  it('reads a revocation, and none from a notification under another name', () => {
    const subscription = { ...online.subscription, status: 'authorization_revoked' };
    expect(read(delivery({ type: 'revocation', body: JSON.stringify({ subscription }) }))).toEqual({
      kind: 'revocation',
      subscriptionId: '5f0c-sub-01',
      type: 'stream.online',
      status: 'authorization_revoked',
    });
    expect(read(delivery({ type: 'revocation' }))).toEqual({ kind: 'ignored', type: 'revocation' });
  });

  it('ignores signed types and shapes that it does not know', () => {
    expect(read(delivery({ type: 'news' }))).toEqual({ kind: 'ignored', type: 'news' });
    const batch = JSON.stringify({ subscription: online.subscription, events: [] });
    expect(read(delivery({ body: batch }))).toEqual({ kind: 'ignored', type: 'notification' });
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '7'],
    ['cut JSON', '{"subscription":{'],
    ['an array 20,000 deep', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['200,000 open brackets', '['.repeat(200_000)],
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0])],
    ['NUL', '\0'],
  ])('refuses %s although signed', (_, body) => {
    expect(read(delivery({ body }))).toEqual(refused('body', 400));
  });

  it('refuses more than a megabyte, signed or not', () => {
    expect(read(delivery({ body: ' '.repeat(2_000_000) }))).toEqual(refused('size', 413));
  });

  it('reads lone surrogates and deep events without harm', () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const body = JSON.stringify(online).replace(
      '"event":{',
      String.raw`"event":{"title":"\ud800","deep":${deep},`,
    );
    const webhook = read(delivery({ body }));
    expect(webhook.kind === 'notification' && readMessage(webhook.message, 'webhook').what).toBe('event');
  });

  it('never throws, whatever is signed and said', () => {
    const header = fc.oneof(fc.string(), fc.constant(undefined), fc.array(fc.string()));
    const value = fc.oneof(fc.json(), fc.string());
    fc.assert(
      fc.property(value, header, fc.constantFrom('notification', 'revocation', 'x'), (body, odd, type) => {
        expect(read(delivery({ type, body })).kind).not.toBe('notification');
        expect(read(delivery({ body, headers: { 'twitch-eventsub-message-id': odd } })).kind).not.toBe(
          'challenge',
        );
      }),
    );
  });
});
