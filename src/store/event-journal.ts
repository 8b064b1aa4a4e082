import type { Knex } from 'knex';
import type { EventOutcome, EventPayloads, NewStreamEvent } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import { searchTextOf } from './event-payloads.ts';
import { placeEvent } from './event-placement.ts';
import { toEventRow } from './event-rows.ts';
import type { EventRow } from './event-rows.ts';
import { byIndex } from './event-sources.ts';
import { isPartOfBomb, startBomb, toFullBomb, withReceiver } from './gift-bombs.ts';
import type { Sequence } from './sequence.ts';
import { toKey } from './text.ts';

/** The entries that a batch may meet and those that it makes. Nothing is written before `save`. */
export interface Journal {
  find(messageId: string): EventRow | undefined;
  /** Enters an event whose message id is not there yet. */
  enter(event: NewStreamEvent): { outcome: EventOutcome; entry: EventRow };
  save(): Promise<void>;
}

/** Reads what events may meet: entries with their message ids or with the keys of their relations. */
export async function openJournal(
  transaction: Knex.Transaction,
  given: { sequence: Sequence; messageIds: string[]; keys: string[]; now: number },
): Promise<Journal> {
  const { sequence, messageIds, now } = given;
  const keys = given.keys.map((key) => toKey(key, 255));
  const byMessageId = new Map<string, EventRow>();
  const byKey = new Map<string, EventRow[]>();
  const made = new Set<EventRow>();
  const rewritten = new Set<EventRow>();

  for (const row of await findRows(transaction, 'message_id', messageIds)) note(row);
  const known = new Set([...byMessageId.values()].map(({ id }) => id));
  for (const row of await findRows(transaction, 'relation_key', keys)) if (!known.has(row.id)) note(row);

  function note(row: EventRow): void {
    byMessageId.set(row.message_id, row);
    if (row.relation_key === null || row.is_part === 1) return;
    const place = `${row.streamer_id} ${row.relation_key}`;
    byKey.set(place, [...(byKey.get(place) ?? []), row]);
  }

  function entriesBeside({ streamerId, relation }: NewStreamEvent): EventRow[] {
    if (relation === null) return [];
    return byKey.get(`${streamerId} ${toKey(relation.key, 255)}`) ?? [];
  }

  function insert(event: NewStreamEvent): EventRow {
    const id = sequence.next();
    const isPart = event.relation?.how === 'part';
    const row = toEventRow(event, { id, sequence: isPart ? null : id, receivedAt: now });
    made.add(row);
    note(row);
    return row;
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
    const [entry] = entriesBeside(event);
    if (entry === undefined) {
      return { outcome: 'stored', entry: rewrite(insert(startBomb(event)), { updated_at: 0 }) };
    }
    const changes = withReceiver(entry, event);
    return { outcome: 'merged', entry: changes === null ? entry : rewrite(entry, changes) };
  }

  return {
    find: (messageId) => byMessageId.get(messageId),

    enter(event) {
      if (event.relation?.how === 'part') return enterPart(event);
      const placement = placeEvent(event, entriesBeside(event));
      if (placement.how === 'new') return { outcome: 'stored', entry: insert(event) };
      const { how, entry } = placement;
      if (how === 'absorb') return { outcome: 'merged', entry };
      const written = toEventRow(event, { id: entry.id, sequence: null, receivedAt: entry.received_at });
      const changes = changesBy[how](entry, written);
      return { outcome: 'merged', entry: changes === null ? entry : rewrite(entry, changes) };
    },

    async save() {
      for (const chunk of chunksOf([...made], 100)) await transaction('stream_events').insert(chunk);
      for (const chunk of chunksOf([...rewritten], 100)) {
        await transaction('stream_events').insert(chunk).onConflict('id').merge();
      }
      await noteLastEvents(transaction, [...made, ...rewritten]);
    },
  };
}

/** What becomes of an entry; `null` when nothing does. */
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

/** Their streamers know how far their history has come. */
async function noteLastEvents(transaction: Knex.Transaction, written: EventRow[]): Promise<void> {
  const streamerIds = new Set(written.map(({ streamer_id }) => streamer_id));
  for (const ids of chunksOf([...streamerIds])) await transaction.raw(lastEventsQuery(ids), ids);
}

const lastEventsQuery = (ids: string[]) => `
  UPDATE streamers SET
    last_event_at = (SELECT e.at FROM stream_events e ${byIndex('at')}
      WHERE e.streamer_id = streamers.id AND e.is_part = 0 ORDER BY e.at DESC LIMIT 1),
    last_event_sequence = (SELECT e.sequence FROM stream_events e ${byIndex('sequence')}
      WHERE e.streamer_id = streamers.id ORDER BY e.sequence DESC LIMIT 1)
  WHERE id IN (${ids.map(() => '?').join(', ')})`;

async function findRows(
  transaction: Knex.Transaction,
  column: 'message_id' | 'relation_key',
  values: string[],
): Promise<EventRow[]> {
  const found: EventRow[] = [];
  for (const chunk of chunksOf([...new Set(values)])) {
    const query = transaction('stream_events').select<EventRow[]>().whereIn(column, chunk).orderBy('id');
    found.push(...(await (column === 'relation_key' ? query.where('is_part', 0) : query)));
  }
  return found;
}
