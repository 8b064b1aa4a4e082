/** What can happen to a streamer, as people see it. The comment names what tells us. */
export const eventKinds = [
  'live', // stream.online
  'offline', // stream.offline
  'update', // channel.update: title, category, language
  'raid', // channel.raid, coming in
  'raid-out', // channel.raid, going out
  'renamed', // found by comparing
  'unavailable', // found by comparing
  'available', // found by comparing
  'sub', // chat: sub; channel.subscribe
  'resub', // chat: resub; channel.subscription.message
  'gift', // chat: sub_gift of its own
  'gift-bomb', // chat: community_sub_gift with its sub_gifts; channel.subscription.gift
  'upgrade', // chat: gift_paid_upgrade, prime_paid_upgrade, pay_it_forward
  'announcement', // chat
  'watch-streak', // chat
  'milestone', // chat: bits_badge_tier, modiversary
  'charity', // chat: charity_donation; channel.charity_campaign.*
  'notice', // chat: any kind yet unknown, by its system_message
  'follow', // channel.follow
  'cheer', // channel.cheer or channel.bits.use, power-ups too
  'hype-train', // channel.hype_train.*
  'poll', // channel.poll.*
  'prediction', // channel.prediction.*
  'goal', // channel.goal.*
  'channel-points', // redemptions
  'shoutout', // channel.shoutout.*
  'ad-break', // channel.ad_break.begin
] as const;

/** How many entries stand on a page that is no history. */
export const mostLately = 10;

export type EventKind = (typeof eventKinds)[number];

/** The way by which we heard; `poll`: found by comparing what Twitch's lists say with what we knew. */
export type EventSource = 'webhook' | 'conduit' | 'websocket' | 'poll';

/** Somebody whom an event names. `null` for the whole person: anonymous. */
export interface Person {
  id: string | null;
  login: string | null;
  name: string;
}

export type SubTier = 'prime' | '1' | '2' | '3';

/** What stays open until it ends: an entry that is written again while it goes on. */
export type Course = 'running' | 'locked' | 'ended' | 'cancelled';

/**
 * What an entry says, by kind. Times are ISO 8601 in UTC, since payloads are kept as JSON; durations in
 * seconds. Of events that happened in another channel of a shared chat, `sharedFrom` names that channel.
 */
export interface EventPayloads {
  live: {
    broadcastId: string | null;
    startedAt: string | null;
    title: string | null;
    category: string | null;
    /** Came back within 90 seconds: the broadcast of before goes on. */
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
    /** What it was before, as far as we knew. */
    before: { title: string; category: string } | null;
  };
  raid: { from: Person; viewers: number } & Shared;
  'raid-out': { to: Person; viewers: number };
  renamed: { from: string; to: string };
  unavailable: Record<string, never>;
  available: Record<string, never>;
  sub: { by: Person | null; tier: SubTier; isGift: boolean } & Shared;
  resub: {
    by: Person | null;
    tier: SubTier;
    months: number;
    streak: number | null;
    gifter: Person | null;
    message: string;
  } & Shared;
  gift: { by: Person | null; to: Person | null; tier: SubTier; months: number } & Shared;
  /** `total` is `null` until the message that tells it has come; `to` names the first three. */
  'gift-bomb': {
    by: Person | null;
    total: number | null;
    tier: SubTier;
    cumulative: number | null;
    to: Person[];
  } & Shared;
  upgrade: {
    by: Person | null;
    how: 'gift' | 'prime' | 'forward';
    gifter: Person | null;
    to: Person | null;
    tier: SubTier | null;
  } & Shared;
  announcement: { by: Person | null; message: string; color: string } & Shared;
  'watch-streak': { by: Person | null; streak: number; points: number; message: string } & Shared;
  milestone: { by: Person | null; what: 'bits-badge' | 'modiversary'; value: number } & Shared;
  /** `amount` is in words, such as `12.50 USD`. A campaign has a course, a donation has none. */
  charity: {
    by: Person | null;
    charity: string;
    amount: string;
    target: string | null;
    course: Course | null;
  } & Shared;
  notice: { by: Person | null; noticeType: string; text: string; message: string } & Shared;
  follow: { by: Person };
  cheer: { by: Person | null; bits: number; what: 'cheer' | 'power-up'; message: string };
  'hype-train': { level: number; total: number; goal: number | null; course: Course; endsAt: string | null };
  poll: {
    title: string;
    choices: { title: string; votes: number | null }[];
    course: Course;
    endsAt: string | null;
  };
  prediction: {
    title: string;
    outcomes: { title: string; points: number | null; users: number | null; isWinner: boolean }[];
    course: Course;
    endsAt: string | null;
  };
  goal: {
    type: string;
    description: string;
    current: number;
    target: number;
    course: Course;
    isAchieved: boolean;
  };
  'channel-points': { by: Person; reward: string; cost: number; input: string; isAutomatic: boolean };
  shoutout: { direction: 'given' | 'received'; other: Person; viewers: number };
  'ad-break': { durationS: number; isAutomatic: boolean };
}

interface Shared {
  sharedFrom: Person | null;
}

/** One kind with its payload. */
export type EventBody = { [Kind in EventKind]: { kind: Kind; payload: EventPayloads[Kind] } }[EventKind];

/**
 * How an entry stands to others about the same thing, of the same streamer. `key` names the thing.
 * `same`: whoever heard it by another type or another source heard the same thing: one entry.
 * `course`: later messages about the thing write its entry anew (a poll, a hype train …).
 * `part`: one of the gifts of a gift bomb: kept, but shown only within the entry of that key.
 */
export interface Relation {
  how: 'same' | 'course' | 'part';
  key: string;
}

/** Something heard or found that is not stored yet. */
export type NewStreamEvent = EventBody & {
  /** Twitch's message id, of chat that of what was said there, or one of our own that begins with `found:`. Unique. */
  messageId: string;
  streamerId: string;
  /** The type of Twitch's subscription such as `channel.raid`; `found` for what we found ourselves. */
  type: string;
  source: EventSource;
  /** When it happened, as Twitch tells. */
  at: Date;
  /** Push should have told it and did not: found by comparing. */
  isLate: boolean;
  /** What summaries add up: viewers of a raid, gifted subs, bits, months; `null` where nothing is counted. */
  amount: number | null;
  relation: Relation | null;
};

/** An entry of the history. */
export type StreamEvent = NewStreamEvent & {
  /** Its address; grows in the order in which events were stored. */
  id: number;
  /**
   * Its place in the order of writing, over all instances and without a reader ever seeing a later one
   * first. As `id` at first; an entry that is written anew moves to the end.
   */
  sequence: number;
  receivedAt: Date;
};

/** An entry with whom it is about, as pages show it. */
export type ShownEvent = StreamEvent & {
  streamer: { id: string; login: string; displayName: string; profileImageUrl: string | null };
};

/**
 * What became of an event. `stored`, `merged` and `known` mean: the database holds it. `withdrawn`: the
 * broadcaster has taken back the leave by which it was heard. `refused`: it never will, however often it is sent.
 */
export type EventOutcome = 'stored' | 'merged' | 'known' | 'unknown-streamer' | 'withdrawn' | 'refused';

/** A person by the name that people know. */
export function nameOf(person: Person | null): string {
  return person === null ? 'Somebody' : person.name;
}
