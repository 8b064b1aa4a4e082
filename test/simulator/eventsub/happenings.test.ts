import { describe, expect, it } from 'vitest';
import { WorldError } from '../../../src/simulator/index.ts';
import { fieldsOf } from '../running-simulator.ts';
import { runEventSub } from './subscriber.ts';

/** A reader of otto's chat who also hears of raids and, as mossandmarble, of the own channel. */
async function reader() {
  const twitch = await runEventSub();
  const access = await twitch.userToken('ada_follows', 'user:read:chat');
  const line = await twitch.dial();
  const [otto, ada] = [twitch.idOf('otto'), twitch.idOf('ada_follows')];
  const wish = (type: string, condition: Record<string, string>) =>
    twitch.subscribe(access, line.transport, type, condition);
  await wish('channel.chat.notification', { broadcaster_user_id: otto, user_id: ada });
  const notices = () => line.of('notification').map(({ event }) => event['notice_type']);
  return { ...twitch, ...line, access, wish, notices };
}

const objectsIn = (event: Record<string, unknown>) =>
  Object.entries(event)
    .filter(
      ([name, value]) =>
        !/^(message|source_badges|badges)$/.test(name) && typeof value === 'object' && value !== null,
    )
    .map(([name]) => name);

describe('a chat notification', () => {
  it('comes for every kind, with the object of its kind alone', async () => {
    const { eventSub, next, notices, of } = await reader();
    eventSub.subscribe('otto', { by: 'ironpetal', isPrime: true });
    eventSub.resubscribe('otto', { months: 12, streak: 3, message: 'こんばんは' });
    eventSub.gift('otto', { by: null, to: 'fernhollow' });
    eventSub.upgradeSub('otto', 'gift');
    eventSub.upgradeSub('otto', 'prime');
    eventSub.upgradeSub('otto', 'forward');
    eventSub.announce('otto', 'Soup is ready', { color: 'GREEN' });
    eventSub.watchStreak('otto', 15);
    eventSub.milestone('otto', 'bits_badge_tier', 1000);
    eventSub.milestone('otto', 'modiversary', 24);
    eventSub.donate('otto', 1250);
    eventSub.raid('ironpetal', 'otto', 42);
    const kinds = [
      'sub',
      'resub',
      'sub_gift',
      'gift_paid_upgrade',
      'prime_paid_upgrade',
      'pay_it_forward',
      'announcement',
      'watch_streak',
      'bits_badge_tier',
      'charity_donation',
      'raid',
    ];
    await next('notification', 12);
    expect(notices()).toEqual([...kinds.slice(0, 9), 'modiversary', ...kinds.slice(9)]);
    for (const { event } of of('notification')) expect(objectsIn(event)).toEqual([event['notice_type']]);
    const events = of('notification').map(({ event }) => event);
    expect(events[0]).toMatchObject({
      chatter_user_login: 'ironpetal',
      sub: { is_prime: true, sub_tier: '1000' },
    });
    expect(events[1]).toMatchObject({
      message: { text: 'こんばんは' },
      resub: { cumulative_months: 12, streak_months: 3 },
    });
    expect(events[2]).toMatchObject({
      chatter_is_anonymous: true,
      sub_gift: { recipient_user_login: 'fernhollow', community_gift_id: null, cumulative_total: null },
    });
    expect(events[6]).toMatchObject({ announcement: { color: 'GREEN' }, chatter_user_login: 'otto' });
    expect(events[11]).toMatchObject({ raid: { user_login: 'ironpetal', viewer_count: 42 } });
  });

  it('of a gift bomb is followed by one for each gift, held together by an id', async () => {
    const { eventSub, next, of } = await reader();
    const id = eventSub.giftBomb('otto', 'ironpetal', 5);
    await next('notification', 6);
    const [bomb, ...gifts] = of('notification').map(({ event }) => event);
    expect(bomb).toMatchObject({ notice_type: 'community_sub_gift', community_sub_gift: { id, total: 5 } });
    expect(gifts.map((gift) => fieldsOf(gift['sub_gift'])['community_gift_id'])).toEqual(Array(5).fill(id));
  });

  it('can come from another channel of a shared chat, and be of a kind unknown yet', async () => {
    const { eventSub, next } = await reader();
    eventSub.giftBomb('otto', 'fernhollow', 1, { sharedFrom: 'ironpetal' });
    const { event } = await next('notification');
    expect(event).toMatchObject({
      notice_type: 'shared_chat_community_sub_gift',
      broadcaster_user_login: 'otto',
      source_broadcaster_user_login: 'ironpetal',
      community_sub_gift: null,
      shared_chat_community_sub_gift: { total: 1 },
    });
    eventSub.oddNotice('otto', 'lantern_lit', 'Somebody lit a lantern!');
    const odd = (await next('notification', 3)).event;
    expect(odd).toMatchObject({ notice_type: 'lantern_lit', system_message: 'Somebody lit a lantern!' });
    expect(objectsIn(odd)).toEqual([]);
  });

  it('stops with a revocation when the reader disconnects the application', async () => {
    const { eventSub, next, api, access } = await reader();
    eventSub.disconnectApp('ada_follows');
    const { payload, metadata } = await next('revocation');
    expect(metadata['subscription_type']).toBe('channel.chat.notification');
    expect(payload['subscription']).toMatchObject({ status: 'authorization_revoked' });
    expect((await api('GET', '/subscriptions', access)).status).toBe(401);
  });
});

