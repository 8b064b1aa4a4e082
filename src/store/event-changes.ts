import type { EventPayloads, NewStreamEvent } from '../domain/stream-event.ts';
import { searchTextOf } from './event-payloads.ts';
import { type EventRow, toEventRow } from './event-rows.ts';
import { toFullBomb } from './gift-bombs.ts';

/** What becomes of an entry to which an event is added; `null` when nothing does. */
export function changesTo(
  entry: EventRow,
  event: NewStreamEvent,
  how: keyof typeof changesBy,
): Partial<EventRow> | null {
  return changesBy[how](
    entry,
    toEventRow(event, { id: entry.id, sequence: null, receivedAt: entry.received_at }),
  );
}

const changesBy = { 'take-over': takeOver, fill: fillIn, rewrite: writeAnew };

/** Both payloads are of starts. */
function fillIn(entry: EventRow, written: EventRow): Partial<EventRow> | null {
  const { title, category }: EventPayloads['live'] = JSON.parse(written.payload);
  const known: EventPayloads['live'] = JSON.parse(entry.payload);
  if (title === known.title && category === known.category) return null;
  const payload = { ...known, title, category };
  return { payload: JSON.stringify(payload), text: searchTextOf(payload) };
}

/** What was found by comparing knows more of itself than push tells, except when it ended. */
function takeOver(entry: EventRow, written: EventRow): Partial<EventRow> {
  const { message_id, source, type, at, updated_at, is_late, text, payload } = written;
  const said = entry.kind === 'offline' ? { text, payload } : {};
  return { message_id, source, type, at, updated_at, is_late, ...said };
}

/** `null` when it says nothing new. The entry stays at its earliest time. */
function writeAnew(entry: EventRow, written: EventRow): Partial<EventRow> | null {
  const full = toFullBomb(entry, written);
  const { type, source, amount, text, payload, updated_at } = full;
  if (payload === entry.payload && amount === entry.amount && updated_at === entry.updated_at) return null;
  const { message_id } = full;
  return { message_id, type, source, amount, text, payload, updated_at, at: Math.min(entry.at, full.at) };
}
