import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewStreamEvent } from '../../../src/domain/stream-event.ts';
import { readMessage, type EventSubMessage, type Heard } from '../../../src/twitch/index.ts';

const sentAt = new Date('2026-11-22T10:01:00Z');
const broadcaster = {
  broadcaster_user_id: '70411220',
  broadcaster_user_login: 'marlowe_plays',
  broadcaster_user_name: 'Marlowe_Plays',
};
const user = { user_id: '88120037', user_login: 'quietotter', user_name: 'QuietOtter' };
const otter = { id: '88120037', login: 'quietotter', name: 'QuietOtter' };
const from = triple('from_broadcaster_user', '1', 'Ann');
const to = triple('to_broadcaster_user', '2', 'Bob');

function triple(prefix: string, id: string, name: string): Record<string, string> {
  return { [`${prefix}_id`]: id, [`${prefix}_login`]: name.toLowerCase(), [`${prefix}_name`]: name };
}

function message(type: string, event: unknown, more: Partial<EventSubMessage> = {}): EventSubMessage {
  return {
    messageId: 'm-1',
    sentAt,
    type,
    version: '1',
    condition: {},
    subscriptionId: 's-1',
    event,
    ...more,
  };
}

const read = (type: string, event: unknown, more?: Partial<EventSubMessage>): Heard =>
  readMessage(message(type, event, more), 'conduit');

/** The event that must have been heard; also shows the compiler that the domain can take it. */
function told(type: string, event: object, more?: Partial<EventSubMessage>): NewStreamEvent {
  const heard = read(type, { ...broadcaster, ...event }, more);
  if (heard.what !== 'event') throw new Error(`heard ${heard.what}`);
  return heard.event;
}

function notice(type: string, object: object | null, more: object = {}): NewStreamEvent {
  return told('channel.chat.notification', {
    ...triple('chatter_user', '88120037', 'QuietOtter'),
    chatter_is_anonymous: false,
    system_message: 'Twitch says so',
    message: { text: 'hello', fragments: [] },
    notice_type: type,
    sub: null,
    raid: null,
    [type]: object,
    ...triple('source_broadcaster_user', '70411220', 'Marlowe_Plays'),
    ...more,
  });
}

describe('readMessage, of streams,', () => {
  it('tells who, when, by what and which way', () => {
    expect(told('stream.online', { id: '4199', type: 'live', started_at: '2026-11-22T10:00:55Z' })).toEqual({
      messageId: 'm-1',
      streamerId: '70411220',
      type: 'stream.online',
      source: 'conduit',
      at: new Date('2026-11-22T10:00:55Z'),
      isLate: false,
      amount: null,
      relation: { how: 'same', key: 'live:4199' },
      kind: 'live',
      payload: {
        broadcastId: '4199',
        startedAt: '2026-11-22T10:00:55.000Z',
        title: null,
        category: null,
        isRestart: false,
      },
    });
  });

  it('tells of an end with or without the broadcast', () => {
    expect(told('stream.offline', { id: '4199' }).relation).toEqual({ how: 'same', key: 'offline:4199' });
    expect(told('stream.offline', {})).toMatchObject({
      relation: null,
      at: sentAt,
      payload: { broadcastId: null },
    });
  });

  it('tells of a new title', () => {
    expect(
      told('channel.update', { title: 'Été 🎉', language: 'fr', category_id: '1', category_name: 'Chess' }),
    ).toMatchObject({
      kind: 'update',
      payload: { title: 'Été 🎉', category: 'Chess', language: 'fr', before: null },
    });
  });

  it.each([
    [{ to_broadcaster_user_id: '2', from_broadcaster_user_id: '' }, 'raid', '2'],
    [{ from_broadcaster_user_id: '1', to_broadcaster_user_id: '' }, 'raid-out', '1'],
    [{ from_broadcaster_user_id: '1' }, 'raid-out', '1'],
    [{}, 'raid', '2'],
    [{ from_broadcaster_user_id: '', to_broadcaster_user_id: '' }, 'raid', '2'],
  ])('tells by the condition %j whom a raid is about', (condition, kind, streamerId) => {
    const raid = told('channel.raid', { ...from, ...to, viewers: '214' }, { condition });
    expect(raid).toMatchObject({ kind, streamerId, amount: 214, relation: { how: 'same', key: 'raid:1:2' } });
    expect(raid.payload).toMatchObject(
      kind === 'raid'
        ? { from: { id: '1', login: 'ann', name: 'Ann' }, viewers: 214 }
        : { to: { id: '2', login: 'bob', name: 'Bob' }, viewers: 214 },
    );
  });

  it('believes no time that is far from when it was said', () => {
    for (const startedAt of ['0001-01-01T00:00:00Z', '2026-11-22T11:00:00Z', 'soon', null])
      expect(told('stream.online', { id: '1', started_at: startedAt }).at).toEqual(sentAt);
  });
});