describe('a raid', () => {
  it('is told on both sides', async () => {
    const { eventSub, wish, next, idOf } = await reader();
    const [otto, iron] = [idOf('otto'), idOf('ironpetal')];
    await wish('channel.raid', { from_broadcaster_user_id: otto });
    await wish('channel.raid', { to_broadcaster_user_id: iron });
    await wish('channel.raid', { to_broadcaster_user_id: otto });
    eventSub.raid('otto', 'ironpetal', 30);
    const { event, id } = await next('notification', 2);
    expect(event).toMatchObject({
      from_broadcaster_user_id: otto,
      to_broadcaster_user_login: 'ironpetal',
      viewers: 30,
    });
    expect((await next('notification')).id).not.toBe(id);
    expect(eventSub.deliveries()).toHaveLength(2);
  });

  it('needs two streamers who exist', async () => {
    const { eventSub } = await runEventSub();
    expect(() => eventSub.raid('nobody_at_all', 'otto', 1)).toThrow(WorldError);
    expect(() => eventSub.raid('otto', 'otto', 1)).toThrow(WorldError);
    expect(() => eventSub.giftBomb('otto', 'nobody_at_all', 1)).toThrow(WorldError);
  });
});

describe('what changes in the world', () => {
  it('is told as an update only if title, category or language are others', async () => {
    const { wish, simulator, next, of, idOf, access, subscribe, transport } = await reader();
    const condition = { broadcaster_user_id: idOf('otto') };
    await subscribe(access, transport, 'channel.update', condition, '2');
    await wish('stream.offline', condition);
    simulator.world.goLive('otto');
    simulator.world.setTitle('otto', 'gm');
    simulator.world.describeChannel('otto', { title: 'New', category: 'Starfreight' });
    simulator.world.setViewers('otto', 5);
    const { id } = simulator.world.find('otto')?.broadcast ?? {};
    simulator.world.goOffline('otto');
    await next('notification', 2);
    expect(of('notification').map(({ event }) => event)).toMatchObject([
      { title: 'New', category_name: 'Starfreight', language: 'en', content_classification_labels: [] },
      { id, broadcaster_user_login: 'otto' },
    ]);
  });

  it('may end without naming the broadcast, as before June 2026', async () => {
    const { wish, simulator, next, idOf, eventSub } = await reader();
    eventSub.settings.offlineHasId = false;
    await wish('stream.offline', { broadcaster_user_id: idOf('otto') });
    simulator.world.goLive('otto');
    simulator.world.goOffline('otto');
    expect((await next('notification')).event).not.toHaveProperty('id');
  });
});

