import type { Knex } from 'knex';
import { ownKindOf } from '../domain/own-channel.ts';
import type { EventOutcome, NewStreamEvent } from '../domain/stream-event.ts';
import { chunksOf } from './chunks.ts';
import { openJournal } from './event-journal.ts';
import { possibleKeys, relationOf } from './event-placement.ts';
import { applyEvent, holdChannels, saveChannels } from './event-state.ts';
import type { Sequence } from './sequence.ts';
import { isKey } from './text.ts';

/** What became of an event, and the id of the entry that it is or went into. */
export interface AppendResult {
  outcome: EventOutcome;
  id: number | null;
}

/**
 * Writes entries, and what they say about the present, within a transaction that holds the sequence. One
 * result for each event, in the same order. `now` is in milliseconds.
 */
export async function appendEvents(
  transaction: Knex.Transaction,
  sequence: Sequence,
  events: NewStreamEvent[],
  now: number,
): Promise<AppendResult[]> {
  const unwished = await findUnwished(transaction, events);
  const usable = events.filter((event) => isMessageId(event.messageId) && !unwished.has(event));
  const streamerIds = usable.map(({ streamerId }) => streamerId);
  const channels = await holdChannels(transaction, streamerIds);
  const journal = await openJournal(transaction, {
    sequence,
    events: usable,
    keys: usable.flatMap((event) => possibleKeys(event, channels.get(event.streamerId))),
    now,
  });
  const results = events.map((event): AppendResult => {
    if (!isMessageId(event.messageId)) return { outcome: 'refused', id: null };
    if (unwished.has(event)) return { outcome: 'unwished', id: null };
    const channel = channels.get(event.streamerId);
    if (channel === undefined) return { outcome: 'unknown-streamer', id: null };
    const known = journal.find(event.messageId);
    if (known !== undefined) return { outcome: 'known', id: known.id };
    const relation = relationOf(event, channel, journal);
    const applied = applyEvent(channel, event, { now, told: journal });
    const { outcome, entry } = journal.enter({ ...applied, relation });
    return { outcome, id: entry.id };
  });
  await journal.save();
  await saveChannels(transaction, channels);
  return results;
}

/** An id is never cut to fit: two that begin alike would become one. */
function isMessageId(messageId: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(messageId);
}

/**
 * What the leave of a broadcaster is needed for who has not given it, or has taken it back: Twitch sends it until
 * its watch has ended. A withdrawal holds the sequence too, so nothing comes in behind it.
 */
async function findUnwished(
  transaction: Knex.Transaction,
  events: NewStreamEvent[],
): Promise<Set<NewStreamEvent>> {
  const own = events.filter(({ type }) => ownKindOf(type) !== undefined);
  const wished = new Set<string>();
  for (const ids of chunksOf([...new Set(own.map(({ streamerId }) => streamerId))].filter(isKey))) {
    const rows = await transaction('users')
      .select<{ id: string; own_kinds: string }[]>('id', 'own_kinds')
      .whereIn('id', ids);
    for (const { id, own_kinds: kinds } of rows)
      for (const kind of kinds.split(',')) wished.add(`${id} ${kind}`);
  }
  return new Set(own.filter(({ streamerId, type }) => !wished.has(`${streamerId} ${ownKindOf(type)}`)));
}
