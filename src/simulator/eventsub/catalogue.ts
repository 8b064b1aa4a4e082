/** What Twitch asks of a subscription of one type. */
export interface Kind {
  version: string;
  /** Fields of the condition that must be there. */
  required: readonly string[];
  optional: readonly string[];
  /** The field of the condition that names whoever must have allowed it; `null`: nobody. */
  authoriser: string | null;
  /** The scope that this person must have granted. */
  scope: string;
}

/** What Twitch's table of subscription types says of this one, or `null` when there is no such type. */
export function kindOf(type: string): Kind | null {
  return Object.hasOwn(kinds, type) ? (kinds[type] ?? null) : null;
}

/** The types that a broadcaster hears of the own channel only. */
export function isOwnChannelType(type: string): boolean {
  const authoriser = kindOf(type)?.authoriser ?? null;
  return authoriser === 'broadcaster_user_id' || authoriser === 'moderator_user_id';
}

/** The types that the reader of a chat hears. */
export function isChatType(type: string): boolean {
  return kindOf(type)?.scope === 'user:read:chat';
}

const broadcaster = 'broadcaster_user_id';

function open(...required: string[]): Kind {
  return { version: '1', required, optional: [], authoriser: null, scope: '' };
}

function chat(): Kind {
  return {
    version: '1',
    required: [broadcaster, 'user_id'],
    optional: [],
    authoriser: 'user_id',
    scope: 'user:read:chat',
  };
}

function moderator(scope: string, version = '1'): Kind {
  return {
    version,
    required: [broadcaster, 'moderator_user_id'],
    optional: [],
    authoriser: 'moderator_user_id',
    scope,
  };
}

function own(scope: string, version = '1', optional: string[] = []): Kind {
  return { version, required: [broadcaster], optional, authoriser: broadcaster, scope };
}

function ofApplication(...optional: string[]): Kind {
  return { version: '1', required: ['client_id'], optional, authoriser: null, scope: '' };
}

const subscriptions = own('channel:read:subscriptions');
const hypeTrain = own('channel:read:hype_train', '2');
const polls = own('channel:read:polls');
const predictions = own('channel:read:predictions');
const goals = own('channel:read:goals');
const charity = own('channel:read:charity');
const redemptions = own('channel:read:redemptions', '1', ['reward_id']);

const kinds: Readonly<Record<string, Kind>> = {
  'stream.online': open(broadcaster),
  'stream.offline': open(broadcaster),
  'channel.update': { ...open(broadcaster), version: '2' },
  'channel.raid': { ...open(), optional: ['from_broadcaster_user_id', 'to_broadcaster_user_id'] },
  'channel.shared_chat.begin': open(broadcaster),
  'channel.shared_chat.update': open(broadcaster),
  'channel.shared_chat.end': open(broadcaster),
  'user.update': open('user_id'),
  'channel.chat.message': chat(),
  'channel.chat.notification': chat(),
  'channel.chat.message_delete': chat(),
  'channel.chat.clear': chat(),
  'channel.chat.clear_user_messages': chat(),
  'channel.chat_settings.update': chat(),
  'channel.follow': moderator('moderator:read:followers', '2'),
  'channel.shoutout.create': moderator('moderator:read:shoutouts'),
  'channel.shoutout.receive': moderator('moderator:read:shoutouts'),
  'channel.subscribe': subscriptions,
  'channel.subscription.end': subscriptions,
  'channel.subscription.gift': subscriptions,
  'channel.subscription.message': subscriptions,
  'channel.cheer': own('bits:read'),
  'channel.bits.use': own('bits:read'),
  'channel.hype_train.begin': hypeTrain,
  'channel.hype_train.progress': hypeTrain,
  'channel.hype_train.end': hypeTrain,
  'channel.poll.begin': polls,
  'channel.poll.progress': polls,
  'channel.poll.end': polls,
  'channel.prediction.begin': predictions,
  'channel.prediction.progress': predictions,
  'channel.prediction.lock': predictions,
  'channel.prediction.end': predictions,
  'channel.channel_points_custom_reward_redemption.add': redemptions,
  'channel.channel_points_custom_reward_redemption.update': redemptions,
  'channel.channel_points_automatic_reward_redemption.add': own('channel:read:redemptions', '2'),
  'channel.goal.begin': goals,
  'channel.goal.progress': goals,
  'channel.goal.end': goals,
  'channel.charity_campaign.start': charity,
  'channel.charity_campaign.progress': charity,
  'channel.charity_campaign.stop': charity,
  'channel.charity_campaign.donate': charity,
  'channel.ad_break.begin': own('channel:read:ads'),
  'user.authorization.grant': ofApplication(),
  'user.authorization.revoke': ofApplication(),
  'conduit.shard.disabled': ofApplication('conduit_id'),
};
