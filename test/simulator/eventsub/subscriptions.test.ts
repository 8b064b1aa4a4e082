import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../running-simulator.ts';
import { patience, runEventSub } from './subscriber.ts';

const webhook = { method: 'webhook', callback: 'https://example.org/hook', secret: '0123456789' };

/** A simulator with an app token and a conduit, and wishes about otto unless others are named. */
async function application(settings: Parameters<typeof runEventSub>[0] = {}) {
  const twitch = await runEventSub(settings);
  const token = await twitch.appToken();
  const made = await twitch.api('POST', '/conduits', token, { shard_count: 1 });
  const transport = { method: 'conduit', conduit_id: made.data[0]?.['id'] };
  const about = (login: string) => ({ broadcaster_user_id: twitch.idOf(login) });
  const wish = (type: string, condition: Record<string, string> = about('otto'), version = '1') =>
    twitch.subscribe(token, transport, type, condition, version);
  return { ...twitch, appAccess: token, transport, about, wish };
}

describe('POST /subscriptions', () => {
  it('answers 202 with the subscription and the budget', async () => {
    const { wish, about, transport } = await application();
    const { status, data, body } = await wish('stream.online');
    expect(status).toBe(202);
    expect(data).toMatchObject([
      {
        type: 'stream.online',
        version: '1',
        status: 'enabled',
        condition: about('otto'),
        transport,
        cost: 1,
      },
    ]);
    expect(body).toMatchObject({ total: 1, total_cost: 1, max_total_cost: 10_000 });
  });

  it('fills up what a raid does not name, and wants exactly one side', async () => {
    const { wish, idOf } = await application();
    const [from, to] = [idOf('otto'), idOf('ironpetal')];
    const both = { from_broadcaster_user_id: from, to_broadcaster_user_id: to };
    const { data } = await wish('channel.raid', { to_broadcaster_user_id: to });
    expect(data[0]?.['condition']).toEqual({ ...both, from_broadcaster_user_id: '' });
    expect((await wish('channel.raid', both)).status).toBe(400);
    expect((await wish('channel.raid', {})).status).toBe(400);
  });

  it('costs nothing about somebody who has let the application in', async () => {
    const { wish, about, userToken } = await application();
    await userToken('mossandmarble', '');
    expect((await wish('stream.online', about('mossandmarble'))).data[0]?.['cost']).toBe(0);
    expect((await wish('stream.online', about('otto'))).data[0]?.['cost']).toBe(1);
  });

  it('answers 400 to what makes no sense', async () => {
    const { wish, api, appAccess, subscribe, about, transport, simulator } = await application();
    simulator.world.ban('ironpetal');
    const statuses = await Promise.all([
      wish('stream.sneezed'),
      wish('channel.update'),
      wish('stream.online', { broadcaster_user_id: '1' }),
      wish('stream.online', about('ironpetal')),
      wish('stream.online', {}),
      wish('stream.online', { ...about('otto'), user_id: '1' }),
      wish('user.authorization.revoke', { client_id: 'somebody-else' }),
      api('POST', '/subscriptions', appAccess, { type: 'stream.online' }),
      subscribe(appAccess, { ...transport, conduit_id: 'none' }, 'stream.online', about('otto')),
      subscribe(appAccess, { ...webhook, secret: 'short' }, 'stream.online', about('otto')),
      ...['http://example.org/', 'https://example.org:8443/', 'http://127.0.0.1:1/', 'nonsense'].map(
        (callback) => subscribe(appAccess, { ...webhook, callback }, 'stream.online', about('otto')),
      ),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual(statuses.map(() => 400));
    expect((await wish('stream.online')).status).toBe(202);
  });

  it('answers 401 to the wrong kind of token', async () => {
    const { appAccess, userToken, subscribe, about, dial, transport } = await application();
    const line = await dial();
    const user = await userToken('ada_follows', '');
    const statusOf = async (token: string, on: object) =>
      (await subscribe(token, on, 'stream.online', about('otto'))).status;
    expect(await statusOf(appAccess, line.transport)).toBe(401);
    expect(await statusOf(user, transport)).toBe(401);
    expect(await statusOf('invented', transport)).toBe(401);
    expect(await statusOf(user, line.transport)).toBe(202);
  });

  it('answers 409 with the id of the one that exists', async () => {
    const { wish } = await application();
    const first = await wish('stream.online');
    const second = await wish('stream.online');
    expect(second.status).toBe(409);
    expect(second.body['id']).toBe(first.data[0]?.['id']);
  });

  it('answers 409 about a socket that is gone, and counts it, until that is noticed', async () => {
    const { subscribe, userToken, api, dial, about, eventSub, simulator } = await application({
      eventSub: { lostSocketMs: 500 },
    });
    const [user, lost] = [await userToken('ada_follows', ''), await dial()];
    const logins = simulator.world.everybody().map(({ login }) => login);
    for (const login of logins.slice(0, 10))
      await subscribe(user, lost.transport, 'stream.online', about(login));
    const other = await userToken('lurkinglena', '');
    const [line, others] = [await dial(), await dial()];
    lost.socket.terminate();
    await expect.poll(() => eventSub.openSockets(), patience).toBe(2);
    const again = (token: string, on: object, login = '') =>
      subscribe(token, on, 'stream.online', about(login));
    const [same, more, theirs, listed] = await Promise.all([
      again(user, line.transport, logins[0]),
      again(user, line.transport, logins[10]),
      again(other, others.transport, logins[0]),
      api('GET', '/subscriptions', user),
    ]);
    expect([same.status, more.status, theirs.status]).toEqual([409, 429, 202]);
    expect(same.body['id']).toBe(listed.data[0]?.['id']);
    expect(listed.body).toMatchObject({ total: 10, total_cost: 10 });
    await expect.poll(async () => (await again(user, line.transport, logins[0])).status, patience).toBe(202);
    const { data, body } = await api('GET', '/subscriptions', user);
    expect(data.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 10 }, () => 'websocket_disconnected'),
      'enabled',
    ]);
    expect(body).toMatchObject({ total_cost: 1 });
  });

  it('answers 429 to a fourth equal one', async () => {
    const { wish, subscribe, userToken, dial, about } = await application();
    const user = await userToken('ada_follows', '');
    const onSocket = async () =>
      (await subscribe(user, (await dial()).transport, 'stream.online', about('otto'))).status;
    expect([await onSocket(), await onSocket(), (await wish('stream.online')).status]).toEqual([
      202, 202, 202,
    ]);
    expect(await onSocket()).toBe(429);
  });

  it('answers 429 when the budget is spent, which a user has of 10', async () => {
    const { wish, subscribe, userToken, dial, about, simulator } = await application({
      eventSub: { maxTotalCost: 2 },
    });
    const logins = simulator.world
      .everybody()
      .map(({ login }) => login)
      .slice(0, 11);
    const app: number[] = [];
    for (const login of logins.slice(0, 3)) app.push((await wish('stream.online', about(login))).status);
    expect(app).toEqual([202, 202, 429]);
    const [user, line] = [await userToken('ada_follows', ''), await dial()];
    const own: number[] = [];
    for (const login of logins)
      own.push((await subscribe(user, line.transport, 'stream.online', about(login))).status);
    expect(own).toEqual([...logins.slice(0, 10).map(() => 202), 429]);
  });

  it('answers 429 to a fourth socket of a user', async () => {
    const { subscribe, userToken, dial, about } = await application();
    const user = await userToken('ada_follows', '');
    const statuses: number[] = [];
    for (const login of ['otto', 'ironpetal', 'fernhollow', 'wrenwright'])
      statuses.push((await subscribe(user, (await dial()).transport, 'stream.online', about(login))).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
  });

  it('answers 429 to the 101st chat of a reader', async () => {
    const { subscribe, userToken, dial, simulator, idOf, about } = await application();
    const user = await userToken('ada_follows', 'user:read:chat');
    const line = await dial();
    const type = 'channel.chat.notification';
    for (let count = 0; count < 40; count += 1) simulator.world.addStreamer({ login: `extra_${count}` });
    const logins = simulator.world.everybody().map(({ login }) => login);
    const statuses: number[] = [];
    for (const login of logins.filter((one) => one !== 'ada_follows').slice(0, 101))
      statuses.push(
        (await subscribe(user, line.transport, type, { ...about(login), user_id: idOf('ada_follows') }))
          .status,
      );
    expect([statuses.slice(0, 100).every((status) => status === 202), statuses[100]]).toEqual([true, 429]);
  });
});

