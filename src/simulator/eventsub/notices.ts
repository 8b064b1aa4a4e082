import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import type { Somebody } from '../crowd.ts';
import { broadcaster } from './stream-events.ts';

/** What is said in a chat besides messages, before Twitch's field names. */
export interface Notice {
  type: string;
  /** What the kind itself tells; `null` for a kind that has nothing of its own. */
  details: object | null;
  /** `null`: anonymous. */
  by: Somebody | null;
  /** Twitch's own sentence. */
  says: string;
  /** What the person wrote. */
  message?: string;
  /** It happened in this channel of a shared chat. */
  sharedFrom?: Account;
}

/** A `channel.chat.notification` with every kind's object, all but one of them `null`. */
export function noticeOnWire(channel: Account, notice: Notice): object {
  const { details, by, says, message = '', sharedFrom } = notice;
  const type = sharedFrom === undefined ? notice.type : `shared_chat_${notice.type}`;
  const chatter = by ?? anonymous;
  return {
    ...broadcaster(channel),
    chatter_user_id: chatter.id,
    chatter_user_login: chatter.login,
    chatter_user_name: chatter.name,
    chatter_is_anonymous: by === null,
    color: '',
    badges: [],
    system_message: says,
    message_id: randomUUID(),
    message: { text: message, fragments: message === '' ? [] : [fragment(message)] },
    notice_type: type,
    ...Object.fromEntries(objects.map((name) => [name, name === type ? details : null])),
    source_broadcaster_user_id: sharedFrom?.id ?? null,
    source_broadcaster_user_login: sharedFrom?.login ?? null,
    source_broadcaster_user_name: sharedFrom?.displayName ?? null,
    source_message_id: sharedFrom === undefined ? null : randomUUID(),
    source_badges: sharedFrom === undefined ? null : [],
    is_source_only: sharedFrom === undefined ? null : false,
  };
}

/** The three fields that name a person, with a word in front; all `null` for nobody. */
export function person(somebody: Somebody | null, prefix = ''): Record<string, string | null> {
  return {
    [`${prefix}user_id`]: somebody?.id ?? null,
    [`${prefix}user_login`]: somebody?.login ?? null,
    [`${prefix}user_name`]: somebody?.name ?? null,
  };
}

// Whom Twitch names where it names nobody.
const anonymous: Somebody = { id: '274598607', login: 'ananonymousgifter', name: 'AnAnonymousGifter' };

const shareable = [
  'sub',
  'resub',
  'sub_gift',
  'community_sub_gift',
  'gift_paid_upgrade',
  'prime_paid_upgrade',
  'pay_it_forward',
  'raid',
  'announcement',
  'modiversary',
];
const objects = [
  ...shareable,
  'unraid',
  'bits_badge_tier',
  'charity_donation',
  'watch_streak',
  ...shareable.map((name) => `shared_chat_${name}`),
];

function fragment(text: string): object {
  return { type: 'text', text, cheermote: null, emote: null, mention: null };
}
