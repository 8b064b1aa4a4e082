import type { Knex } from 'knex';
import type { EventOutcome, NewStreamEvent } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import { changesTo } from './event-changes.ts';
import { searchTextOf } from './event-payloads.ts';
import { placeEvent } from './event-placement.ts';
import { toEventRow } from './event-rows.ts';
import type { EventRow } from './event-rows.ts';
import { isPartOfBomb, startBomb, withReceiver } from './gift-bombs.ts';
import { noteLastEvents } from './last-events.ts';
import type { ToldStreams } from './late-broadcasts.ts';
import type { Sequence } from './sequence.ts';
import { isCounted, openGifts, readGifts } from './gifts.ts';
import { toKey } from './text.ts';

const partOfGift = 'gift';

/** The entries that a batch may meet and those that it makes. Nothing is written before `save`. */
export interface Journal extends ToldStreams {
  find(messageId: string): EventRow | undefined;
  /** Enters an event whose message id is not there yet. */
  enter(event: NewStreamEvent): { outcome: EventOutcome; entry: EventRow };
  save(): Promise<void>;
}

/** Reads what events may meet: entries with their message ids or with the keys of their relations. */
export async function openJournal(
  transaction: Knex.Transaction,
  given: { sequence: Sequence; events: NewStreamEvent[]; keys: string[]; now: number },
): Promise<Journal> {
  const { sequence, events, now } = given;
  const messageIds = events.map(({ messageId }) => messageId);
  const keys = given.keys.map((key) => toKey(key, 255));
  const byMessageId = new Map<string, EventRow>();
  const byKey = new Map<string, EventRow[]>();
  const made = new Set<EventRow>();
  const rewritten = new Set<EventRow>();
  // One object a row, however often it is found: it is changed in place.
  const rows = new Map<number, EventRow>();

  const gifts = openGifts((await readGifts(transaction, events)).map(own));
  for (const row of await findRows(transaction, 'message_id', messageIds)) note(own(row));
  const known = new Set([...byMessageId.values()].map(({ id }) => id));
  for (const row of await findRows(transaction, 'relation_key', keys)) if (!known.has(row.id)) note(own(row));

  function own(row: EventRow): EventRow {
    const one = rows.get(row.id) ?? row;
    rows.set(row.id, one);
    return one;
  }

  function note(row: EventRow): void {
    byMessageId.set(row.message_id, row);
    if (row.relation_key === null || row.is_part === 1) return;
    const place = `${row.streamer_id} ${row.relation_key}`;
    byKey.set(place, [...(byKey.get(place) ?? []), row]);
  }

  function entriesUnder(streamerId: string, key: string): EventRow[] {
    return byKey.get(`${streamerId} ${toKey(key, 255)}`) ?? [];
  }

  function entriesBeside({ streamerId, relation }: NewStreamEvent): EventRow[] {
    return relation === null ? [] : entriesUnder(streamerId, relation.key);
  }

  function insert(event: NewStreamEvent): EventRow {
    const id = sequence.next();
    const isPart = event.relation?.how === 'part';
    const row = toEventRow(event, { id, sequence: isPart ? null : id, receivedAt: now });
    made.add(row);
    note(row);
    for (const sub of gifts.subsOf(event)) hide(sub);
    gifts.note(row);
    return row;
  }

  /** Of a gifted sub, once the gift itself is told. */
  function hide(sub: EventRow): void {
    Object.assign(sub, { is_part: 1, sequence: null, relation: 'part', relation_key: partOfGift });
    if (!made.has(sub)) rewritten.add(sub);
  }

  function rewrite(entry: EventRow, changes: Partial<EventRow>): EventRow {
    Object.assign(entry, changes, { sequence: sequence.next() });
    byMessageId.set(entry.message_id, entry);
    if (!made.has(entry)) rewritten.add(entry);
    return entry;
  }

  /** The part is kept by its message id; people see the bomb that it belongs to. */
  function enterPart(event: NewStreamEvent): { outcome: EventOutcome; entry: EventRow } {
    const part = insert(event);
    if (!isPartOfBomb(event)) return { outcome: 'stored', entry: part };
    const entry = entriesBeside(event)[0] ?? adopt(gifts.sameAs(event), event);
    if (entry === undefined) {
      return { outcome: 'stored', entry: rewrite(insert(startBomb(event)), { updated_at: 0 }) };
    }
    return { outcome: 'merged', entry: rewriteIf(entry, withReceiver(entry, event)) };
  }

  /** The broadcaster's own message has told of the bomb, and chat knows by what id it goes on. */
  function adopt(entry: EventRow | undefined, { relation }: NewStreamEvent): EventRow | undefined {
    if (entry === undefined || relation === null) return undefined;
    note(rewrite(entry, { relation: 'course', relation_key: toKey(relation.key, 255) }));
    return entry;
  }

  function enterNew(event: NewStreamEvent): { outcome: EventOutcome; entry: EventRow } {
    const gift = gifts.giftOf(event);
    if (gift !== undefined) {
      insert({ ...event, relation: { how: 'part', key: partOfGift } });
      return { outcome: 'merged', entry: gift };
    }
    const same = gifts.sameAs(event);
    if (same !== undefined) return { outcome: 'merged', entry: joinGift(same, event) };
    return { outcome: 'stored', entry: insert(event) };
  }

  /** Chat and the broadcaster's own messages tell of one gift: the one names people, the other may count first. */
  function joinGift(gift: EventRow, event: NewStreamEvent): EventRow {
    const entry = event.relation?.how === 'course' ? (adopt(gift, event) ?? gift) : gift;
    if (event.kind === 'gift') {
      // Kept by its message id, so that the same message is known when it comes again.
      insert({ ...event, relation: { how: 'part', key: partOfGift } });
      return rewriteIf(entry, withReceiver(entry, event));
    }
    return isCounted(entry) && event.relation === null
      ? entry
      : rewriteIf(entry, changesTo(entry, event, 'rewrite'));
  }

  function rewriteIf(entry: EventRow, changes: Partial<EventRow> | null): EventRow {
    return changes === null ? entry : rewrite(entry, changes);
  }

  return {
    find: (messageId) => byMessageId.get(messageId),

    enter(event) {
      if (event.relation?.how === 'part') return enterPart(event);
      const placement = placeEvent(event, entriesBeside(event));
      if (placement.how === 'new') return enterNew(event);
      const { how, entry } = placement;
      return {
        outcome: 'merged',
        entry: how === 'absorb' ? entry : rewriteIf(entry, changesTo(entry, event, how)),
      };
    },

    endedAt(streamerId, streamId) {
      const ends = streamId === null ? [] : entriesUnder(streamerId, `offline:${streamId}`);
      return ends.find(({ source }) => source !== 'poll')?.at ?? null;
    },

    amend(streamerId, key, { payload: said, amount }) {
      for (const entry of entriesUnder(streamerId, key)) {
        const payload = { ...JSON.parse(entry.payload), ...said };
        const changes = { payload: JSON.stringify(payload), amount: amount ?? entry.amount };
        if (changes.payload !== entry.payload) rewrite(entry, { ...changes, text: searchTextOf(payload) });
      }
    },

    async save() {
      for (const chunk of chunksOf([...made], 100)) await transaction('stream_events').insert(chunk);
      for (const chunk of chunksOf([...rewritten], 100)) {
        await transaction('stream_events').insert(chunk).onConflict('id').merge();
      }
      // A part alone changes nothing that is shown, and must not take back what a withdrawal has said.
      const shown = [...made, ...rewritten].filter((row) => row.sequence !== null);
      await noteLastEvents(
        transaction,
        shown.map((row) => row.streamer_id),
      );
    },
  };
}

async function findRows(
  transaction: Knex.Transaction,
  column: 'message_id' | 'relation_key',
  values: string[],
): Promise<EventRow[]> {
  const found: EventRow[] = [];
  for (const chunk of chunksOf([...new Set(values)])) {
    const query = transaction('stream_events').select<EventRow[]>().whereIn(column, chunk);
    found.push(...(await (column === 'relation_key' ? query.where('is_part', 0) : query)));
  }
  // Sorted here: SQLite may read all by id to spare itself the sorting of a few.
  return found.toSorted((one, other) => one.id - other.id);
}
