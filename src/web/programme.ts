import type { ShownEvent } from '../domain/stream-event.ts';

/** How many entries stand on a page that is no history. */
export const mostLately = 10;

/** What the list of the latest entries needs, on whichever page it stands. */
export interface Programme {
  /** Newest first. */
  events: ShownEvent[];
  /** Ids up to it are read. */
  mark: number;
  /** The sequence from which the page follows what is written next. */
  after: number;
  most: number;
}

/**
 * Entries written before those shown, of an earlier time, come again when the page begins to follow: it knows
 * where they belong, and that none is lost in between counts for more.
 */
export function programmeOf(events: ShownEvent[], mark: number): Programme {
  const after = events.reduce((last, { sequence }) => Math.max(last, sequence), 0);
  return { events, mark, after, most: mostLately };
}
