import type { NewStreamEvent } from '../domain/stream-event.ts';
import { titleKey } from './event-placement.ts';
import { foundEvent } from './found-events.ts';
import type { SightedPair } from './rounds.ts';

/** What a round has found, as entries. What push has told already meets its entry there by its key. */
export function eventsBetween(
  pairs: SightedPair[],
  round: {
    at: number;
    /** The streams that are restarts. */
    restarted: Set<string>;
    /** The broadcast of each stream. */
    broadcastIds: Map<string, { id: string; startedAt: number }>;
    pushCovers: (streamerId: string) => boolean;
  },
): NewStreamEvent[] {
  // At first sight nothing has happened: it just was so.
  return pairs.filter(({ before }) => before.polled_at !== null).flatMap((pair) => eventsOf(pair, round));
}

function eventsOf(
  { before, after }: SightedPair,
  round: Parameters<typeof eventsBetween>[1],
): NewStreamEvent[] {
  const { at, restarted, broadcastIds } = round;
  const streamerId = after.id;
  const isLate = round.pushCovers(streamerId);
  const events: NewStreamEvent[] = [];
  if (before.login !== after.login) events.push(renamed(streamerId, before.login, after.login, at));
  if (before.unavailable_since !== null && after.unavailable_since === null) {
    events.push(available(streamerId, at));
  }
  const isOther = before.broadcast_id !== after.broadcast_id;
  if (isOther && before.broadcast_id !== null && !restarted.has(after.broadcast_id ?? '')) {
    const endedAt = after.broadcast_id === null ? after.last_live_at : before.last_live_at;
    const broadcast = broadcastIds.get(before.broadcast_id);
    events.push(
      foundEvent(
        {
          kind: 'offline',
          payload: {
            broadcastId: broadcast?.id ?? before.broadcast_id,
            durationS: durationS(broadcast?.startedAt ?? before.broadcast_started_at, endedAt),
            title: before.title || null,
            category: before.category || null,
          },
        },
        { streamerId, at: endedAt ?? at, name: `offline:${before.broadcast_id}`, isKeyed: true, isLate },
      ),
    );
  }
  // Push tells a start without its title: what the first sighting shows is no change of it.
  const isFirstSighting = before.viewers === null && after.viewers !== null;
  const isRetitled = before.title !== after.title || before.category !== after.category;
  if (after.broadcast_id !== null && (isOther || (isFirstSighting && isRetitled))) {
    const startedAt = after.broadcast_started_at ?? at;
    const payload = {
      broadcastId: broadcastIds.get(after.broadcast_id)?.id ?? after.broadcast_id,
      startedAt: new Date(startedAt).toISOString(),
      title: after.title || null,
      category: after.category || null,
      isRestart: restarted.has(after.broadcast_id),
    };
    const name = `live:${after.broadcast_id}`;
    events.push(
      foundEvent({ kind: 'live', payload }, { streamerId, at: startedAt, name, isKeyed: true, isLate }),
    );
  } else if (isRetitled) {
    events.push(updated({ before, after }, at, isLate));
  }
  return events;
}

/** A login that has changed. `at` in milliseconds. */
export function renamed(streamerId: string, from: string, to: string, at: number): NewStreamEvent {
  return foundEvent(
    { kind: 'renamed', payload: { from, to } },
    { streamerId, at, name: `renamed:${streamerId}:${at}` },
  );
}

/** Twitch names them again. */
export function available(streamerId: string, at: number): NewStreamEvent {
  return foundEvent(
    { kind: 'available', payload: {} },
    { streamerId, at, name: `available:${streamerId}:${at}` },
  );
}

/** Twitch leaves them out of its answers. */
export function unavailable(streamerId: string, at: number): NewStreamEvent {
  return foundEvent(
    { kind: 'unavailable', payload: {} },
    { streamerId, at, name: `unavailable:${streamerId}:${at}` },
  );
}

function updated({ before, after }: SightedPair, at: number, isLate: boolean): NewStreamEvent {
  const { title, category, language } = after;
  const payload = { title, category, language, before: { title: before.title, category: before.category } };
  const event = foundEvent(
    { kind: 'update', payload },
    { streamerId: after.id, at, name: `update:${after.id}:${at}`, isLate },
  );
  return { ...event, relation: { how: 'same', key: titleKey(title, category) } };
}

function durationS(from: number | null | undefined, to: number | null): number | null {
  return typeof from === 'number' && to !== null ? Math.max(0, Math.round((to - from) / 1000)) : null;
}
