import type { Knex } from 'knex';
import { ownKindOf } from '../domain/own-channel.ts';
import type { EventOutcome, NewStreamEvent } from '../domain/stream-event.ts';
import { openJournal } from './event-journal.ts';
import { possibleKeys, relationOf } from './event-placement.ts';
import { applyEvent, type Channel, holdChannels, saveChannels } from './event-state.ts';
import type { Sequence } from './sequence.ts';

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
  const usable = events.filter(({ messageId }) => isMessageId(messageId));
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
    const channel = channels.get(event.streamerId);
    if (channel === undefined) return { outcome: 'unknown-streamer', id: null };
    if (isWithdrawn(event, channel)) return { outcome: 'withdrawn', id: null };
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

/** Twitch goes on telling until the watch has ended. A withdrawal holds the sequence too: nothing comes in behind it. */
function isWithdrawn({ type }: NewStreamEvent, { row }: Channel): boolean {
  const kind = ownKindOf(type);
  return kind !== undefined && row.withdrawn_kinds.split(',').includes(kind);
}
