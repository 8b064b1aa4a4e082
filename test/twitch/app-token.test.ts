import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  clientSecret,
  failureOf,
  hang,
  json,
  reset,
  slow,
  startFakeTwitch,
  status,
} from './fake-twitch.ts';
import { wireUser, type FakeTwitch } from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

const tokensUsed = () => fake.asked('/users').map(({ headers }) => headers.authorization);
const users = json({ data: [wireUser('1')] });

describe('the app token', () => {
  it('is bought by client credentials in the body, once for all calls', async () => {
    fake.script(
      '/token',
      slow(30, json({ access_token: 'app', expires_in: 5_000_000, token_type: 'bearer' })),
    );
    const twitch = clientOf(fake);
    await Promise.all([
      twitch.usersByIds(['1']),
      twitch.streamsByUserIds(['1']),
      twitch.channelsByIds(['1']),
      twitch.searchChannels('a', 1),
    ]);
    await twitch.usersByIds(['2']);
    expect(fake.asked('/token')).toHaveLength(1);
    const [request] = fake.asked('/token');
    expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      client_id: 'client-1',
      client_secret: clientSecret,
      grant_type: 'client_credentials',
    });
  });

  it('is renewed before it ends, without anyone waiting', async () => {
    let time = Date.parse('2026-11-22T08:00:00Z');
    const twitch = clientOf(fake, { now: () => new Date(time) });
    await twitch.usersByIds(['1']);
    time += 4_400_000_000;
    await twitch.usersByIds(['1']);
    expect(fake.asked('/token')).toHaveLength(1);
    time += 200_000_000;
    await twitch.usersByIds(['1']);
    await expect.poll(() => fake.asked('/token').length).toBe(2);
    await expect.poll(() => twitch.usersByIds(['1']).then(() => tokensUsed().at(-1))).toBe('Bearer app-2');
    expect(tokensUsed().slice(0, 3)).toEqual(['Bearer app-1', 'Bearer app-1', 'Bearer app-1']);
  });

  it('goes on working while its renewal fails, and is never used beyond its end', async () => {
    let time = Date.parse('2026-11-22T08:00:00Z');
    const twitch = clientOf(fake, { now: () => new Date(time) });
    await twitch.usersByIds(['1']);
    fake.script('/token', status(500));
    time += 4_900_000_000;
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
    time += 200_000_000;
    expect(await failureOf(twitch.usersByIds(['1']))).toMatchObject({ path: '/token', status: 500 });
  });

  it('is replaced once when Twitch answers 401, and the call repeated once', async () => {
    fake.script('/users', status(401), users);
    expect(await clientOf(fake).usersByIds(['1'])).toHaveLength(1);
    expect(tokensUsed()).toEqual(['Bearer app-1', 'Bearer app-2']);
  });

  it('is not hammered for when 401 stays', async () => {
    fake.script('/users', status(401));
    const failure = await failureOf(clientOf(fake).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'unauthorised', status: 401, path: '/users' });
    expect(fake.asked('/users')).toHaveLength(2);
    expect(fake.asked('/token')).toHaveLength(2);
  });

  it('is replaced once for many calls that meet 401 together', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => String(index));
    fake.script('/users', (response, request) => {
      const answer = request.headers.authorization === 'Bearer app-1' ? status(401) : users;
      answer(response, request);
    });
    await clientOf(fake).usersByIds(ids);
    expect(fake.asked('/token')).toHaveLength(2);
  });

  it('is kept when a late 401 speaks of the one before', async () => {
    fake.script('/streams', slow(150, status(401)), json({ data: [] }));
    fake.script('/users', status(401), users);
    const twitch = clientOf(fake);
    const late = twitch.streamsByUserIds(['1']);
    await expect.poll(() => fake.asked('/streams').length).toBe(1);
    await twitch.usersByIds(['1']);
    await late;
    expect(fake.asked('/token')).toHaveLength(2);
    expect(fake.asked('/streams').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer app-1',
      'Bearer app-2',
    ]);
  });

  it('keeps nobody waiting beyond the deadline of the call', async () => {
    fake.script('/token', json({ access_token: 'first', expires_in: 100 }), hang);
    fake.script('/users', slow(600, status(401)));
    const begun = performance.now();
    const failure = await failureOf(clientOf(fake, { deadlineMs: 1000 }).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'unavailable', path: '/token' });
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('is fetched over a fresh connection, for a request lost on a stale one could not be repeated', async () => {
    await clientOf(fake).usersByIds(['1']);
    expect(fake.asked('/token')[0]?.headers.connection).toBe('close');
    expect(fake.asked('/users')[0]?.headers.connection).toBe('keep-alive');
  });

  it.each([
    ['a 5xx', status(503)],
    ['a broken connection', reset],
  ])('is asked for twice after %s', async (_, fault) => {
    fake.script('/token', fault, json({ access_token: 'second', expires_in: 100 }));
    await clientOf(fake).usersByIds(['1']);
    expect(tokensUsed()).toEqual(['Bearer second']);
  });

  it.each([400, 401, 403])('is asked for once when the client is refused by %i', async (code) => {
    fake.script('/token', status(code));
    const failure = await failureOf(clientOf(fake).usersByIds(['1']));
    expect(failure).toMatchObject({ status: code, path: '/token' });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['no token', {}],
    ['a token that breaks the header', { access_token: 'a\r\nX-Evil: 1', expires_in: 9 }],
    ['no lifetime', { access_token: 'a', expires_in: null }],
  ])('is malformed with %s', async (_, body) => {
    fake.script('/token', json(body));
    expect(await failureOf(clientOf(fake).usersByIds(['1']))).toMatchObject({
      kind: 'malformed',
      path: '/token',
    });
  });
});
