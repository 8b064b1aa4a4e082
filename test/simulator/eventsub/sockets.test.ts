import { describe, expect, it } from 'vitest';
import { fieldsOf, textIn } from '../running-simulator.ts';
import { connect, listen, patience, runEventSub } from './subscriber.ts';

/** A viewer whose socket hears when otto goes live. */
async function listener(settings: Parameters<typeof runEventSub>[0] = {}) {
  const twitch = await runEventSub(settings);
  const token = await twitch.userToken('ada_follows', '');
  const condition = { broadcaster_user_id: twitch.idOf('otto') };
  const line = await twitch.dial();
  const made = await twitch.subscribe(token, line.transport, 'stream.online', condition);
  expect(made.status).toBe(202);
  const statuses = () => twitch.eventSub.subscriptions().map(({ status }) => status);
  return { ...twitch, ...line, accessToken: token, condition, statuses };
}

describe('the socket of EventSub', () => {
  it('tells that a streamer went live, in the words of Twitch', async () => {
    const { simulator, next, idOf, sessionId } = await listener();
    const { id } = simulator.world.goLive('otto');
    const { metadata, payload, event } = await next('notification');
    expect(metadata).toMatchObject({ subscription_type: 'stream.online', subscription_version: '1' });
    expect(metadata['message_timestamp']).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z$/);
    expect(payload['subscription']).toMatchObject({
      status: 'enabled',
      cost: 1,
      transport: { method: 'websocket', session_id: sessionId },
    });
    const names = { broadcaster_user_login: 'otto', broadcaster_user_name: 'otto' };
    expect(event).toMatchObject({ id, broadcaster_user_id: idOf('otto'), ...names, type: 'live' });
  });

  it('clamps the keepalive to 10 to 600 seconds and says so in the welcome', async () => {
    const { dial } = await runEventSub();
    const announced = async (asked: string) =>
      fieldsOf((await dial(asked)).heard[0]?.payload['session'])['keepalive_timeout_seconds'];
    expect(await announced('')).toBe(10);
    expect(await announced('?keepalive_timeout_seconds=3')).toBe(10);
    expect(await announced('?keepalive_timeout_seconds=30')).toBe(30);
    expect(await announced('?keepalive_timeout_seconds=9000')).toBe(600);
    expect(await announced('?keepalive_timeout_seconds=soon')).toBe(10);
  });

  it('keeps quiet sockets alive, until it is silenced', async () => {
    const { next, of, dial, eventSub, simulator } = await listener({ eventSub: { keepaliveS: 0.05 } });
    await next('session_keepalive', 3);
    eventSub.silence();
    const other = await dial();
    const before = of('session_keepalive').length;
    simulator.world.goLive('otto');
    await other.next('session_keepalive', 3);
    expect([of('session_keepalive').length, of('notification').length]).toEqual([before, 0]);
    expect(eventSub.openSockets()).toBe(2);
  });

  it('closes with 4003 a socket that nobody uses', async () => {
    const { dial, eventSub } = await runEventSub({ eventSub: { unusedMs: 50 } });
    expect(await (await dial()).closed).toBe(4003);
    expect(eventSub.openSockets()).toBe(0);
  });

  it('lets a socket with a subscription stay', async () => {
    const { dial, eventSub, statuses } = await listener({ eventSub: { unusedMs: 1_000 } });
    expect(await (await dial()).closed).toBe(4003);
    expect([eventSub.openSockets(), statuses()]).toEqual([1, ['enabled']]);
  });

  it('closes with 4001 when the client speaks', async () => {
    const { socket, closed, statuses } = await listener();
    socket.send('hello');
    expect(await closed).toBe(4001);
    expect(statuses()).toEqual(['websocket_received_inbound_traffic']);
  });

  it('closes with 4002 when pings are not answered', async () => {
    const { socket, closed, statuses } = await listener({ eventSub: { pingMs: 50 } });
    socket.pong = () => undefined;
    expect(await closed).toBe(4002);
    expect(statuses()).toEqual(['websocket_failed_ping_pong']);
  });

  it.each([
    [4000, 'websocket_internal_error'],
    [4005, 'websocket_network_timeout'],
    [4006, 'websocket_network_error'],
    [4007, 'websocket_failed_to_reconnect'],
  ])('closes with %i on command, and the subscriptions become %s', async (code, status) => {
    const { eventSub, closed, statuses } = await listener();
    eventSub.closeSockets(code);
    expect(await closed).toBe(code);
    expect(statuses()).toEqual([status]);
  });

  it('breaks off without a word on command, which is noticed late', async () => {
    const { eventSub, closed, statuses } = await listener({ eventSub: { lostSocketMs: 300 } });
    eventSub.dropSockets();
    expect(await closed).toBe(1006);
    expect([eventSub.openSockets(), statuses()]).toEqual([0, ['enabled']]);
    await expect.poll(statuses, patience).toEqual(['websocket_disconnected']);
  });

  it('is late to notice a client that vanished, not one that said goodbye', async () => {
    const vanished = await listener({ eventSub: { lostSocketMs: 60_000 } });
    vanished.socket.terminate();
    await expect.poll(() => vanished.eventSub.openSockets(), patience).toBe(0);
    expect(vanished.statuses()).toEqual(['enabled']);
    const gone = await listener({ eventSub: { lostSocketMs: 60_000 } });
    gone.socket.close();
    await expect.poll(gone.statuses, patience).toEqual(['websocket_disconnected']);
  });

  it('forgets the subscriptions of a dead socket after a while', async () => {
    const { eventSub, socket, statuses } = await listener({ eventSub: { deadSocketMs: 30 } });
    socket.close();
    await expect.poll(statuses, patience).toEqual([]);
    expect(eventSub.openSockets()).toBe(0);
  });

  it('answers 404 to an upgrade anywhere else', async () => {
    const { url } = await runEventSub();
    const { closed } = connect(`${url.replace('http', 'ws')}/eventsub/other`);
    expect(await closed).toBe(1006);
  });

  it('is struck by faults and by an outage', async () => {
    const { url, simulator } = await runEventSub();
    const address = `${url.replace('http', 'ws')}/eventsub/ws`;
    simulator.faults.add({ path: '/eventsub/ws', kind: 'status', status: 503, times: 1 });
    expect(await connect(address).closed).toBe(1006);
    simulator.faults.outage(true, 'reset');
    expect(await connect(address).closed).toBe(1006);
    simulator.faults.outage(false);
    expect((await listen(address)).heard).toHaveLength(1);
    expect(simulator.calls.count('/eventsub/ws')).toBe(3);
  });
});

