/** Somebody whom an event names. */
export interface EventPerson {
  id: string | null;
  login: string | null;
  name: string;
}

export type EventTier = 'prime' | '1' | '2' | '3';

/** What goes on until it ends. */
export type EventCourse = 'running' | 'locked' | 'ended' | 'cancelled';

/** The way a message came. */
export type TwitchEventSource = 'webhook' | 'conduit' | 'websocket';

/** `null` for a person: anonymous. */
type By = { by: EventPerson | null };

/** Of what happened in another channel of a shared chat: that channel. */
type Shared = { sharedFrom: EventPerson | null };

/** What Twitch tells, by kind. Times are ISO 8601 in UTC, durations in seconds. */
export interface TwitchPayloads {
  /** Twitch tells no title and no category with it. */
  live: {
    broadcastId: string | null;
    startedAt: string | null;
    title: string | null;
    category: string | null;
    isRestart: boolean;
  };
  offline: {
    broadcastId: string | null;
    durationS: number | null;
    title: string | null;
    category: string | null;
  };
  update: {
    title: string;
    category: string;
    language: string;
    before: { title: string; category: string } | null;
  };
  raid: { from: EventPerson; viewers: number } & Shared;
  'raid-out': { to: EventPerson; viewers: number };
  sub: By & { tier: EventTier; isGift: boolean } & Shared;
  resub: By & {
    tier: EventTier;
    months: number;
    streak: number | null;
    gifter: EventPerson | null;
    message: string;
  } & Shared;
  gift: By & { to: EventPerson | null; tier: EventTier; months: number } & Shared;
  'gift-bomb': By & {
    total: number | null;
    tier: EventTier;
    cumulative: number | null;
    to: EventPerson[];
  } & Shared;
  upgrade: By & {
    how: 'gift' | 'prime' | 'forward';
    gifter: EventPerson | null;
    to: EventPerson | null;
    tier: EventTier | null;
  } & Shared;
  announcement: By & { message: string; color: string } & Shared;
  'watch-streak': By & { streak: number; points: number; message: string } & Shared;
  milestone: By & { what: 'bits-badge' | 'modiversary'; value: number } & Shared;
  charity: By & {
    charity: string;
    amount: string;
    target: string | null;
    course: EventCourse | null;
  } & Shared;
  notice: By & { noticeType: string; text: string; message: string } & Shared;
  follow: { by: EventPerson };
  cheer: By & { bits: number; what: 'cheer' | 'power-up'; message: string };
  'hype-train': {
    level: number;
    total: number;
    goal: number | null;
    course: EventCourse;
    endsAt: string | null;
  };
  poll: {
    title: string;
    choices: { title: string; votes: number | null }[];
    course: EventCourse;
    endsAt: string | null;
  };
  prediction: {
    title: string;
    outcomes: { title: string; points: number | null; users: number | null; isWinner: boolean }[];
    course: EventCourse;
    endsAt: string | null;
  };
  goal: {
    type: string;
    description: string;
    current: number;
    target: number;
    course: EventCourse;
    isAchieved: boolean;
  };
  'channel-points': { by: EventPerson; reward: string; cost: number; input: string; isAutomatic: boolean };
  shoutout: { direction: 'given' | 'received'; other: EventPerson; viewers: number };
  'ad-break': { durationS: number; isAutomatic: boolean };
}

/** One kind with its payload. */
export type TwitchEventBody = {
  [Kind in keyof TwitchPayloads]: { kind: Kind; payload: TwitchPayloads[Kind] };
}[keyof TwitchPayloads];

/**
 * How an event stands to others of its streamer: `same` thing heard twice, later words about a `course`,
 * `part` of the thing that the key names.
 */
export interface EventRelation {
  how: 'same' | 'course' | 'part';
  key: string;
}

/** What a kind decides. `happenedAt` is Twitch's own time of it, where it tells one. */
export type EventDraft = TwitchEventBody & {
  streamerId: string;
  happenedAt: Date | null;
  /** Viewers of a raid, gifted subs, bits, months; `null` where nothing is counted. */
  amount: number | null;
  relation: EventRelation | null;
  /** Chat's own id of what it says, the same in every message about it; left out where there is none. */
  chatMessageId?: string;
};

/** Something that happened to a streamer, as one message told it. */
export type TwitchEvent = TwitchEventBody & {
  /** Of the message; of chat, of what was said there, which every subscription tells in a message of its own. */
  messageId: string;
  streamerId: string;
  /** The type of the subscription, such as `channel.raid`. */
  type: string;
  source: TwitchEventSource;
  /** When it happened, as Twitch tells; of what goes on, when this was said of it. */
  at: Date;
  isLate: boolean;
  amount: number | null;
  relation: EventRelation | null;
};
