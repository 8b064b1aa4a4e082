import type {
  EventBody,
  EventKind,
  EventSource,
  NewStreamEvent,
  Relation,
  ShownEvent,
  StreamEvent,
} from '../domain/stream-event.ts';
import { cleanPayload, searchTextOf } from './event-payloads.ts';
import { toKey } from './text.ts';

/** A row of `stream_events`. Times are milliseconds since 1970. */
export interface EventRow {
  id: number;
  /** `null` for a part, which no reader sees. */
  sequence: number | null;
  message_id: string;
  streamer_id: string;
  kind: EventKind;
  type: string;
  source: EventSource;
  at: number;
  received_at: number;
  /** Twitch's time of the latest message that wrote this entry. */
  updated_at: number;
  is_late: number;
  is_part: number;
  amount: number | null;
  relation: Relation['how'] | null;
  relation_key: string | null;
  text: string;
  payload: string;
}

/** A row with the streamer's columns that an entry shows. */
export interface ShownRow extends EventRow {
  login: string;
  display_name: string;
  profile_image_url: string | null;
}

/** Of `stream_events e` joined with `streamers s`: what `toShownEvent` reads. */
export const shownColumns = 'e.*, s.login, s.display_name, s.profile_image_url';

/** Row to domain. */
function toStreamEvent(row: EventRow): StreamEvent {
  // Written by `toEventRow` from this very type.
  const body: EventBody = JSON.parse(`{"kind":${JSON.stringify(row.kind)},"payload":${row.payload}}`);
  return {
    ...body,
    id: row.id,
    sequence: row.sequence ?? row.id,
    messageId: row.message_id,
    streamerId: row.streamer_id,
    type: row.type,
    source: row.source,
    at: new Date(row.at),
    receivedAt: new Date(row.received_at),
    isLate: row.is_late === 1,
    amount: row.amount,
    relation:
      row.relation === null || row.relation_key === null
        ? null
        : { how: row.relation, key: row.relation_key },
  };
}

/** Row to domain, with whom the entry is about. */
export function toShownEvent(row: ShownRow): ShownEvent {
  return {
    ...toStreamEvent(row),
    streamer: {
      id: row.streamer_id,
      login: row.login,
      displayName: row.display_name,
      profileImageUrl: row.profile_image_url,
    },
  };
}

/** The order of every list: by time, and within one moment by id. */
export function newestFirst(one: ShownEvent, other: ShownEvent): number {
  return other.at.getTime() - one.at.getTime() || other.id - one.id;
}

/** Domain to row, cut to what fits; the message id is the caller's to check. */
export function toEventRow(
  event: NewStreamEvent,
  given: { id: number; sequence: number | null; receivedAt: number },
): EventRow {
  const payload = cleanPayload(event.payload);
  const at = timeOf(event.at, given.receivedAt);
  return {
    id: given.id,
    sequence: given.sequence,
    message_id: event.messageId,
    streamer_id: event.streamerId,
    kind: event.kind,
    type: toKey(event.type, 96),
    source: event.source,
    at,
    received_at: given.receivedAt,
    updated_at: at,
    is_late: event.isLate ? 1 : 0,
    is_part: event.relation?.how === 'part' ? 1 : 0,
    amount: toAmount(event.amount),
    relation: event.relation?.how ?? null,
    relation_key: event.relation === null ? null : toKey(event.relation.key, 255),
    text: searchTextOf(payload),
    payload: JSON.stringify(payload),
  };
}

/** A whole number that fits an INTEGER column. */
function toAmount(amount: number | null): number | null {
  if (amount === null || !Number.isFinite(amount)) return null;
  return Math.min(Math.max(Math.trunc(amount), -largest), largest);
}

const largest = 2_147_483_647;

/** A date that is none would sort nowhere: what happened at an unknown time happened when we heard. */
function timeOf(date: Date, otherwise: number): number {
  const time = date.getTime();
  return Number.isFinite(time) ? Math.trunc(time) : otherwise;
}