describe('readMessage, of chat,', () => {
  const tier = { sub_tier: '2000', is_prime: false };

  it.each<[string, object, string, object, object?]>([
    [
      'sub',
      { ...tier, duration_months: 1 },
      'sub',
      { by: otter, tier: '2', isGift: false, sharedFrom: null },
    ],
    ['sub', { sub_tier: '1000', is_prime: true }, 'sub', { tier: 'prime' }],
    [
      'resub',
      { ...tier, cumulative_months: 4, streak_months: null, is_gift: false },
      'resub',
      { by: otter, tier: '2', months: 4, streak: null, gifter: null, message: 'hello' },
      { amount: 4, relation: { how: 'same', key: 'resub:88120037:4' } },
    ],
    [
      'resub',
      { ...tier, cumulative_months: 5, is_gift: true, ...triple('gifter_user', '9', 'Ann') },
      'resub',
      { gifter: { id: '9', login: 'ann', name: 'Ann' } },
    ],
    [
      'resub',
      { is_gift: true, gifter_is_anonymous: true, ...triple('gifter_user', '9', 'Ann') },
      'resub',
      { gifter: null, months: 0 },
    ],
    [
      'sub_gift',
      { ...tier, duration_months: 3, community_gift_id: null, ...triple('recipient_user', '9', 'Ann') },
      'gift',
      { by: otter, to: { id: '9' }, tier: '2', months: 3 },
      { amount: 1, relation: null },
    ],
    [
      'sub_gift',
      { ...tier, community_gift_id: 'b0-1', ...triple('recipient_user', '9', 'Ann') },
      'gift',
      { to: { id: '9' } },
      { relation: { how: 'part', key: 'bomb:b0-1' } },
    ],
    [
      'community_sub_gift',
      { ...tier, id: 'b0-1', total: 20, cumulative_total: 50 },
      'gift-bomb',
      { by: otter, total: 20, tier: '2', cumulative: 50, to: [] },
      { amount: 20, relation: { how: 'course', key: 'bomb:b0-1' } },
    ],
    [
      'gift_paid_upgrade',
      { gifter_is_anonymous: false, gifter_user_id: '9', gifter_user_name: 'Ann' },
      'upgrade',
      { how: 'gift', gifter: { id: '9', login: null, name: 'Ann' }, to: null, tier: null },
    ],
    ['prime_paid_upgrade', { sub_tier: '3000' }, 'upgrade', { how: 'prime', gifter: null, tier: '3' }],
    [
      'pay_it_forward',
      { gifter_is_anonymous: true, ...triple('recipient_user', '9', 'Ann') },
      'upgrade',
      { how: 'forward', gifter: null, to: { id: '9' } },
    ],
    [
      'raid',
      { user_id: '9', user_login: 'ann', user_name: 'Ann', viewer_count: 7 },
      'raid',
      { from: { id: '9', login: 'ann', name: 'Ann' }, viewers: 7 },
      { amount: 7, relation: { how: 'same', key: 'raid:9:70411220' } },
    ],
    ['announcement', { color: 'BLUE' }, 'announcement', { by: otter, message: 'hello', color: 'BLUE' }],
    [
      'watch_streak',
      { streak_count: 5, channel_points_awarded: 450 },
      'watch-streak',
      { streak: 5, points: 450, message: 'hello' },
    ],
    ['bits_badge_tier', { tier: 1000 }, 'milestone', { what: 'bits-badge', value: 1000 }],
    ['modiversary', { months: 24 }, 'milestone', { what: 'modiversary', value: 24 }],
    [
      'charity_donation',
      { charity_name: 'Whales', amount: { value: 1250, decimal_place: 2, currency: 'USD' } },
      'charity',
      { charity: 'Whales', amount: '12.50 USD', target: null, course: null },
    ],
    ['surprise', { any: 1 }, 'notice', { noticeType: 'surprise', text: 'Twitch says so', message: 'hello' }],
    ['__proto__', {}, 'notice', { text: 'Twitch says so' }],
  ])('reads %s %j', (type, object, kind, payload, rest = {}) => {
    const event = notice(type, object);
    expect(event).toMatchObject({ kind, streamerId: '70411220', at: sentAt, ...rest });
    expect(event.payload).toMatchObject({ ...payload, sharedFrom: null });
  });

  it.each([
    ['sub', 'sub'],
    ['resub', 'resub'],
    ['sub_gift', 'gift'],
    ['gift_paid_upgrade', 'upgrade'],
    ['prime_paid_upgrade', 'upgrade'],
    ['pay_it_forward', 'upgrade'],
    ['announcement', 'announcement'],
    ['modiversary', 'milestone'],
  ])('says of shared_chat_%s where it happened', (type, kind) => {
    const event = notice(
      `shared_chat_${type}`,
      { sub_tier: '1000' },
      triple('source_broadcaster_user', '9', 'Ann'),
    );
    expect(event).toMatchObject({ kind, streamerId: '70411220' });
    expect(event.payload).toMatchObject({ sharedFrom: { id: '9', login: 'ann', name: 'Ann' } });
  });

  it('relates a raid on a channel of a shared chat to that channel', () => {
    const raid = { user_id: '5', user_name: 'Eve', viewer_count: 7 };
    const event = notice('shared_chat_raid', raid, triple('source_broadcaster_user', '9', 'Ann'));
    expect(event.relation).toEqual({ how: 'same', key: 'raid:5:9' });
  });

  it('knows what was said by its own id, in each channel', () => {
    const sub = { sub_tier: '1000' };
    const of = (more: object) => notice('sub', sub, more).messageId;
    expect(of({ message_id: 'c-1' })).toBe('chat:70411220:c-1');
    expect(of({ message_id: 'c-1', broadcaster_user_id: '9' })).toBe('chat:9:c-1');
    expect(of({})).toBe('m-1');
  });

  it('names nobody who is anonymous', () => {
    const anonymous = { chatter_is_anonymous: true };
    expect(notice('community_sub_gift', { id: 'b', total: 5 }, anonymous).payload).toMatchObject({
      by: null,
    });
    const nameless = { chatter_user_id: null, chatter_user_login: null, chatter_user_name: null };
    expect(notice('announcement', {}, nameless).payload).toMatchObject({ by: null });
  });

  it('tells a known notice without its object by the sentence of Twitch', () => {
    expect(notice('sub', null)).toMatchObject({ kind: 'notice', payload: { text: 'Twitch says so' } });
  });

  it('has no entry for a raid that was called off', () => {
    const event = { ...broadcaster, notice_type: 'unraid', unraid: {} };
    expect(read('channel.chat.notification', event)).toEqual({
      what: 'unknown',
      type: 'channel.chat.notification',
    });
  });
});

