import type { ChannelInfo, LiveStream, Profile, Streamer, StreamerCard } from '../domain/streamer.ts';
import { toAddress, toLogin, toText } from './text.ts';

/** The part of a row that Get Users speaks about. */
export interface ProfileRow {
  id: string;
  login: string;
  display_name: string;
  description: string;
  profile_image_url: string | null;
  offline_image_url: string | null;
}

/** The part of a row that is about the channel, live or not. */
export interface ChannelRow {
  id: string;
  title: string;
  category: string;
  language: string;
}

/** The part of a row that a round of Get Streams speaks about. Times are milliseconds since 1970. */
export interface RoundRow extends ChannelRow {
  login: string;
  display_name: string;
  broadcast_id: string | null;
  broadcast_started_at: number | null;
  viewers: number | null;
  thumbnail_url: string | null;
  last_live_at: number | null;
  absent_since: number | null;
}

/** A whole row. */
export interface StreamerRow extends ProfileRow, RoundRow {
  polled_at: number | null;
  profiled_at: number | null;
  requested_at: number | null;
  unavailable_since: number | null;
  /** When push last told of a start or an end, by our clock. */
  heard_at: number | null;
  /** The time of the latest change of title or category that was told by push. */
  retitled_at: number | null;
  /** The last broadcast that ended. */
  ended_broadcast_id: string | null;
  /** The time of the newest entry. */
  last_event_at: number | null;
  /** The sequence of the entry that was written last. */
  last_event_sequence: number | null;
  /** The kinds of the own channel for which the leave was taken back: names, separated by commas. */
  withdrawn_kinds: string;
}

/** Row to domain. */
export function toStreamer(row: StreamerRow): Streamer {
  return {
    ...toCard(row),
    description: row.description,
    offlineImageUrl: row.offline_image_url,
    language: row.language,
  };
}

/** The columns that `toCard` reads. */
export const cardColumns = [
  'id',
  'login',
  'display_name',
  'profile_image_url',
  'title',
  'category',
  'broadcast_id',
  'broadcast_started_at',
  'viewers',
  'thumbnail_url',
  'last_live_at',
  'polled_at',
  'unavailable_since',
  'last_event_at',
  'last_event_sequence',
] as const;

export type CardRow = Pick<StreamerRow, (typeof cardColumns)[number]>;

/** The values of `cardColumns`, in their order. */
export type CardValues = Values<typeof cardColumns>;

type Values<Columns extends readonly (keyof StreamerRow)[]> = {
  -readonly [Place in keyof Columns]: StreamerRow[Columns[Place]];
};

/** The values of a row to domain. Written out: taking each by its column's name takes as long as the query. */
export function cardOf(values: [...CardValues, ...unknown[]]): StreamerCard {
  return toCard({
    id: values[0],
    login: values[1],
    display_name: values[2],
    profile_image_url: values[3],
    title: values[4],
    category: values[5],
    broadcast_id: values[6],
    broadcast_started_at: values[7],
    viewers: values[8],
    thumbnail_url: values[9],
    last_live_at: values[10],
    polled_at: values[11],
    unavailable_since: values[12],
    last_event_at: values[13],
    last_event_sequence: values[14],
  });
}

/** Row to domain, as far as a card goes. */
export function toCard(row: CardRow): StreamerCard {
  return {
    id: row.id,
    login: row.login,
    displayName: row.display_name,
    profileImageUrl: row.profile_image_url,
    title: row.title,
    category: row.category,
    broadcast: toBroadcast(row),
    lastLiveAt: toDate(row.last_live_at),
    polledAt: toDate(row.polled_at),
    unavailableSince: toDate(row.unavailable_since),
    lastEvent: toLastEvent(row),
  };
}

/** A time of the database, in milliseconds, as a Date. */
export function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}

/** Profile to row, cut to what fits. */
export function toProfileRow(profile: Profile): ProfileRow {
  return {
    id: profile.id,
    login: toLogin(profile.login),
    display_name: toText(profile.displayName, 128),
    description: toText(profile.description, 2000),
    profile_image_url: toAddress(profile.profileImageUrl),
    offline_image_url: toAddress(profile.offlineImageUrl),
  };
}

/** Channel to row, cut to what fits. */
export function toChannelRow(channel: ChannelInfo): ChannelRow {
  return {
    id: channel.id,
    title: toText(channel.title, 512),
    category: toText(channel.category, 255),
    language: toLanguage(channel.language),
  };
}

/** A live stream to its streamer's row, cut to what fits. `at` is when Twitch was asked. */
export function toLiveRow(live: LiveStream, at: number): RoundRow {
  return {
    id: live.streamerId,
    login: toLogin(live.login),
    display_name: toText(live.displayName, 128),
    title: toText(live.title, 512),
    category: toText(live.category, 255),
    language: toLanguage(live.language),
    broadcast_id: live.id,
    broadcast_started_at: live.startedAt.getTime(),
    viewers: Math.min(Math.max(Math.trunc(live.viewers), 0), 2_147_483_647),
    thumbnail_url: toAddress(live.thumbnailUrl),
    last_live_at: at,
    absent_since: null,
  };
}

function toBroadcast(row: CardRow): Streamer['broadcast'] {
  if (row.broadcast_id === null || row.broadcast_started_at === null) return null;
  return {
    id: row.broadcast_id,
    startedAt: new Date(row.broadcast_started_at),
    viewers: row.viewers,
    thumbnailUrl: row.thumbnail_url,
  };
}

function toLastEvent({ last_event_at: at, last_event_sequence: sequence }: CardRow): Streamer['lastEvent'] {
  return at === null || sequence === null ? null : { at: new Date(at), sequence };
}

function toLanguage(language: string): string {
  return language.replace(/[^\w-]/g, '').slice(0, 32);
}
