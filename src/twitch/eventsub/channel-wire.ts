import { charityAmount, withinTenMinutes } from './alike.ts';
import type { EventDraft, EventPerson, EventRelation, TwitchEventBody } from './event.ts';
import { readFields, type Fields } from './fields.ts';
import type { EventSubMessage } from './message.ts';

type Told = TwitchEventBody & {
  happenedAt?: Date | null;
  amount?: number | null;
  relation?: EventRelation | null;
};

// What a broadcaster may hear of the own channel, each thing told once.
const readers: Record<string, (fields: Fields, sentAt: Date) => Told> = {
  'channel.follow': (fields) => ({
    kind: 'follow',
    payload: { by: fields.somebody('user') },
    happenedAt: fields.instant('followed_at'),
  }),
  'channel.subscribe': (fields, sentAt) => {
    const by = fields.somebody('user');
    const isGift = fields.flag('is_gift');
    return {
      kind: 'sub',
      payload: { by, tier: fields.tier('tier'), isGift, sharedFrom: null },
      // Of a gift, chat tells the giver: another entry.
      relation: isGift ? null : { how: 'same', key: withinTenMinutes(`sub:${by.id}`, sentAt) },
    };
  },
  'channel.subscription.message': (fields) => {
    const by = fields.somebody('user');
    const months = fields.count('cumulative_months');
    return {
      kind: 'resub',
      payload: {
        by,
        tier: fields.tier('tier'),
        months,
        streak: fields.countOrNull('streak_months'),
        gifter: null,
        message: fields.part('message').text('text', 500),
        sharedFrom: null,
      },
      amount: months,
      relation: { how: 'same', key: `resub:${by.id}:${months}` },
    };
  },
  'channel.subscription.gift': (fields) => {
    const total = fields.countOrNull('total');
    const cumulative = fields.countOrNull('cumulative_total');
    return {
      kind: 'gift-bomb',
      payload: {
        by: unlessAnonymous(fields),
        total,
        tier: fields.tier('tier'),
        cumulative,
        to: [],
        sharedFrom: null,
      },
      amount: total,
    };
  },
  'channel.cheer': (fields, sentAt) =>
    bits(unlessAnonymous(fields), fields.neededCount('bits'), 'cheer', fields.text('message', 500), sentAt),
  'channel.bits.use': (fields, sentAt) => {
    const what = fields.text('type', 32) === 'cheer' ? 'cheer' : 'power-up';
    const message = fields.part('message').text('text', 500);
    return bits(unlessAnonymous(fields), fields.neededCount('bits'), what, message, sentAt);
  },
  'channel.custom_power_up_redemption.add': (fields, sentAt) => {
    const spent = fields.part('custom_power_up').neededCount('bits');
    return bits(fields.person('user'), spent, 'power-up', fields.text('user_input', 500), sentAt);
  },
  'channel.channel_points_custom_reward_redemption.add': (fields) => {
    const reward = fields.part('reward');
    return {
      kind: 'channel-points',
      payload: {
        by: fields.somebody('user'),
        reward: reward.text('title', 128),
        cost: reward.count('cost'),
        input: fields.text('user_input', 500),
        isAutomatic: false,
      },
      happenedAt: fields.instant('redeemed_at'),
    };
  },
  'channel.channel_points_automatic_reward_redemption.add': (fields) => {
    const reward = fields.part('reward');
    return {
      kind: 'channel-points',
      payload: {
        by: fields.somebody('user'),
        reward: reward.text('type', 128).replaceAll('_', ' '),
        cost: reward.countOrNull('channel_points') ?? reward.count('cost'),
        input: fields.part('message').text('text', 500),
        isAutomatic: true,
      },
      happenedAt: fields.instant('redeemed_at'),
    };
  },
  'channel.charity_campaign.donate': (fields, sentAt) => {
    const by = fields.person('user');
    const amount = charityAmount(fields.part('amount'));
    return {
      kind: 'charity',
      payload: {
        by,
        charity: fields.text('charity_name', 128),
        amount,
        target: null,
        course: null,
        sharedFrom: null,
      },
      relation: by?.id ? { how: 'same', key: withinTenMinutes(`charity:${by.id}:${amount}`, sentAt) } : null,
    };
  },
  'channel.shoutout.create': (fields) => shoutout('given', fields, 'to_broadcaster_user'),
  'channel.shoutout.receive': (fields) => shoutout('received', fields, 'from_broadcaster_user'),
  'channel.ad_break.begin': (fields) => ({
    kind: 'ad-break',
    payload: { durationS: fields.count('duration_seconds'), isAutomatic: fields.flag('is_automatic') },
    happenedAt: fields.instant('started_at'),
  }),
};

/** The own channel's events that are told once; `null` for other types. */
export function readChannelEvent({ type, event, sentAt }: EventSubMessage): EventDraft | null {
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (!read) return null;
  const fields = readFields(event);
  const streamerId = fields.id('broadcaster_user_id');
  return { happenedAt: null, amount: null, relation: null, ...read(fields, sentAt), streamerId };
}

function bits(
  by: EventPerson | null,
  count: number,
  what: 'cheer' | 'power-up',
  message: string,
  sentAt: Date,
): Told {
  return {
    kind: 'cheer',
    payload: { by, bits: count, what, message },
    amount: count,
    // Whoever listens to cheers and to the use of bits hears a cheer twice.
    relation: { how: 'same', key: withinTenMinutes(`${what}:${by?.id ?? 'anonymous'}:${count}`, sentAt) },
  };
}

function shoutout(direction: 'given' | 'received', fields: Fields, other: string): Told {
  return {
    kind: 'shoutout',
    payload: { direction, other: fields.somebody(other), viewers: fields.count('viewer_count') },
    happenedAt: fields.instant('started_at'),
  };
}

function unlessAnonymous(fields: Fields): EventPerson | null {
  return fields.flag('is_anonymous') ? null : fields.person('user');
}
