import type { EventKind, ShownEvent } from '../domain/stream-event.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import type { Look } from '../domain/visit.ts';
import type { EventPlace } from './event-query.ts';

/** What pages want of the history. */
export interface EventStore {
  /** The `mostLately` newest of all these streamers together, newest first. */
  latestOf(streamers: StreamerCard[]): Promise<ShownEvent[]>;
  /** Newest first; `next` is where it goes on, also when a long search found less than `limit` on the way. */
  history(filter: HistoryFilter, limit: number): Promise<{ events: ShownEvent[]; next: EventPlace | null }>;
  find(id: number): Promise<ShownEvent | null>;
  /** When the last one was stored. */
  lastAt(): Promise<Date | null>;
  /** What these streamers, or this one, had after the entry with that id. */
  unreadSince(mark: number, of: StreamerCard[] | StreamerCard): Promise<Unread>;
  /** Reads up to an id, `null` for all there is; never moves back. */
  readUpTo(userId: string, id: number | null): Promise<unknown>;
  /** Notes what a look at a page with news has seen. */
  noteLook(userId: string, look: Look): Promise<unknown>;
}

export interface HistoryFilter {
  /** One streamer, or all favourites of a user. */
  scope: { streamerId: string } | { userId: string };
  kinds?: EventKind[];
  /** One of the favourites. */
  streamerId?: string;
  from?: Date;
  /** Not included itself. */
  to?: Date;
  q?: string;
  /** With `q`, streamers whose own name holds it. */
  named?: string[];
  before?: EventPlace;
}

/** What a user has not read of the favourites' events. Ids up to `mark` are read. */
export interface Unread {
  mark: number;
  /** Who marks up to this id as read leaves nothing unread but what came since. */
  end: number;
  total: number;
  /** There was more than was counted. */
  isMore: boolean;
  byKind: { kind: EventKind; count: number; amount: number | null }[];
}