describe('readMessage, of the own channel,', () => {
  const reward = { id: 'r-1', title: 'Hydrate', cost: 300, prompt: '' };

  it.each<[string, object, string, object, object?]>([
    [
      'channel.follow',
      { ...user, followed_at: '2026-11-22T10:00:59Z' },
      'follow',
      { by: otter },
      { at: new Date('2026-11-22T10:00:59Z') },
    ],
    [
      'channel.subscribe',
      { ...user, tier: '3000', is_gift: false },
      'sub',
      { by: otter, tier: '3', isGift: false },
    ],
    [
      'channel.subscribe',
      { ...user, tier: '1000', is_gift: true },
      'sub',
      { isGift: true },
      { relation: null },
    ],
    [
      'channel.subscription.message',
      { ...user, tier: '1000', message: { text: 'hi' }, cumulative_months: 4, streak_months: 2 },
      'resub',
      { by: otter, tier: '1', months: 4, streak: 2, message: 'hi' },
      { amount: 4, relation: { how: 'same', key: 'resub:88120037:4' } },
    ],
    [
      'channel.subscription.gift',
      { user_id: null, user_login: null, user_name: null, total: 5, tier: '1000', is_anonymous: true },
      'gift-bomb',
      { by: null, total: 5, cumulative: null, to: [] },
      { amount: 5, relation: null },
    ],
    [
      'channel.cheer',
      { ...user, is_anonymous: false, message: 'yay', bits: 100 },
      'cheer',
      { by: otter, bits: 100, what: 'cheer', message: 'yay' },
      { amount: 100 },
    ],
    ['channel.cheer', { is_anonymous: true, user_id: null, bits: '5' }, 'cheer', { by: null, bits: 5 }],
    [
      'channel.bits.use',
      { ...user, bits: 30, type: 'power_up', message: null, power_up: { type: 'celebration' } },
      'cheer',
      { by: otter, bits: 30, what: 'power-up', message: '' },
    ],
    [
      'channel.custom_power_up_redemption.add',
      { ...user, user_input: 'now', custom_power_up: { bits: 70 } },
      'cheer',
      { by: otter, bits: 70, what: 'power-up', message: 'now' },
    ],
    [
      'channel.channel_points_custom_reward_redemption.add',
      { ...user, user_input: 'tea', reward, redeemed_at: '2026-11-22T10:00:58Z' },
      'channel-points',
      { by: otter, reward: 'Hydrate', cost: 300, input: 'tea', isAutomatic: false },
      { at: new Date('2026-11-22T10:00:58Z') },
    ],
    [
      'channel.channel_points_automatic_reward_redemption.add',
      { ...user, reward: { type: 'send_highlighted_message', channel_points: 50 }, message: { text: 'hey' } },
      'channel-points',
      { reward: 'send highlighted message', cost: 50, input: 'hey', isAutomatic: true },
    ],
    [
      'channel.charity_campaign.donate',
      { ...user, charity_name: 'Whales', amount: { value: 5, decimal_places: 0, currency: 'JPY' } },
      'charity',
      { by: otter, charity: 'Whales', amount: '5 JPY', course: null },
    ],
    [
      'channel.shoutout.create',
      { ...to, viewer_count: 9, started_at: '2026-11-22T10:00:57Z' },
      'shoutout',
      { direction: 'given', other: { id: '2', login: 'bob', name: 'Bob' }, viewers: 9 },
    ],
    [
      'channel.shoutout.receive',
      { ...from, viewer_count: 9 },
      'shoutout',
      { direction: 'received', other: { id: '1' } },
    ],
    [
      'channel.ad_break.begin',
      { duration_seconds: '60', is_automatic: 'false', started_at: '2026-11-22T10:00:57Z' },
      'ad-break',
      { durationS: 60, isAutomatic: false },
      { at: new Date('2026-11-22T10:00:57Z') },
    ],
  ])('reads %s %j', (type, event, kind, payload, rest = {}) => {
    const heard = told(type, event);
    expect(heard).toMatchObject({ kind, streamerId: '70411220', ...rest });
    expect(heard.payload).toMatchObject(payload);
  });

  it('hears one cheer by two types, and two cheers by one', () => {
    const cheer = told('channel.cheer', { ...user, bits: 100, message: '' });
    const use = told('channel.bits.use', { ...user, bits: 100, type: 'cheer', message: { text: '' } });
    expect(use.relation).toEqual(cheer.relation);
    const later = { sentAt: new Date('2026-11-22T10:31:00Z') };
    expect(told('channel.cheer', { ...user, bits: 100 }, later).relation).not.toEqual(cheer.relation);
    expect(told('channel.cheer', { ...user, bits: 99 }).relation).not.toEqual(cheer.relation);
    expect(told('channel.bits.use', { ...user, bits: 100, type: 'power_up' }).relation).not.toEqual(
      cheer.relation,
    );
  });

  it('hears one sub, resub or donation by chat and by the own channel', () => {
    const chat = notice('sub', { sub_tier: '1000' });
    expect(told('channel.subscribe', { ...user, is_gift: false }).relation).toEqual(chat.relation);
    const amount = { value: 500, currency: 'USD' };
    const donation = notice('charity_donation', { amount: { ...amount, decimal_place: 2 } });
    const own = told('channel.charity_campaign.donate', {
      ...user,
      amount: { ...amount, decimal_places: 2 },
    });
    expect(own.relation).toEqual(donation.relation);
    expect(own.relation?.key).toMatch(/^charity:88120037:5\.00 USD:\d+$/);
  });
});

