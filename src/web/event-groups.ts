import { eventKinds, type EventKind } from '../domain/stream-event.ts';

/** Kinds that people choose together; `name` is what the box says. */
export interface EventGroup {
  name: string;
  kinds: EventKind[];
}

/** Every kind once, in the order of the form. */
export const eventGroups: EventGroup[] = [
  { name: 'Live and offline', kinds: ['live', 'offline'] },
  { name: 'Titles and categories', kinds: ['update'] },
  { name: 'Raids', kinds: ['raid', 'raid-out'] },
  { name: 'Subs and gifts', kinds: ['sub', 'resub', 'gift', 'gift-bomb', 'upgrade'] },
  { name: 'Chat', kinds: ['announcement', 'watch-streak', 'milestone', 'notice', 'shoutout'] },
  { name: 'Follows', kinds: ['follow'] },
  { name: 'Bits, points and charity', kinds: ['cheer', 'channel-points', 'charity'] },
  { name: 'Polls and predictions', kinds: ['poll', 'prediction'] },
  { name: 'Hype trains and goals', kinds: ['hype-train', 'goal'] },
  { name: 'Renamed, gone or back', kinds: ['renamed', 'unavailable', 'available'] },
  { name: 'Ad breaks', kinds: ['ad-break'] },
];

const chatKinds: EventKind[] = [
  'sub',
  'resub',
  'gift',
  'gift-bomb',
  'upgrade',
  'raid',
  'announcement',
  'watch-streak',
  'milestone',
  'charity',
  'notice',
];

/** Twitch's names of types that say the same, whole or before a dot. */
const aliases: Record<string, EventKind[]> = {
  'stream.online': ['live'],
  'stream.offline': ['offline'],
  'channel.update': ['update'],
  'channel.raid': ['raid', 'raid-out'],
  'channel.chat.notification': chatKinds,
  'channel.subscribe': ['sub'],
  'channel.subscription.message': ['resub'],
  'channel.subscription.gift': ['gift', 'gift-bomb'],
  'channel.follow': ['follow'],
  'channel.cheer': ['cheer'],
  'channel.bits': ['cheer'],
  'channel.hype_train': ['hype-train'],
  'channel.poll': ['poll'],
  'channel.prediction': ['prediction'],
  'channel.goal': ['goal'],
  'channel.charity_campaign': ['charity'],
  'channel.channel_points_custom_reward_redemption': ['channel-points'],
  'channel.channel_points_automatic_reward_redemption': ['channel-points'],
  'channel.shoutout': ['shoutout'],
  'channel.ad_break': ['ad-break'],
};

/** The kinds that a name means: one of ours, or a type of Twitch's; `null` when it is neither. */
export function kindsNamed(name: string): EventKind[] | null {
  const kind = eventKinds.find((each) => each === name);
  if (kind !== undefined) return [kind];
  const type = Object.keys(aliases).find((each) => name === each || name.startsWith(`${each}.`));
  return type === undefined ? null : (aliases[type] ?? null);
}