describe('the own channel', () => {
  it('is heard by its broadcaster alone, with every kind', async () => {
    const { userToken, dial, subscribe, idOf, eventSub } = await runEventSub();
    const scopes =
      'bits:read channel:read:subscriptions channel:read:polls channel:read:predictions channel:read:redemptions channel:read:hype_train channel:read:goals channel:read:charity channel:read:ads moderator:read:followers moderator:read:shoutouts';
    const access = await userToken('mossandmarble', scopes);
    const line = await dial();
    const id = idOf('mossandmarble');
    const own = [
      'channel.cheer',
      'channel.bits.use',
      'channel.subscribe',
      'channel.subscription.gift',
      'channel.subscription.message',
      'channel.poll.begin',
      'channel.poll.end',
      'channel.prediction.lock',
      'channel.goal.progress',
      'channel.charity_campaign.start',
      'channel.ad_break.begin',
      'channel.channel_points_custom_reward_redemption.add',
    ];
    const statuses: number[] = [];
    const wish = async (type: string, version: string, more: Record<string, string> = {}) =>
      statuses.push(
        (await subscribe(access, line.transport, type, { broadcaster_user_id: id, ...more }, version)).status,
      );
    for (const type of own) await wish(type, '1');
    await wish('channel.hype_train.begin', '2');
    await wish('channel.channel_points_automatic_reward_redemption.add', '2');
    await wish('channel.follow', '2', { moderator_user_id: id });
    await wish('channel.shoutout.create', '1', { moderator_user_id: id });
    expect(statuses).toEqual(statuses.map(() => 202));
    const login = 'mossandmarble';
    eventSub.cheer(login, 100);
    eventSub.powerUp(login, 50);
    eventSub.subscribe(login);
    eventSub.giftBomb(login, null, 2);
    eventSub.resubscribe(login);
    eventSub.poll(login, 'begin');
    eventSub.poll(login, 'end');
    eventSub.prediction(login, 'lock');
    eventSub.goal(login, 'progress');
    eventSub.charityCampaign(login, 'begin');
    eventSub.adBreak(login, 90);
    eventSub.redeem(login);
    eventSub.redeemAutomatic(login);
    eventSub.hypeTrain(login, 'begin');
    eventSub.follow(login, 'ada_follows');
    eventSub.shoutout(login, 'otto', 12);
    eventSub.cheer('otto', 100);
    await line.next('notification', 19);
    const heard = line.of('notification');
    expect(new Set(heard.map(({ metadata }) => metadata['subscription_type'])).size).toBe(statuses.length);
    expect(heard).toHaveLength(19);
    const polls = heard.filter(({ metadata }) => String(metadata['subscription_type']).includes('poll'));
    expect(new Set(polls.map(({ event }) => event['id'])).size).toBe(1);
  });
});

describe('user.authorization', () => {
  it('is told to the application when somebody comes and goes', async () => {
    const { appToken, api, dial, subscribe, eventSub, userToken, idOf } = await runEventSub();
    const access = await appToken();
    const made = await api('POST', '/conduits', access, { shard_count: 1 });
    const conduit_id = String(made.data[0]?.['id']);
    const line = await dial();
    await api('PATCH', '/conduits/shards', access, {
      conduit_id,
      shards: [{ id: '0', transport: line.transport }],
    });
    const client = { client_id: 'simulated-client' };
    for (const type of ['user.authorization.grant', 'user.authorization.revoke'])
      await subscribe(access, { method: 'conduit', conduit_id }, type, client);
    await userToken('ada_follows', '');
    eventSub.disconnectApp('ada_follows');
    await line.next('notification', 2);
    const person = { ...client, user_id: idOf('ada_follows'), user_login: 'ada_follows' };
    expect(line.of('notification').map(({ event }) => event)).toMatchObject([person, person]);
  });
});