describe('authorisation', () => {
  it('lets a reader hear chats with the scope, on a socket, as themselves', async () => {
    const { subscribe, userToken, dial, about, idOf } = await application();
    const chat = async (token: string, reader: string) => {
      const condition = { ...about('otto'), user_id: idOf(reader) };
      return subscribe(token, (await dial()).transport, 'channel.chat.notification', condition);
    };
    expect((await chat(await userToken('ada_follows', ''), 'ada_follows')).status).toBe(403);
    const token = await userToken('ada_follows', 'user:read:chat');
    await userToken('lurkinglena', 'user:read:chat');
    expect((await chat(token, 'lurkinglena')).status).toBe(403);
    const { status, data } = await chat(token, 'ada_follows');
    expect([status, data[0]?.['cost']]).toEqual([202, 0]);
  });

  it('wants two bots for a chat without a socket', async () => {
    const { wish, userToken, about, idOf } = await application();
    const status = async () =>
      (await wish('channel.chat.notification', { ...about('mossandmarble'), user_id: idOf('ada_follows') }))
        .status;
    await userToken('ada_follows', 'user:read:chat');
    expect(await status()).toBe(403);
    await userToken('ada_follows', 'user:read:chat user:bot');
    expect(await status()).toBe(403);
    await userToken('mossandmarble', 'channel:bot');
    expect(await status()).toBe(202);
  });

  it('tells of the own channel only who allowed it, with that very scope', async () => {
    const { wish, userToken, about, idOf } = await application();
    const owner = about('mossandmarble');
    const follow = { ...owner, moderator_user_id: idOf('mossandmarble') };
    await userToken('mossandmarble', 'bits:read');
    expect((await wish('channel.cheer', owner)).status).toBe(202);
    expect((await wish('channel.subscribe', owner)).status).toBe(403);
    expect((await wish('channel.follow', follow, '2')).status).toBe(403);
    await userToken('mossandmarble', 'moderator:read:followers channel:read:subscriptions');
    expect((await wish('channel.follow', follow, '2')).status).toBe(202);
    expect((await wish('channel.follow', { ...follow, ...about('otto') }, '2')).status).toBe(403);
  });
});

