import type { EventBody, NewStreamEvent, ShownEvent } from '../../src/domain/stream-event.ts';
import type { Store } from '../../src/store/index.ts';

const at = new Date('2026-11-22T10:00:00Z');

/** What an entry has beside its body, without what follows from the rest. */
export type GivenEvent = { sequence: number } & Partial<
  Omit<ShownEvent, 'kind' | 'payload' | 'sequence' | 'streamerId'>
>;

/** An entry of the history; `id` follows `sequence`. */
export function shownEvent(given: GivenEvent, body: EventBody = raidOf()): ShownEvent {
  const streamer = { id: '1001', login: 'nova', displayName: 'Nova', profileImageUrl: null };
  const shown = {
    ...around(`message-${given.sequence}`),
    id: given.sequence,
    receivedAt: at,
    streamer,
    ...given,
  };
  return { ...shown, streamerId: shown.streamer.id, ...body };
}

/** A raid that is not stored yet. */
export function newRaid(messageId: string, streamerId = '1001'): NewStreamEvent {
  return { ...around(messageId), streamerId, ...raidOf() };
}

/** A raid by somebody with this name. */
export function raidOf(name = 'Ana'): EventBody {
  return { kind: 'raid', payload: { from: { id: '7', login: 'ana', name }, viewers: 12, sharedFrom: null } };
}

/** The newest entries of a streamer, newest first. */
export async function newestOf(
  { events }: Pick<Store, 'events'>,
  streamerId: string,
  limit = 50,
): Promise<ShownEvent[]> {
  return (await events.history({ scope: { streamerId } }, limit)).events;
}

function around(messageId: string): Omit<NewStreamEvent, 'kind' | 'payload' | 'streamerId'> {
  return {
    messageId,
    type: 'channel.raid',
    source: 'webhook',
    at,
    isLate: false,
    amount: 12,
    relation: null,
  };
}
