import { describe, expect, it } from 'vitest';
import { runEventSub } from './eventsub/subscriber.ts';

/** A reader of otto's chat. */
async function reader() {
  const twitch = await runEventSub();
  const access = await twitch.userToken('ada_follows', 'user:read:chat');
  const line = await twitch.dial();
  const condition = { broadcaster_user_id: twitch.idOf('otto'), user_id: twitch.idOf('ada_follows') };
  await twitch.subscribe(access, line.transport, 'channel.chat.notification', condition);
  const command = async (path: string, form: Record<string, string> = {}) =>
    (await twitch.post(`/control${path}`, form, { Accept: 'application/json' })).status;
  return { ...twitch, ...line, command };
}

describe('the control of events', () => {
  it('makes things happen to a streamer', async () => {
    const { command, next, of, simulator } = await reader();
    simulator.world.goLive('ironpetal');
    const commands = [
      'raid',
      'subscribe',
      'resubscribe',
      'gift',
      'announce',
      'watch-streak',
      'donate',
      'odd-notice',
    ];
    for (const name of commands)
      expect([name, await command(`/streamers/otto/${name}`)]).toEqual([name, 200]);
    for (const name of ['follow', 'cheer', 'hype-train', 'poll', 'prediction', 'goal'])
      expect([name, await command(`/streamers/otto/${name}`)]).toEqual([name, 200]);
    expect(await command('/streamers/otto/foreign-conduit')).toBe(200);
    expect(simulator.eventSub.subscriptions().at(-1)).toMatchObject({ transport: { method: 'conduit' } });
    await command('/streamers/otto/gift-bomb', { total: '3', anonymous: '1' });
    await next('notification', commands.length + 4);
    expect(of('notification').at(-4)?.event).toMatchObject({
      chatter_is_anonymous: true,
      community_sub_gift: { total: 3 },
    });
  });

  it('lets a chat refuse a reader, and take that back', async () => {
    const { command, next, of, userToken, subscribe, transport, idOf, simulator } = await reader();
    const access = await userToken('ada_follows', 'user:read:chat');
    const condition = { broadcaster_user_id: idOf('otto'), user_id: idOf('ada_follows') };
    const again = async () =>
      (await subscribe(access, transport, 'channel.chat.notification', condition)).status;
    expect(await command('/streamers/otto/chat-ban', { reader: 'ada_follows' })).toBe(200);
    await next('revocation');
    expect(of('revocation')).toHaveLength(1);
    expect(simulator.eventSub.subscriptions()[0]?.status).toBe('chat_user_banned');
    expect(await again()).toBe(403);
    expect(await command('/streamers/otto/chat-unban', { reader: 'ada_follows' })).toBe(200);
    expect(await again()).toBe(202);
    expect(await command('/streamers/otto/chat-ban')).toBe(409);
  });

  it('refuses what makes no sense', async () => {
    const { command } = await reader();
    expect(await command('/streamers/otto/raid')).toBe(409);
    expect(await command('/streamers/otto/raid', { from: 'nobody_at_all' })).toBe(409);
    expect(await command('/streamers/nobody_at_all/raid')).toBe(404);
    expect(await command('/streamers/otto/gift-bomb', { total: 'many' })).toBe(400);
  });

  it('commands the transports, and says how they are', async () => {
    const { command, url, next, closed } = await reader();
    const state = async () => (await fetch(`${url}/control/eventsub`)).json();
    expect(await state()).toMatchObject({ openSockets: 1, subscriptions: [{ status: 'enabled' }] });
    for (const name of ['duplicate', 'delay', 'hold', 'release', 'disable-shard', 'remove-conduit'])
      expect(await command(`/eventsub/${name}`)).toBe(200);
    await command('/eventsub/reconnect');
    await next('session_reconnect');
    await command('/eventsub/revoke', { type: 'channel.chat.notification', status: 'chat_user_banned' });
    expect((await next('revocation')).payload['subscription']).toMatchObject({ status: 'chat_user_banned' });
    await command('/eventsub/close', { code: '4006' });
    expect(await closed).toBe(4006);
  });

  it('has its buttons on the page', async () => {
    const { url } = await reader();
    const page = await (await fetch(`${url}/control`)).text();
    expect(page).toContain('1 sockets are open, 1 subscriptions are enabled.');
    for (const name of [
      'eventsub/close',
      'eventsub/revoke',
      'streamers/otto/raid',
      'streamers/otto/gift-bomb',
      'streamers/otto/chat-ban',
      'streamers/otto/chat-unban',
    ])
      expect(page).toContain(`action="/control/${name}"`);
  });

  it('stops all life and lets it go on', async () => {
    const { command } = await reader();
    expect([await command('/life', { on: '0' }), await command('/life', { on: '1' })]).toEqual([200, 200]);
  });
});
