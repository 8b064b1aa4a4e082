import { createHash } from 'node:crypto';
import type { NewStreamEvent, Relation } from '../domain/stream-event.ts';
import type { EventRow } from './event-rows.ts';
import { streamEndedBy } from './event-state.ts';
import type { Channel } from './event-state.ts';
import type { ToldStreams } from './late-broadcasts.ts';
import { toChannelRow } from './streamer-rows.ts';

/** Twice the same thing, heard by two ways, comes within so many milliseconds. */
export const sameWithinMs = 10 * 60_000;

/** What to do with an event, given the entries that stand under its key. */
export type Placement =
  | { how: 'new' }
  /** Nothing changes. */
  | { how: 'absorb'; entry: EventRow }
  /** What was found by comparing is told by push now: the entry becomes push's. */
  | { how: 'take-over'; entry: EventRow }
  /** The list knows the title of a start that push has told. */
  | { how: 'fill'; entry: EventRow }
  /** The entry is written anew by what is later or says more. */
  | { how: 'rewrite'; entry: EventRow };

/**
 * Which entry an event belongs to. `entries` are the streamer's with the key of the event's relation. Two
 * messages of the same type from the same source are two entries: whatever is acknowledged can be found.
 */
export function placeEvent(
  event: Pick<NewStreamEvent, 'kind' | 'type' | 'source' | 'at' | 'payload' | 'relation'>,
  entries: EventRow[],
): Placement {
  const { relation } = event;
  if (relation === null || relation.how === 'part') return { how: 'new' };
  if (relation.how === 'course') {
    const [entry] = entries;
    if (entry === undefined) return { how: 'new' };
    return { how: isLater(event, entry) ? 'rewrite' : 'absorb', entry };
  }
  const entry = entries.find((known) => isSame(event, known));
  if (entry === undefined) return { how: 'new' };
  if (event.source === 'poll') return { how: event.kind === 'live' ? 'fill' : 'absorb', entry };
  return { how: entry.source === 'poll' ? 'take-over' : 'absorb', entry };
}

/** The relation by which an event is looked up: some is known here only, such as which broadcast it ends. */
export function relationOf(event: NewStreamEvent, channel: Channel, told: ToldStreams): Relation | null {
  if (event.kind === 'update') return { how: 'same', key: updateKey(event, channel) };
  if (event.kind !== 'offline' || event.relation !== null) return event.relation;
  const ended = streamEndedBy(event, channel, told);
  return ended === null ? null : { how: 'same', key: `offline:${ended}` };
}

/** The key of entries about the same title and category, as they are stored. */
export function titleKey(title: string, category: string): string {
  return `update:${createHash('sha256')
    .update(JSON.stringify([title, category]))
    .digest('base64url')}`;
}

/** All keys that `relationOf` may give for an event, and those of entries that it may amend. */
export function possibleKeys(event: NewStreamEvent, channel: Channel | undefined): string[] {
  if (channel === undefined) return [];
  const { row, broadcast } = channel;
  if (event.kind === 'update') return [updateKey(event, channel)];
  const own = event.relation === null ? [] : [event.relation.key];
  if (event.kind !== 'live' && event.kind !== 'offline') return own;
  const ends = [row.broadcast_id, row.ended_broadcast_id, event.payload.broadcastId];
  const starts = [row.broadcast_id, broadcast?.id ?? null];
  return [
    ...own,
    ...ends.flatMap((id) => (id === null ? [] : [`offline:${id}`])),
    ...starts.flatMap((id) => (id === null ? [] : [`live:${id}`])),
  ];
}

function updateKey({ payload }: NewStreamEvent & { kind: 'update' }, { row }: Channel): string {
  const { title, category } = toChannelRow({ id: row.id, ...payload });
  return titleKey(title, category);
}

function isSame(event: Pick<NewStreamEvent, 'kind' | 'type' | 'source' | 'at'>, known: EventRow): boolean {
  if (known.type === event.type && known.source === event.source) return false;
  if (event.kind === 'live' || event.kind === 'offline') return known.kind === event.kind;
  return Math.abs(known.at - event.at.getTime()) <= sameWithinMs;
}

/** A course that has ended stays so, whatever comes late; its end counts even when it comes out of order. */
function isLater(event: Pick<NewStreamEvent, 'payload' | 'at'>, entry: EventRow): boolean {
  const known: unknown = JSON.parse(entry.payload);
  const isEnd = hasEnded(event.payload);
  if (isEnd !== hasEnded(known)) return isEnd;
  return event.at.getTime() >= entry.updated_at;
}

function hasEnded(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null || !('course' in payload)) return false;
  return payload.course === 'ended' || payload.course === 'cancelled';
}