describe('GET and DELETE /subscriptions', () => {
  it('list what belongs to the token, filtered by one thing', async () => {
    const { wish, api, appAccess, subscribe, userToken, dial, about, idOf } = await application();
    await wish('stream.online');
    await wish('stream.offline', about('ironpetal'));
    const user = await userToken('ada_follows', '');
    await subscribe(user, (await dial()).transport, 'stream.online', about('fernhollow'));
    const types = async (token: string, query = '') =>
      (await api('GET', `/subscriptions${query}`, token)).data.map(({ type }) => type);
    expect(await types(appAccess)).toEqual(['stream.online', 'stream.offline']);
    expect(await types(user)).toEqual(['stream.online']);
    expect(await types(appAccess, '?type=stream.offline')).toEqual(['stream.offline']);
    expect(await types(appAccess, `?user_id=${idOf('otto')}`)).toEqual(['stream.online']);
    expect(await types(appAccess, '?status=authorization_revoked')).toEqual([]);
    expect((await api('GET', '/subscriptions?type=a&status=b', appAccess)).status).toBe(400);
    expect((await api('GET', '/subscriptions', appAccess)).body).toMatchObject({ total: 2, total_cost: 2 });
  });

  it('lists a hundred a page', async () => {
    const { simulator, wish, about, api, appAccess } = await application();
    for (let count = 0; count < 60; count += 1) simulator.world.addStreamer({ login: `extra_${count}` });
    for (const { login } of simulator.world.everybody().slice(0, 101))
      await wish('stream.online', about(login));
    const first = await api('GET', '/subscriptions', appAccess);
    const cursor = String(fieldsOf(first.body['pagination'])['cursor']);
    const second = await api('GET', `/subscriptions?after=${cursor}`, appAccess);
    expect([first.data.length, second.data.length, second.body['pagination']]).toEqual([100, 1, {}]);
  });

  it('delete one of the own, and answer 404 to any other', async () => {
    const { wish, api, appAccess, userToken } = await application();
    const { data } = await wish('stream.online');
    const path = `/subscriptions?id=${String(data[0]?.['id'])}`;
    expect((await api('DELETE', path, await userToken('ada_follows', ''))).status).toBe(404);
    expect((await api('DELETE', path, appAccess)).status).toBe(204);
    expect((await api('DELETE', path, appAccess)).status).toBe(404);
    expect((await wish('stream.online')).status).toBe(202);
  });

  it('are struck by faults, as all that servers ask', async () => {
    const { simulator, api, appAccess } = await application();
    simulator.faults.add({ path: '/helix/eventsub', kind: 'status', status: 500, times: 1 });
    expect((await api('GET', '/subscriptions', appAccess)).status).toBe(500);
    simulator.faults.outage(true);
    expect((await api('GET', '/conduits', appAccess)).status).toBe(503);
  });
});
