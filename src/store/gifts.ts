import type { Knex } from 'knex';
import type { EventPayloads, NewStreamEvent, Person } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import { sameWithinMs } from './event-placement.ts';
import type { EventRow } from './event-rows.ts';

/** What tells of gifted subs. */
export type Gifting = NewStreamEvent &
  (
    | { kind: 'gift'; payload: EventPayloads['gift'] }
    | { kind: 'gift-bomb'; payload: EventPayloads['gift-bomb'] }
    | { kind: 'sub'; payload: EventPayloads['sub'] }
  );

/** The entries of gifts that are near in time to those of a batch. */
export interface Gifts {
  note(row: EventRow): void;
  /** The entry of the same gift or bomb, told by a message of another type. */
  sameAs(event: NewStreamEvent): EventRow | undefined;
  /** For a sub that names no giver: the gift or bomb that it belongs to. */
  giftOf(event: NewStreamEvent): EventRow | undefined;
  /** For a gift or bomb: the subs that came before it. */
  subsOf(event: NewStreamEvent): EventRow[];
}

/** The broadcaster's own message: who gave how many, and not to whom. */
const ownType = 'channel.subscription.gift';

/**
 * One bomb is told by chat (the bomb and each gift, with its id), by `channel.subscription.gift` (who gave how
 * many) and, for each gift, by `channel.subscribe` (to whom, and not by whom). They share no key: who gave,
 * how many, what tier and the time tell.
 */
export function openGifts(entries: EventRow[]): Gifts {
  const known = [...entries];

  const near = (event: NewStreamEvent) =>
    known.filter(
      (row) =>
        row.streamer_id === event.streamerId &&
        row.is_part === 0 &&
        Math.abs(row.at - event.at.getTime()) <= sameWithinMs,
    );

  return {
    note(row) {
      if (row.is_part === 0 && tellsOfGift(row)) known.push(row);
    },
    sameAs: (event) =>
      isGifting(event) && event.kind !== 'sub'
        ? near(event).find((row) => isSameGift(event, row))
        : undefined,
    giftOf: (event) =>
      isGifting(event) && event.kind === 'sub' ? near(event).find(({ kind }) => kind !== 'sub') : undefined,
    subsOf: (event) =>
      isGifting(event) && event.kind !== 'sub' ? near(event).filter(({ kind }) => kind === 'sub') : [],
  };
}

/** What `openGifts` needs for these events; no query when none of them is about a gift. */
export async function readGifts(
  transaction: Knex.Transaction,
  events: NewStreamEvent[],
): Promise<EventRow[]> {
  const gifting = events.filter(isGifting);
  const times = gifting.map(({ at }) => at.getTime()).filter(Number.isFinite);
  const found: EventRow[] = [];
  for (const ids of chunksOf([...new Set(gifting.map(({ streamerId }) => streamerId))])) {
    const rows = await transaction('stream_events')
      .select<EventRow[]>()
      .whereIn('streamer_id', ids)
      .where('is_part', 0)
      .whereIn('kind', ['gift', 'gift-bomb', 'sub'])
      .whereBetween('at', [Math.min(...times) - sameWithinMs, Math.max(...times) + sameWithinMs])
      .where((some) => void some.whereNot('kind', 'sub').orWhere('payload', 'like', '%"isGift":true%'))
      .orderBy('id');
    found.push(...rows.filter(tellsOfGift));
  }
  return found;
}

function isGifting(event: NewStreamEvent): event is Gifting {
  if (event.kind === 'sub') return event.payload.isGift;
  return (event.kind === 'gift' || event.kind === 'gift-bomb') && event.payload.sharedFrom === null;
}

/** As `isGifting`. */
function tellsOfGift({ kind, payload }: EventRow): boolean {
  if (kind !== 'sub' && kind !== 'gift' && kind !== 'gift-bomb') return false;
  const { isGift, sharedFrom } = giftIn(payload);
  return sharedFrom === null && (kind !== 'sub' || isGift === true);
}

function isSameGift(event: Gifting, row: EventRow): boolean {
  const gift = giftIn(row.payload);
  if (row.kind === 'sub' || event.kind === 'sub' || gift.tier !== event.payload.tier) return false;
  if ((gift.by?.id ?? null) !== (event.payload.by?.id ?? null)) return false;
  // Twice by the same type and source, the broadcaster's message tells of two bombs.
  if (event.type === ownType) {
    const isOther = row.type !== ownType || row.source !== event.source;
    return isOther && (gift.total === null || totalOf(row) === event.amount);
  }
  if (row.type !== ownType || row.relation_key !== null) return false;
  if (event.kind === 'gift-bomb') return gift.total === event.payload.total;
  return event.relation !== null || (gift.total === 1 && gift.to?.length === 0);
}

/** False for a bomb of which only gifts have been told. */
export function isCounted(row: EventRow): boolean {
  return totalOf(row) !== null;
}

function totalOf(row: EventRow): number | null {
  return row.kind === 'gift' ? 1 : giftIn(row.payload).total;
}

interface Gift {
  by: Person | null;
  tier: string;
  sharedFrom: Person | null;
  isGift?: boolean;
  total: number | null;
  to?: Person[];
}

/** Written from a payload of a sub, a gift or a bomb. */
function giftIn(payload: string): Gift {
  const gift: Gift = { total: 1, ...JSON.parse(payload) };
  return gift;
}