describe('a hand-over', () => {
  it('moves session and subscriptions to the new socket, without a gap', async () => {
    const { eventSub, next, of, sessionId, simulator, socket } = await listener();
    eventSub.reconnectSockets();
    const { payload } = await next('session_reconnect');
    simulator.world.goLive('otto');
    await next('notification');
    const line = await listen(urlIn(payload));
    expect(line.sessionId).toBe(sessionId);
    simulator.world.goOffline('otto');
    simulator.world.goLive('otto');
    await line.next('notification');
    socket.close();
    simulator.world.goOffline('otto');
    simulator.world.goLive('otto');
    await line.next('notification', 2);
    expect(of('notification')).toHaveLength(1);
    expect(eventSub.subscriptions()).toMatchObject([{ status: 'enabled' }]);
  });

  it('can bring one message on both sockets', async () => {
    const { eventSub, next, simulator } = await listener();
    eventSub.reconnectSockets();
    const line = await listen(urlIn((await next('session_reconnect')).payload));
    eventSub.duplicateNext();
    simulator.world.goLive('otto');
    const [here, there] = [await next('notification'), await line.next('notification', 2)];
    expect(there.id).toBe(here.id);
  });

  it('ends with 4004 when nobody comes in time', async () => {
    const { eventSub, closed, statuses } = await listener({ eventSub: { reconnectMs: 50 } });
    eventSub.reconnectSockets();
    expect(await closed).toBe(4004);
    expect(statuses()).toEqual(['websocket_failed_to_reconnect']);
  });

  it('takes an address once, and only unchanged: else 4007', async () => {
    const { eventSub, next } = await listener();
    eventSub.reconnectSockets();
    const address = urlIn((await next('session_reconnect')).payload);
    expect(await connect(address.replace(/=.*/, '=invented')).closed).toBe(4007);
    await listen(address);
    expect(await connect(address).closed).toBe(4007);
    expect(eventSub.subscriptions()).toMatchObject([{ status: 'enabled' }]);
  });
});

describe('the post', () => {
  it('brings a message twice under one id', async () => {
    const { eventSub, simulator, next } = await listener();
    eventSub.duplicateNext();
    simulator.world.goLive('otto');
    expect((await next('notification', 2)).id).toBe((await next('notification')).id);
    expect(eventSub.deliveries()).toMatchObject([{ type: 'stream.online', sent: 2 }]);
  });

  it('brings messages late and in another order', async () => {
    const { eventSub, simulator, next } = await listener();
    const started = () => {
      simulator.world.goOffline('otto');
      return simulator.world.goLive('otto').id;
    };
    eventSub.delayNext(100);
    const [late, soon] = [started(), started()];
    await next('notification', 2);
    eventSub.holdBack();
    const [first, second] = [started(), started()];
    eventSub.release('reversed');
    await next('notification', 4);
    const heard = await Promise.all([1, 2, 3, 4].map((count) => next('notification', count)));
    expect(heard.map(({ event }) => event['id'])).toEqual([soon, late, second, first]);
  });
});

function urlIn(payload: Record<string, unknown>): string {
  return textIn(fieldsOf(payload['session']), 'reconnect_url');
}
