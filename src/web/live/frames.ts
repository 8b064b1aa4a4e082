import { LRUCache } from 'lru-cache';
import type { ShownEvent } from '../../domain/stream-event.ts';
import type { StreamerCard } from '../../domain/streamer.ts';
import type { Pages } from '../pages.ts';

/** What listeners are sent, ready for the wire. Everybody gets the same bytes. */
export interface Frames {
  /** An entry as pages show it. */
  ofEvent(event: ShownEvent): Buffer;
  /** A streamer as the wall shows them now. */
  ofCard(streamer: StreamerCard): Buffer;
}

/** Renders each entry once, however many listen now or come back for it a moment later. */
export function createFrames({ part }: Pick<Pages, 'part'>): Frames {
  const kept = new LRUCache<number, Buffer>({ max: mostKept });

  return {
    ofEvent(event) {
      const known = kept.get(event.sequence);
      if (known !== undefined) return known;
      const frame = toFrame('stream-event', part('stream-event', { event }), event.sequence);
      kept.set(event.sequence, frame);
      return frame;
    },
    ofCard(streamer) {
      const partial = streamer.broadcast === null ? 'offline-card' : 'live-card';
      return toFrame('streamer-card', part(partial, { streamer }));
    },
  };
}

const mostKept = 1_000;

/**
 * One event of a Server-Sent Events stream. Whatever ends a line to a browser ends it here too, so no text
 * within the data can begin a field.
 */
function toFrame(event: string, data: string, id?: number): Buffer {
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\n${lines.join('')}\n`);
}

/** What browsers pass over; keeps proxies from thinking that nobody is there. */
export const heartbeat = Buffer.from(':\n\n');

/** Says that entries were left out before those that follow: a list of the latest loses nothing by it. */
export const gap = toFrame('gap', '');

/** Tells a browser to come back between so many milliseconds after the stream has ended, not all at once. */
export function toRetry(fromMs: number, toMs: number): string {
  return `retry: ${Math.round(fromMs + Math.random() * (toMs - fromMs))}\n\n`;
}
