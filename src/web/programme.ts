import { mostLately } from '../domain/stream-event.ts';
import type { ShownEvent } from '../domain/stream-event.ts';
import type { StreamerCard } from '../domain/streamer.ts';

/** What the list of the latest entries needs, on whichever page it stands. */
export interface Programme {
  /** Newest first. */
  events: ShownEvent[];
  /** The sequence from which the page follows what is written next. */
  after: number;
  most: number;
}

/**
 * The page follows from where the history stood when its streamers were read. `events` were read after that: what
 * came in between is pushed once more, and the page knows what it has.
 */
export function programmeOf(streamers: StreamerCard[], events: ShownEvent[]): Programme {
  const after = streamers.reduce((last, { lastEvent }) => Math.max(last, lastEvent?.sequence ?? 0), 0);
  return { events, after, most: mostLately };
}