describe('readMessage, of what goes on,', () => {
  const soon = '2026-11-22T10:05:00Z';
  const ended = '2026-11-22T10:04:00Z';

  it.each<[string, object, object]>([
    [
      'channel.hype_train.begin',
      { total: 700, goal: 1600, level: 1, expires_at: soon, started_at: ended },
      { level: 1, total: 700, goal: 1600, course: 'running', endsAt: '2026-11-22T10:05:00.000Z' },
    ],
    ['channel.hype_train.progress', { total: 900, level: 2, goal: 1 }, { level: 2, course: 'running' }],
    [
      'channel.hype_train.end',
      { total: 900, level: 2, ended_at: ended },
      { goal: null, course: 'ended', endsAt: '2026-11-22T10:04:00.000Z' },
    ],
    [
      'channel.poll.begin',
      {
        title: 'Tea?',
        choices: [{ id: 'a', title: 'Yes' }, { id: 'b', title: 'No', votes: 3 }, null],
        ends_at: soon,
      },
      {
        title: 'Tea?',
        choices: [
          { title: 'Yes', votes: null },
          { title: 'No', votes: 3 },
          { title: '', votes: null },
        ],
        course: 'running',
      },
    ],
    [
      'channel.poll.end',
      { title: 'Tea?', choices: null, status: 'terminated' },
      { choices: [], course: 'ended' },
    ],
    [
      'channel.prediction.lock',
      { outcomes: [{ id: 'x', title: 'Win', users: 2, channel_points: 9e9 }], locked_at: ended },
      {
        outcomes: [{ title: 'Win', points: 9e9, users: 2, isWinner: false }],
        course: 'locked',
        endsAt: '2026-11-22T10:04:00.000Z',
      },
    ],
    [
      'channel.prediction.end',
      { outcomes: [{ id: 'x' }, { id: 'y' }], winning_outcome_id: 'y', status: 'resolved' },
      { outcomes: [{ isWinner: false }, { isWinner: true }], course: 'ended' },
    ],
    [
      'channel.prediction.end',
      { outcomes: [{ title: 'no id' }], winning_outcome_id: null, status: 'canceled' },
      { outcomes: [{ isWinner: false }], course: 'cancelled' },
    ],
    [
      'channel.goal.end',
      { type: 'follow', description: 'More', current_amount: 10, target_amount: 10, is_achieved: true },
      { type: 'follow', description: 'More', current: 10, target: 10, course: 'ended', isAchieved: true },
    ],
  ])('reads %s %j', (type, event, payload) => {
    const heard = told(type, { id: 'thing-1', ...event });
    expect(heard.payload).toMatchObject(payload);
    expect(heard).toMatchObject({
      streamerId: '70411220',
      at: sentAt,
      amount: null,
      relation: { how: 'course', key: `${heard.kind}:thing-1` },
    });
  });

  it('reads a charity campaign by either name of its broadcaster', () => {
    const event = {
      id: 'c-1',
      broadcaster_id: '70411220',
      charity_name: 'Whales',
      current_amount: { value: 0, decimal_places: 2, currency: 'USD' },
      target_amount: { value: 100_000, decimal_places: 2, currency: 'USD' },
    };
    for (const more of [{}, broadcaster]) {
      expect(read('channel.charity_campaign.start', { ...event, ...more })).toMatchObject({
        what: 'event',
        event: {
          streamerId: '70411220',
          payload: { by: null, amount: '0.00 USD', target: '1000.00 USD', course: 'running' },
          relation: { how: 'course', key: 'charity:c-1' },
        },
      });
    }
  });
});

