import type { Response } from 'express';
import type { Logger } from 'pino';
import { AppError } from '../../domain/errors.ts';
import type { EventFeed } from '../../domain/event-feed.ts';
import type { EventKind, ShownEvent } from '../../domain/stream-event.ts';
import type { StreamerCard } from '../../domain/streamer.ts';
import { createAudience } from './audience.ts';
import { type Frames, gap, heartbeat, toRetry } from './frames.ts';
import { createPlaces, type StreamLimits } from './places.ts';
import { type LiveStream, openStream, type Wish } from './stream.ts';

/** What pushing wants of the database. */
export interface LiveStore {
  events: {
    /**
     * Entries after one sequence up to another, in that order: of these streamers, or of a user's favourites.
     * `isCut`: there were so many that these are the newest only. Go on from `reached`.
     */
    resume(
      of: string[] | { userId: string },
      after: number,
      upTo: number,
      limit: number,
    ): Promise<{ events: ShownEvent[]; reached: number; isCut: boolean }>;
    end(): Promise<number>;
  };
  streamers: { find(id: string): Promise<StreamerCard | null> };
  favourites: { idsOf(userIds: string[]): Promise<Map<string, string[]>> };
  sessions: { alive(ids: string[]): Promise<Set<string>> };
}

/** Everybody who listens in this process. */
export interface LiveStreams {
  /**
   * Makes the response a stream that goes on from where the page is.
   * @throws AppError `too-many` or `unavailable` before anything is sent
   */
  open(response: Response, wish: Wish): Promise<void>;
  size(): number;
  /** To be told at once; other processes find out within a minute. */
  favouritesChanged(userId: string): void;
  endSession(sessionId: string): void;
  endUser(userId: string): void;
  /** Ends all streams, each with a moment of its own to come back at. */
  drain(): void;
}

