import type { NewStreamEvent, Person } from '../domain/stream-event.ts';
import { cleanPayload, searchTextOf } from './event-payloads.ts';
import type { EventRow } from './event-rows.ts';
import { toKey } from './text.ts';

/** A gift that says which bomb it belongs to. */
export type PartOfBomb = NewStreamEvent & { kind: 'gift' };

const namesShown = 3;
const madeFromPart = 'part:';

/** True for the one kind of part that there is. */
export function isPartOfBomb(event: NewStreamEvent): event is PartOfBomb {
  return event.kind === 'gift' && event.relation?.how === 'part';
}

/** The entry of a bomb of which only a gift has come so far. */
export function startBomb(part: PartOfBomb): NewStreamEvent {
  const { by, to, tier, sharedFrom } = part.payload;
  const key = part.relation?.key ?? part.messageId;
  return {
    ...part,
    kind: 'gift-bomb',
    messageId: toKey(`${madeFromPart}${part.streamerId}:${key}`, 255),
    amount: 1,
    relation: { how: 'course', key },
    payload: { by, total: null, tier, cumulative: null, to: to === null ? [] : [to], sharedFrom },
  };
}

/** Names one more who got a gift; `null` when enough are named. */
export function withReceiver(bomb: EventRow, part: PartOfBomb): Partial<EventRow> | null {
  const payload = payloadOf(bomb);
  if (part.payload.to === null || payload.to.length >= namesShown) return null;
  const to = [...payload.to, part.payload.to];
  const amount = payload.total === null ? Math.max(bomb.amount ?? 0, to.length) : bomb.amount;
  return { amount, ...said({ ...payload, to }) };
}

/** What the bomb's own message says, with the names that its gifts have told. */
export function toFullBomb(entry: EventRow, written: EventRow): EventRow {
  if (entry.kind !== 'gift-bomb') return { ...written, message_id: entry.message_id };
  const isOwn = entry.message_id.startsWith(madeFromPart) || entry.message_id.startsWith('sha256:');
  const payload = payloadOf(written);
  const to = payload.to.length > 0 ? payload.to : payloadOf(entry).to;
  return {
    ...written,
    message_id: isOwn ? written.message_id : entry.message_id,
    ...said({ ...payload, to: to.slice(0, namesShown) }),
  };
}

interface BombPayload {
  total: number | null;
  to: Person[];
}

/** Written by `startBomb` or read from a bomb's own message, both of this shape. */
function payloadOf(row: EventRow): BombPayload {
  const payload: BombPayload = JSON.parse(row.payload);
  return payload;
}

function said(value: unknown): Pick<EventRow, 'payload' | 'text'> {
  const payload = cleanPayload(value);
  return { payload: JSON.stringify(payload), text: searchTextOf(payload) };
}