describe('readMessage', () => {
  it('hears that somebody takes their leave back, and that a shard went down', () => {
    const revoked = { client_id: 'c', user_id: '88120037', user_login: null, user_name: null };
    expect(read('user.authorization.revoke', revoked)).toEqual({
      what: 'authorization-revoked',
      userId: '88120037',
    });
    const shard = { conduit_id: 'c-1', shard_id: '0', status: 'websocket_disconnected', transport: {} };
    expect(read('conduit.shard.disabled', shard)).toEqual({
      what: 'shard-disabled',
      conduitId: 'c-1',
      shardId: '0',
      status: 'websocket_disconnected',
    });
  });

  it.each([
    'channel.ban',
    'channel.poll',
    'channel.poll.begin.x',
    'channel.poll.toString',
    'toString',
    '__proto__',
    '',
  ])('does not know the type %j', (type) => {
    expect(read(type, broadcaster)).toEqual({ what: 'unknown', type });
  });

  it.each<[string, unknown]>([
    ['stream.online', null],
    ['stream.online', []],
    ['stream.online', 'text'],
    ['stream.online', {}],
    ['stream.online', { broadcaster_user_id: 'marlowe' }],
    ['stream.online', { broadcaster_user_id: { $ne: 1 } }],
    ['channel.raid', { ...to, viewers: 3 }],
    ['channel.follow', broadcaster],
    ['channel.cheer', { ...broadcaster, ...user, bits: 'many' }],
    ['channel.cheer', { ...broadcaster, ...user, bits: -5 }],
    ['channel.poll.begin', { ...broadcaster, title: 'no id' }],
    ['channel.goal.begin', { ...broadcaster, id: 'a b' }],
    ['channel.chat.notification', { notice_type: 'sub' }],
    [
      'channel.chat.notification',
      { ...broadcaster, notice_type: 'community_sub_gift', community_sub_gift: {} },
    ],
    ['user.authorization.revoke', { user_id: null }],
    ['conduit.shard.disabled', {}],
  ])('cannot read %s of %j', (type, event) => {
    expect(read(type, event)).toEqual({ what: 'unreadable', type });
  });

  it('survives numbers as texts, texts as numbers, and wrong types where nothing is named', () => {
    const raid = { ...from, ...to, from_broadcaster_user_id: 1, to_broadcaster_user_id: 2, viewers: '7' };
    expect(told('channel.raid', raid)).toMatchObject({
      streamerId: '2',
      payload: { from: { id: '1' }, viewers: 7 },
    });
    const odd = { title: 7, category_name: ['x'], language: { a: 1 }, extra: null };
    expect(told('channel.update', odd).payload).toMatchObject({ title: '7', category: '', language: '' });
  });

  it('takes a person without a name by the login, and one without both by the id', () => {
    expect(told('channel.follow', { user_id: '9', user_login: 'ann', user_name: ' ' }).payload).toEqual({
      by: { id: '9', login: 'ann', name: 'ann' },
    });
    expect(told('channel.follow', { user_id: '9', user_login: '<b>', user_name: null }).payload).toEqual({
      by: { id: '9', login: null, name: '9' },
    });
  });

  it('cuts long texts between characters, and clears control characters and lone surrogates', () => {
    const long = `${'x'.repeat(499)}😀`;
    const title = (text: string) => told('channel.update', { title: text }).payload;
    expect(title(long)).toMatchObject({ title: 'x'.repeat(499) });
    expect(title('a\r\ndata: b\0\u2028\uD800c')).toMatchObject({ title: 'a  data: b \u2028\uFFFDc' });
    const named = told('channel.follow', { ...user, user_name: 'n'.repeat(5000) });
    expect(named.payload).toMatchObject({ by: { name: 'n'.repeat(128) } });
  });

  it('counts no more than a database holds', () => {
    expect(told('channel.cheer', { ...user, bits: 9e15 }).amount).toBe(2_147_483_647);
    expect(told('channel.raid', { ...from, ...to, viewers: 1e300 }).amount).toBe(0);
  });

  it('never throws, and what it hears is whole, whatever JSON comes', () => {
    const types = fc.constantFrom(
      'stream.online',
      'channel.update',
      'channel.raid',
      'channel.chat.notification',
      'channel.cheer',
      'channel.bits.use',
      'channel.poll.progress',
      'channel.prediction.end',
      'channel.charity_campaign.stop',
      'channel.subscription.message',
      'channel.channel_points_automatic_reward_redemption.add',
      'user.authorization.revoke',
      'conduit.shard.disabled',
    );
    const names = [
      'id',
      'user_id',
      'user_name',
      'notice_type',
      'sub',
      'raid',
      'amount',
      'message',
      'choices',
    ];
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('sub', 'raid', 'resub', '1'));
    const fields = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...names)), value);
    fc.assert(
      fc.property(types, fc.oneof(fc.jsonValue(), fields), fc.boolean(), (type, event, isNamed) => {
        const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
        const heard = read(type, isNamed && isObject ? { ...event, ...broadcaster } : event);
        const payload = heard.what === 'event' ? heard.event.payload : null;
        expect(JSON.parse(JSON.stringify(payload))).toEqual(payload);
      }),
      { numRuns: 1000 },
    );
  });
});