/** Pushes new events to their listeners; those who reconnect first get what they missed. */
export function createLiveStreams(parts: {
  feed: Pick<EventFeed, 'position' | 'subscribe'>;
  store: LiveStore;
  frames: Frames;
  log: Pick<Logger, 'warn'>;
  isDraining?: () => boolean;
  limits?: Partial<StreamLimits>;
  clocks?: { heartbeatMs?: number; lookMs?: number };
}): LiveStreams {
  const { feed, store, frames, log, isDraining = () => false } = parts;
  const places = createPlaces({ aUser: 12, anAddress: 240, inAll: 20_000, ...parts.limits });
  const clocks = { heartbeatMs: 20_000, lookMs: 60_000, ...parts.clocks };
  const audience = createAudience();
  const loads = new Map<string, Promise<void>>();
  let listening: Promise<() => void> | null = null;
  let timers: NodeJS.Timeout[] = [];

  async function open(response: Response, wish: Wish): Promise<void> {
    if (isDraining()) throw busy('Followspot is restarting. Please try again in a moment.');
    const leave = places.take(wish);
    let stream: LiveStream | null = null;
    try {
      await listen();
      // Asked before the headers go out: a database that does not answer is a 503.
      const sent = await whereToBegin(wish.after);
      stream = openStream(response, wish);
      if (stream === null) return;
      stream.sent = sent;
      admit(stream, response, leave);
    } finally {
      if (stream === null) leave();
      leaveWhenAlone();
    }
    await follow(stream);
  }

  /** A stream that cannot be read for is cut: its reader comes back and resumes where it was. */
  async function follow(stream: LiveStream): Promise<void> {
    try {
      if (stream.streamerId === null) await loadFavourites(stream.userId);
      await catchUp(stream);
    } catch (error) {
      log.warn({ err: error }, 'A live stream could not be read for');
      stream.end(toRetry(1_000, 6_000));
    }
  }

  async function whereToBegin(after: number | null): Promise<number> {
    const position = feed.position();
    if (after === null) return position;
    // A page may know more than the feed has read, but not what has yet to happen.
    return after <= position ? after : Math.min(after, await store.events.end());
  }

  function admit(stream: LiveStream, response: Response, leave: () => void): void {
    audience.add(stream);
    response.once('close', () => {
      audience.remove(stream);
      leave();
      leaveWhenAlone();
    });
    if (timers.length > 0) return;
    timers = [setInterval(beat, clocks.heartbeatMs), setInterval(() => void look(), clocks.lookMs)];
    for (const timer of timers) timer.unref();
  }

  function listen(): Promise<() => void> {
    const now = (listening ??= feed.subscribe((events) => push(events)));
    now.catch(() => {
      if (listening === now) listening = null;
    });
    return now;
  }

  function leaveWhenAlone(): void {
    if (!places.areEmpty()) return;
    for (const timer of timers) clearInterval(timer);
    timers = [];
    listening?.then((leave) => leave()).catch(() => null);
    listening = null;
  }

  /** Reads until nothing is between what was sent and what is being pushed. */
  async function catchUp(stream: LiveStream): Promise<void> {
    const of = stream.streamerId === null ? { userId: stream.userId } : [stream.streamerId];
    const moved = new Set<string>();
    while (!stream.isClosed()) {
      const upTo = feed.position();
      if (stream.sent < upTo) {
        const { events, reached, isCut } = await store.events.resume(of, stream.sent, upTo, perPage);
        if (isCut) {
          await stream.writeInPace(gap);
          if (stream.streamerId !== null) moved.add(stream.streamerId);
        }
        for (const event of events) {
          await stream.writeInPace(frames.ofEvent(event));
          if (changesCard.has(event.kind)) moved.add(event.streamer.id);
        }
        stream.sent = reached;
      } else if (moved.size > 0) {
        for (const frame of await cardsOf(moved)) await stream.writeInPace(frame[1]);
        moved.clear();
      } else {
        stream.isCaughtUp = true;
        return;
      }
    }
  }

  async function push(events: ShownEvent[]): Promise<void> {
    const moved = new Set<string>();
    for (const event of events) {
      const listeners = audience.ofStreamer(event.streamer.id);
      if (listeners.size === 0) continue;
      const frame = frames.ofEvent(event);
      for (const stream of listeners) {
        if (!stream.isCaughtUp || event.sequence <= stream.sent) continue;
        stream.sent = event.sequence;
        stream.write(frame);
      }
      if (changesCard.has(event.kind)) moved.add(event.streamer.id);
    }
    for (const [streamerId, frame] of await cardsOf(moved)) {
      for (const stream of audience.ofStreamer(streamerId)) if (stream.isCaughtUp) stream.write(frame);
    }
  }

  /** Cards are a courtesy: without the database the entry itself has to do. */
  async function cardsOf(streamerIds: Set<string>): Promise<[string, Buffer][]> {
    const cards: [string, Buffer][] = [];
    try {
      for (const id of streamerIds) {
        const streamer = await store.streamers.find(id);
        if (streamer !== null) cards.push([id, frames.ofCard(streamer)]);
      }
    } catch (error) {
      log.warn({ err: error }, 'Cards could not be pushed');
    }
    return cards;
  }

  /** One after the other for each user, so that the last answer is the latest. */
  async function loadFavourites(userId: string): Promise<void> {
    const load = refollow(userId, loads.get(userId));
    loads.set(userId, load);
    try {
      await load;
    } finally {
      if (loads.get(userId) === load) loads.delete(userId);
    }
  }

  async function refollow(userId: string, before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => null);
    const ids = await store.favourites.idsOf([userId]);
    audience.follow(userId, ids.get(userId) ?? []);
  }

  function beat(): void {
    for (const stream of audience.all()) stream.write(heartbeat);
  }

  /** Finds out what other processes did: sessions that ended, favourites that changed. */
  async function look(): Promise<void> {
    try {
      const alive = await store.sessions.alive([
        ...new Set([...audience.all()].map((each) => each.sessionId)),
      ]);
      endWhere((stream) => !alive.has(stream.sessionId));
      const followers = audience.followers().filter((userId) => !loads.has(userId));
      const favourites = await store.favourites.idsOf(followers);
      for (const id of followers) if (!loads.has(id)) audience.follow(id, favourites.get(id) ?? []);
    } catch (error) {
      log.warn({ err: error }, 'Live streams could not be compared with the database');
    }
  }

  function endWhere(isOver: (stream: LiveStream) => boolean): void {
    for (const stream of audience.all()) if (isOver(stream)) stream.end(toRetry(1_000, 6_000));
  }

  return {
    open,
    size: audience.size,
    favouritesChanged(userId) {
      if (audience.ofUser(userId).size === 0) return;
      loadFavourites(userId).catch((error: unknown) =>
        log.warn({ err: error }, 'Favourites could not be read'),
      );
    },
    endSession: (sessionId) => endWhere((stream) => stream.sessionId === sessionId),
    endUser: (userId) => endWhere((stream) => stream.userId === userId),
    drain: () => endWhere(() => true),
  };
}

const perPage = 50;

const changesCard: ReadonlySet<EventKind> = new Set(['live', 'offline', 'update', 'renamed']);

function busy(message: string): AppError {
  return new AppError('unavailable', message, { retryAfterS: 5 });
}
