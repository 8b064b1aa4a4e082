import { describe, expect, it } from 'vitest';
import { runCallback } from './callback-server.ts';
import { patience, runEventSub } from './subscriber.ts';

/** A conduit with so many shards, and every stream of the cast subscribed on it. */
async function conduit(shardCount: number, settings: Parameters<typeof runEventSub>[0] = {}) {
  const twitch = await runEventSub(settings);
  const access = await twitch.appToken();
  const { data } = await twitch.api('POST', '/conduits', access, { shard_count: shardCount });
  const id = String(data[0]?.['id']);
  const attach = (shard: string, transport: object) =>
    twitch.api('PATCH', '/conduits/shards', access, {
      conduit_id: id,
      shards: [{ id: shard, transport }],
    });
  const wish = (type: string, condition: Record<string, string>) =>
    twitch.subscribe(access, { method: 'conduit', conduit_id: id }, type, condition);
  const shards = async () =>
    (await twitch.api('GET', `/conduits/shards?conduit_id=${id}`, access)).data.map(
      (shard) => shard['status'],
    );
  const logins = ['otto', 'ironpetal', 'fernhollow', 'wrenwright', 'quietcorner', 'gravelbeard'];
  const everybodyGoesLive = () => {
    for (const login of logins) twitch.simulator.world.goOffline(login);
    for (const login of logins) twitch.simulator.world.goLive(login);
  };
  for (const login of logins) await wish('stream.online', { broadcaster_user_id: twitch.idOf(login) });
  return { ...twitch, access, id, attach, wish, shards, everybodyGoesLive, count: logins.length };
}

describe('conduits', () => {
  it('are made, listed, resized and deleted by the application, at most five', async () => {
    const { api, access, id, userToken, eventSub } = await conduit(2);
    const ids = async () => (await api('GET', '/conduits', access)).data;
    expect(await ids()).toEqual([{ id, shard_count: 2 }]);
    expect((await api('PATCH', '/conduits', access, { id, shard_count: 3 })).data).toEqual([
      { id, shard_count: 3 },
    ]);
    expect((await api('PATCH', '/conduits', access, { id: 'none', shard_count: 3 })).status).toBe(404);
    expect((await api('POST', '/conduits', access, { shard_count: 0 })).status).toBe(400);
    expect((await api('GET', '/conduits', await userToken('ada_follows', ''))).status).toBe(401);
    for (let count = 0; count < 4; count += 1) await api('POST', '/conduits', access, { shard_count: 1 });
    expect((await api('POST', '/conduits', access, { shard_count: 1 })).status).toBe(429);
    expect((await api('DELETE', `/conduits?id=${id}`, access)).status).toBe(204);
    expect((await api('DELETE', `/conduits?id=${id}`, access)).status).toBe(404);
    expect(new Set(eventSub.subscriptions().map(({ status }) => status))).toEqual(
      new Set(['conduit_deleted']),
    );
  });

  it('spread channels over their shards', async () => {
    const { attach, dial, everybodyGoesLive, count } = await conduit(2);
    const [one, other] = [await dial(), await dial()];
    expect((await attach('0', one.transport)).body).toMatchObject({
      data: [{ status: 'enabled' }],
      errors: [],
    });
    await attach('1', other.transport);
    everybodyGoesLive();
    const heard = () => [one, other].map(({ of }) => of('notification').length);
    await expect.poll(() => heard().reduce((sum, each) => sum + each, 0), patience).toBe(count);
    expect(heard().every((each) => each > 0)).toBe(true);
  });

  it('try one other shard when one is down, tell of it, and lose what finds none', async () => {
    const { attach, dial, wish, everybodyGoesLive, count, shards, eventSub, id } = await conduit(2, {
      eventSub: { lostSocketMs: 20 },
    });
    await wish('conduit.shard.disabled', { client_id: 'simulated-client' });
    const [one, other] = [await dial(), await dial()];
    await attach('0', one.transport);
    await attach('1', other.transport);
    one.socket.terminate();
    const { event } = await other.next('notification');
    expect(event).toMatchObject({ conduit_id: id, shard_id: '0', status: 'websocket_disconnected' });
    expect(await shards()).toEqual(['websocket_disconnected', 'enabled']);
    everybodyGoesLive();
    await other.next('notification', 1 + count);
    other.socket.terminate();
    await expect.poll(() => eventSub.openSockets(), patience).toBe(0);
    eventSub.resetDeliveries();
    everybodyGoesLive();
    expect(eventSub.deliveries().map(({ sent }) => sent)).toEqual(Array(count).fill(0));
    const again = await dial();
    await attach('0', again.transport);
    everybodyGoesLive();
    await again.next('notification', 1);
    expect(eventSub.subscriptions().every(({ status }) => status === 'enabled')).toBe(true);
  });

  it('say within a 202 what was wrong with a shard', async () => {
    const { attach, dial } = await conduit(1);
    const line = await dial();
    const errors = async (shard: string, transport: object) =>
      (await attach(shard, transport)).body['errors'];
    expect(await errors('1', line.transport)).toMatchObject([{ id: '1' }]);
    expect(await errors('0', { method: 'websocket', session_id: 'gone' })).toMatchObject([{ id: '0' }]);
    expect(await errors('0', line.transport)).toEqual([]);
  });

  it('keep the socket of a shard open, and move it in a hand-over', async () => {
    const { attach, dial, eventSub, shards } = await conduit(1, { eventSub: { unusedMs: 1_000 } });
    const line = await dial();
    await attach('0', line.transport);
    expect(await (await dial()).closed).toBe(4003);
    expect([eventSub.openSockets(), await shards()]).toEqual([1, ['enabled']]);
  });

  it('take webhooks for shards, after a challenge of their own', async () => {
    const { attach, everybodyGoesLive, count, shards, id } = await conduit(1, {
      eventSub: { allowsPlainCallbacks: true },
    });
    const { transport, of } = await runCallback();
    expect((await attach('0', transport)).body).toMatchObject({
      data: [{ status: 'webhook_callback_verification_pending' }],
    });
    await expect.poll(shards, patience).toEqual(['enabled']);
    expect(of('webhook_callback_verification')[0]?.body['conduit_shard']).toEqual({
      conduit_id: id,
      shard: '0',
    });
    everybodyGoesLive();
    await expect.poll(() => of('notification').length, patience).toBe(count);
  });

  it('lose their highest shards when they shrink, and go after three days without any', async () => {
    let now = Date.now();
    const { attach, dial, api, access, id, shards } = await conduit(2, { now: () => new Date(now) });
    const line = await dial();
    await attach('1', line.transport);
    await api('PATCH', '/conduits', access, { id, shard_count: 1 });
    expect(await shards()).toEqual([]);
    now += 71 * 3_600_000;
    expect((await api('GET', '/conduits', access)).data).toHaveLength(1);
    now += 2 * 3_600_000;
    expect((await api('GET', '/conduits', access)).data).toEqual([]);
  });
});
