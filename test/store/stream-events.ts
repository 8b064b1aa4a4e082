import type { EventKind, EventPayloads, NewStreamEvent, Person } from '../../src/domain/stream-event.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { AppendResult, Events } from '../../src/store/index.ts';
import { start } from './support.ts';

type Details = Partial<Omit<NewStreamEvent, 'kind' | 'payload'>>;

let count = 0;

/** An event that was just heard from a webhook, each under a message id of its own. */
export function anEvent<Kind extends EventKind>(
  kind: Kind,
  payload: EventPayloads[Kind],
  details: Details = {},
): NewStreamEvent {
  count += 1;
  const event = {
    kind,
    payload,
    messageId: `message-${count}`,
    streamerId: '901',
    type: `test.${kind}`,
    source: 'webhook',
    at: new Date(start),
    isLate: false,
    amount: null,
    relation: null,
    ...details,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The signature keeps kind and payload together.
  return event as NewStreamEvent;
}

export function aPerson(name: string): Person {
  return { id: `p-${name}`, login: name.toLowerCase(), name };
}

export function aRaid(details: Details & { from?: Person; viewers?: number } = {}): NewStreamEvent {
  const { from = aPerson('Nova'), viewers = 120, ...more } = details;
  return anEvent('raid', { from, viewers, sharedFrom: null }, { amount: viewers, ...more });
}

export function aStart(broadcastId: string, at: Date, details: Details = {}): NewStreamEvent {
  const payload = { broadcastId, startedAt: at.toISOString(), title: null, category: null, isRestart: false };
  return anEvent('live', payload, { at, relation: { how: 'same', key: `live:${broadcastId}` }, ...details });
}

export function anEnd(at: Date, details: Details = {}): NewStreamEvent {
  return anEvent(
    'offline',
    { broadcastId: null, durationS: null, title: null, category: null },
    { at, ...details },
  );
}

/** An end that names its stream, as Twitch has since June 2026. */
export function anEndOf(broadcastId: string, at: Date): NewStreamEvent {
  return anEvent(
    'offline',
    { broadcastId, durationS: null, title: null, category: null },
    { at, relation: { how: 'same', key: `offline:${broadcastId}` } },
  );
}

export function aTitle(title: string, at: Date, details: Details = {}): NewStreamEvent {
  return anEvent('update', { title, category: 'Art', language: 'en', before: null }, { at, ...details });
}

export function aGift(bomb: string, to: string, at: Date): NewStreamEvent {
  const payload = { by: aPerson('Giver'), to: aPerson(to), tier: '1' as const, months: 1, sharedFrom: null };
  return anEvent('gift', payload, { at, relation: { how: 'part', key: bomb } });
}

export function aBomb(bomb: string, total: number, at: Date): NewStreamEvent {
  const by = aPerson('Giver');
  return anEvent(
    'gift-bomb',
    { by, total, tier: '1', cumulative: null, to: [], sharedFrom: null },
    { at, amount: total, relation: { how: 'course', key: bomb } },
  );
}

/** What the broadcaster hears of gifts: who gave how many, and each that somebody got one. */
export function anOwnGift(total: number, at: Date, details: Details = {}): NewStreamEvent {
  const payload = {
    by: aPerson('Giver'),
    total,
    tier: '1' as const,
    cumulative: null,
    to: [],
    sharedFrom: null,
  };
  return anEvent('gift-bomb', payload, { at, amount: total, type: 'channel.subscription.gift', ...details });
}

export function aGiftedSub(to: string, at: Date): NewStreamEvent {
  const payload = { by: aPerson(to), tier: '1' as const, isGift: true, sharedFrom: null };
  return anEvent('sub', payload, { at, type: 'channel.subscribe' });
}

/** What chat tells of a gift that belongs to no bomb. */
export function aSingleGift(to: string, at: Date): NewStreamEvent {
  return { ...aGift('', to, at), amount: 1, relation: null };
}

/** Sends events again, as Twitch does, for as long as the database has no time for them. */
export async function appendAtLast(
  events: Pick<Events, 'append'>,
  batch: NewStreamEvent[],
): Promise<AppendResult[]> {
  try {
    return await events.append(batch);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return await appendAtLast(events, batch);
  }
}
