import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Twitch } from '../../src/twitch/index.ts';
import {
  clientOf,
  clientSecret,
  cut,
  failureOf,
  hang,
  json,
  raw,
  reset,
  startFakeTwitch,
  status,
} from './fake-twitch.ts';
import { wireUser, type FakeTwitch, type Script } from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

const users = json({ data: [wireUser('1')] });

describe('a GET', () => {
  it.each<[string, Script]>([
    ['500', status(500)],
    ['502', raw('<h1>Bad gateway</h1>', 502)],
    ['503', status(503)],
    ['a reset connection', reset],
    ['half a body', cut],
  ])('is repeated once after %s', async (_, fault) => {
    fake.script('/users', fault, users);
    const twitch = clientOf(fake);
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
    fake.script('/users', fault);
    expect((await failureOf(twitch.usersByIds(['1']))).kind).toBe('unavailable');
    expect(fake.asked('/users')).toHaveLength(4);
  });

  it.each<[string, Script, object]>([
    ['cut JSON', raw('{"data":[{"id":'), { kind: 'malformed', status: 200 }],
    [
      'HTML',
      raw('<!doctype html><p>Hello', 200, { 'Content-Type': 'text/html' }),
      { kind: 'malformed', status: 200 },
    ],
    ['nothing', raw(''), { kind: 'malformed', status: 200 }],
    ['a page without data', json({ items: [] }), { kind: 'malformed', status: 200 }],
    ['null', json(null), { kind: 'malformed', status: 200 }],
    [
      'an array 20,000 deep',
      raw('['.repeat(20_000) + ']'.repeat(20_000)),
      { kind: 'malformed', status: 200 },
    ],
    ['400', status(400), { kind: 'rejected', status: 400 }],
    ['404', status(404), { kind: 'rejected', status: 404 }],
  ])('fails at once after %s', async (_, answer, failure) => {
    fake.script('/users', answer);
    expect(await failureOf(clientOf(fake).usersByIds(['1']))).toMatchObject({ ...failure, path: '/users' });
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('does not follow a redirect', async () => {
    fake.script('/users', raw('', 302, { Location: `${fake.url}/api/elsewhere` }));
    fake.script('/elsewhere', users);
    expect(await failureOf(clientOf(fake).usersByIds(['1']))).toMatchObject({
      kind: 'malformed',
      status: 302,
    });
    expect(fake.asked('/elsewhere')).toEqual([]);
  });

  it('reads no more than it must', async () => {
    fake.script('/users', json({ data: [], filler: 'x'.repeat(200_000) }));
    const twitch = clientOf(fake, { pace: { maxResponseBytes: 100_000 } });
    expect((await failureOf(twitch.usersByIds(['1']))).kind).toBe('malformed');
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('does not tell a proxy that the environment names', async () => {
    const before = process.env.http_proxy;
    process.env.http_proxy = 'http://127.0.0.1:9';
    try {
      expect(await clientOf(fake).usersByIds(['1'])).toHaveLength(1);
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
  });
});

describe('an error', () => {
  const secrets = [clientSecret, 'app-1', 'secret-code', 'secret-refresh', 'secret-access', 'secret-query'];
  const calls: [string, (twitch: Twitch) => Promise<unknown>][] = [
    ['searchChannels', (twitch) => twitch.searchChannels('secret-query', 5)],
    ['usersByIds', (twitch) => twitch.usersByIds(['1'])],
    ['exchangeCode', (twitch) => twitch.exchangeCode('secret-code', 'https://example.test')],
    ['refresh', (twitch) => twitch.refresh('secret-refresh')],
    ['validate', (twitch) => twitch.validate('secret-access')],
    ['revoke', (twitch) => twitch.revoke('secret-access')],
  ];
  const faults: [string, Script][] = [
    [
      'a refusal that echoes',
      (response, { form, headers, query }) => {
        raw(JSON.stringify({ form: String(form), headers, query: String(query) }), 418)(response, {
          form,
          headers,
          query,
          method: '',
          path: '',
          body: '',
        });
      },
    ],
    ['a 500', status(500)],
    ['a reset', reset],
    ['half a body', cut],
    ['HTML', raw('<p>')],
    ['silence', hang],
  ];

  it.each(faults)('holds neither token nor secret after %s, however it is printed', async (_, fault) => {
    for (const path of ['/users', '/search/channels', '/validate', '/revoke']) fake.script(path, fault);
    const logged: unknown[] = [];
    const twitch = clientOf(fake, { deadlineMs: 150, log: (entry) => logged.push(entry) });
    await failureOf(twitch.usersByIds(['1']));
    fake.script('/token', fault);
    for (const [, call] of calls) {
      const error: unknown = await call(twitch).then(
        () => null,
        (caught: unknown) => caught,
      );
      const printed = [
        JSON.stringify(error),
        inspect(error, { depth: null, showHidden: true }),
        error instanceof Error ? `${error.stack} ${error.message} ${String(error.cause)}` : '',
        JSON.stringify(logged),
      ].join('\n');
      for (const secret of secrets) expect(printed).not.toContain(secret);
    }
  });

  it('shows that the test above can see a leak', () => {
    const leak = new Error('x', { cause: { config: { data: clientSecret } } });
    expect(inspect(leak, { depth: null, showHidden: true })).toContain(clientSecret);
  });

  it('names the path and the status in its message', async () => {
    fake.script('/users', status(404));
    expect((await failureOf(clientOf(fake).usersByIds(['1']))).message).toBe('Twitch /users: rejected (404)');
  });
});

describe('a host that nobody answers for', () => {
  it('is unavailable', async () => {
    await fake.close();
    expect(await failureOf(clientOf(fake).usersByIds(['1']))).toMatchObject({
      kind: 'unavailable',
      status: null,
    });
  });
});
