import { watchOf, type Watch } from './watch.ts';

/** A group of happenings that broadcasters can turn on for their own channel. */
export interface OwnKind {
  name: string;
  /** For the account page. */
  label: string;
  /** What the broadcaster has to allow. */
  scope: string;
  types: readonly { type: string; version: string; asModerator?: true }[];
}

/** What a broadcaster can turn on (dev.twitch.tv, "EventSub Subscription Types"). */
export const ownKinds: readonly OwnKind[] = [
  {
    name: 'follows',
    label: 'Follows',
    scope: 'moderator:read:followers',
    types: [{ type: 'channel.follow', version: '2', asModerator: true }],
  },
  {
    name: 'subs',
    label: 'Subs and gifted subs',
    scope: 'channel:read:subscriptions',
    types: ofVersion('1', 'channel.subscribe', 'channel.subscription.gift', 'channel.subscription.message'),
  },
  {
    name: 'bits',
    label: 'Cheers, bits and power-ups',
    scope: 'bits:read',
    types: ofVersion('1', 'channel.cheer', 'channel.bits.use'),
  },
  {
    name: 'hype-train',
    label: 'Hype trains',
    scope: 'channel:read:hype_train',
    types: ofVersion('2', ...stages('channel.hype_train', 'begin', 'progress', 'end')),
  },
  {
    name: 'polls',
    label: 'Polls',
    scope: 'channel:read:polls',
    types: ofVersion('1', ...stages('channel.poll', 'begin', 'progress', 'end')),
  },
  {
    name: 'predictions',
    label: 'Predictions',
    scope: 'channel:read:predictions',
    types: ofVersion('1', ...stages('channel.prediction', 'begin', 'progress', 'lock', 'end')),
  },
  {
    name: 'goals',
    label: 'Goals',
    scope: 'channel:read:goals',
    types: ofVersion('1', ...stages('channel.goal', 'begin', 'progress', 'end')),
  },
  {
    name: 'points',
    label: 'Channel points',
    scope: 'channel:read:redemptions',
    types: [
      ...ofVersion('1', 'channel.channel_points_custom_reward_redemption.add'),
      ...ofVersion('2', 'channel.channel_points_automatic_reward_redemption.add'),
    ],
  },
  {
    name: 'charity',
    label: 'Charity campaigns',
    scope: 'channel:read:charity',
    types: ofVersion('1', ...stages('channel.charity_campaign', 'donate', 'start', 'progress', 'stop')),
  },
  {
    name: 'shoutouts',
    label: 'Shoutouts',
    scope: 'moderator:read:shoutouts',
    types: stages('channel.shoutout', 'create', 'receive').map((type) => ({
      type,
      version: '1',
      asModerator: true,
    })),
  },
  {
    name: 'ads',
    label: 'Ad breaks',
    scope: 'channel:read:ads',
    types: ofVersion('1', 'channel.ad_break.begin'),
  },
];

const kindByType = new Map(ownKinds.flatMap(({ name, types }) => types.map(({ type }) => [type, name])));

/** The types of message that exist only by the broadcaster's leave, of all kinds but those that are still on. */
export function ownTypes(stillOn: string[] = []): string[] {
  return ownKinds
    .filter(({ name }) => !stillOn.includes(name))
    .flatMap(({ types }) => types.map(({ type }) => type));
}

/** The name of the kind that a type belongs to; `undefined` for what needs no broadcaster's leave. */
export function ownKindOf(type: string): string | undefined {
  return kindByType.get(type);
}

/** A user who has connected the own channel. */
export interface Broadcaster {
  userId: string;
  /** The names of the groups that are turned on. */
  kinds: string[];
  /** What the user's token allows. */
  scopes: string[];
}

/** What is wished of the own channel: what is turned on and allowed. It costs nothing. */
export function ownWatches({ userId, kinds, scopes }: Broadcaster): Watch[] {
  const allowed = ownKinds.filter(({ name, scope }) => kinds.includes(name) && allows(scopes, scope));
  return allowed.flatMap(({ types }) =>
    types.map(({ type, version, asModerator }) =>
      watchOf({
        type,
        version,
        condition: {
          broadcaster_user_id: userId,
          // Broadcasters are moderators of their own channel.
          ...(asModerator === true ? { moderator_user_id: userId } : {}),
        },
        tier: 0,
        streamerId: userId,
        userId,
      }),
    ),
  );
}

/** Who may manage something may read it. */
function allows(scopes: string[], scope: string): boolean {
  return scopes.includes(scope) || scopes.includes(scope.replace(':read:', ':manage:'));
}

function ofVersion(version: string, ...types: string[]) {
  return types.map((type) => ({ type, version }));
}

function stages(type: string, ...names: string[]): string[] {
  return names.map((name) => `${type}.${name}`);
}
