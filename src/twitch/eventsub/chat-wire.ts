import { charityAmount, withinTenMinutes } from './alike.ts';
import type { EventDraft, EventPerson, EventRelation, TwitchEventBody } from './event.ts';
import { readFields, type Fields } from './fields.ts';
import type { EventSubMessage } from './message.ts';

/** What all notices say. */
interface Notice {
  by: EventPerson | null;
  sharedFrom: EventPerson | null;
  /** Where it happened: here, or in the other channel of a shared chat. */
  channelId: string;
  message: string;
  sentAt: Date;
}

type Told = TwitchEventBody & { amount?: number | null; relation?: EventRelation | null };

// By notice, each with the fields of the object that has its name.
const readers: Record<string, (fields: Fields, notice: Notice) => Told> = {
  sub: (fields, { by, sharedFrom, sentAt }) => ({
    kind: 'sub',
    payload: { by, tier: fields.tier('sub_tier'), isGift: false, sharedFrom },
    relation: by?.id ? { how: 'same', key: withinTenMinutes(`sub:${by.id}`, sentAt) } : null,
  }),
  resub: (fields, { by, sharedFrom, message }) => {
    const months = fields.count('cumulative_months');
    const isGift = fields.flag('is_gift') && !fields.flag('gifter_is_anonymous');
    return {
      kind: 'resub',
      payload: {
        by,
        tier: fields.tier('sub_tier'),
        months,
        streak: fields.countOrNull('streak_months'),
        gifter: isGift ? fields.person('gifter_user') : null,
        message,
        sharedFrom,
      },
      amount: months,
      relation: by?.id ? { how: 'same', key: `resub:${by.id}:${months}` } : null,
    };
  },
  sub_gift: (fields, { by, sharedFrom }) => {
    const bomb = fields.keyOrNull('community_gift_id');
    return {
      kind: 'gift',
      payload: {
        by,
        to: fields.person('recipient_user'),
        tier: fields.tier('sub_tier'),
        months: fields.countOrNull('duration_months') ?? 1,
        sharedFrom,
      },
      amount: 1,
      relation: bomb === null ? null : { how: 'part', key: `bomb:${bomb}` },
    };
  },
  community_sub_gift: (fields, { by, sharedFrom }) => {
    const total = fields.countOrNull('total');
    const cumulative = fields.countOrNull('cumulative_total');
    return {
      kind: 'gift-bomb',
      payload: { by, total, tier: fields.tier('sub_tier'), cumulative, to: [], sharedFrom },
      amount: total,
      relation: { how: 'course', key: `bomb:${fields.key('id')}` },
    };
  },
  gift_paid_upgrade: (fields, { by, sharedFrom }) => ({
    kind: 'upgrade',
    payload: { by, how: 'gift', gifter: gifterIn(fields), to: null, tier: null, sharedFrom },
  }),
  prime_paid_upgrade: (fields, { by, sharedFrom }) => ({
    kind: 'upgrade',
    payload: { by, how: 'prime', gifter: null, to: null, tier: fields.tier('sub_tier'), sharedFrom },
  }),
  pay_it_forward: (fields, { by, sharedFrom }) => ({
    kind: 'upgrade',
    payload: {
      by,
      how: 'forward',
      gifter: gifterIn(fields),
      to: fields.person('recipient_user'),
      tier: null,
      sharedFrom,
    },
  }),
  raid: (fields, { sharedFrom, channelId }) => {
    const from = fields.somebody('user');
    const viewers = fields.count('viewer_count');
    return {
      kind: 'raid',
      payload: { from, viewers, sharedFrom },
      amount: viewers,
      relation: { how: 'same', key: `raid:${from.id}:${channelId}` },
    };
  },
  announcement: (fields, { by, message, sharedFrom }) => ({
    kind: 'announcement',
    payload: { by, message, color: fields.text('color', 16), sharedFrom },
  }),
  watch_streak: (fields, { by, message, sharedFrom }) => ({
    kind: 'watch-streak',
    payload: {
      by,
      streak: fields.count('streak_count'),
      points: fields.count('channel_points_awarded'),
      message,
      sharedFrom,
    },
  }),
  bits_badge_tier: (fields, { by, sharedFrom }) => ({
    kind: 'milestone',
    payload: { by, what: 'bits-badge', value: fields.count('tier'), sharedFrom },
  }),
  modiversary: (fields, { by, sharedFrom }) => ({
    kind: 'milestone',
    payload: { by, what: 'modiversary', value: fields.count('months'), sharedFrom },
  }),
  charity_donation: (fields, { by, sharedFrom, sentAt }) => {
    const amount = charityAmount(fields.part('amount'));
    return {
      kind: 'charity',
      payload: {
        by,
        charity: fields.text('charity_name', 128),
        amount,
        target: null,
        course: null,
        sharedFrom,
      },
      relation: by?.id ? { how: 'same', key: withinTenMinutes(`charity:${by.id}:${amount}`, sentAt) } : null,
    };
  },
};

/**
 * What chat notices; `null` for other types and for a raid that was called off. A notice of a kind yet unknown,
 * or without its object, is told by Twitch's own sentence.
 */
export function readChatEvent({ type, event, sentAt }: EventSubMessage): EventDraft | null {
  if (type !== 'channel.chat.notification') return null;
  const fields = readFields(event);
  const noticeType = fields.text('notice_type', 64);
  if (noticeType === 'unraid') return null;
  const streamerId = fields.id('broadcaster_user_id');
  const source = fields.person('source_broadcaster_user');
  // In a shared chat each channel's own notices name that channel as their source too.
  const sharedFrom = source?.id === streamerId ? null : source;
  const notice: Notice = {
    by: fields.flag('chatter_is_anonymous') ? null : fields.person('chatter_user'),
    sharedFrom,
    channelId: sharedFrom?.id ?? streamerId,
    message: fields.part('message').text('text', 500),
    sentAt,
  };
  const plainType = noticeType.replace(/^shared_chat_/, '');
  const read = Object.hasOwn(readers, plainType) && fields.has(noticeType) ? readers[plainType] : undefined;
  const told = read ? read(fields.part(noticeType), notice) : unknownNotice(fields, noticeType, notice);
  const chatMessageId = fields.keyOrNull('message_id');
  return {
    amount: null,
    relation: null,
    ...told,
    streamerId,
    happenedAt: null,
    ...(chatMessageId === null ? {} : { chatMessageId }),
  };
}

function unknownNotice(fields: Fields, noticeType: string, { by, message, sharedFrom }: Notice): Told {
  return {
    kind: 'notice',
    payload: { by, noticeType, text: fields.text('system_message', 500), message, sharedFrom },
  };
}

function gifterIn(fields: Fields): EventPerson | null {
  return fields.flag('gifter_is_anonymous') ? null : fields.person('gifter_user');
}
