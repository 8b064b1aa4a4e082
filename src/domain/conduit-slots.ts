import type { EventSub, Shard, Socket } from './event-sub.ts';

/** One socket and the shard that it stands for. */
export interface Slot {
  socket: Socket | null;
  sessionId: string | null;
  /** The one that it stands for, or stood for before its session was lost. */
  shardId: string | null;
  /** Whether Twitch sends what the shard gets to this very session. */
  isAttached: boolean;
}

export const shardsOfAConduit = 2;
const mostShards = 40;

/**
 * The one conduit of the app: the first of those that exist, else a new one. Of two listeners that make
 * one at the same time, one gives way.
 */
export async function findConduit(eventSub: EventSub): Promise<{ id: string; shardCount: number }> {
  const first = firstOf(await eventSub.conduits());
  if (first !== undefined) return first;
  const made = await eventSub.createConduit(shardsOfAConduit);
  const chosen = firstOf(await eventSub.conduits()) ?? made;
  if (chosen.id !== made.id) await eventSub.removeConduit(made.id);
  return chosen;
}

/**
 * Gives each slot that has a session a shard of its own: the one it had, else one that nobody serves; where
 * other listeners serve all of them, the conduit grows. Trailing shards that nobody serves are cut off.
 */
export async function attachSlots(
  eventSub: EventSub,
  conduit: { id: string; shardCount: number },
  slots: Slot[],
): Promise<Shard[]> {
  let shards = await eventSub.shards(conduit.id);
  const isServed = (slot: Slot) =>
    shards.some((shard) => shard.id === slot.shardId && isServedBy(shard, slot.sessionId));
  const homeless = slots.filter((slot) => slot.sessionId !== null && !isServed(slot));
  for (const slot of homeless) slot.isAttached = false;
  if (homeless.length > 0) {
    const free = freeShards(conduit.shardCount, shards, slots, homeless);
    const count = Math.min(mostShards, Math.max(conduit.shardCount, ...free.map((id) => Number(id) + 1)));
    if (count > conduit.shardCount) await eventSub.resizeConduit(conduit.id, count);
    const wanted = homeless.flatMap((slot, index) => {
      const id = free[index];
      return id === undefined || slot.sessionId === null ? [] : [{ slot, id, sessionId: slot.sessionId }];
    });
    const refused = await eventSub.attachShards(
      conduit.id,
      wanted.map(({ id, sessionId }) => ({ id, sessionId })),
    );
    for (const { slot, id, sessionId } of wanted) {
      const isRefused = refused.some((each) => each.id === id);
      slot.shardId = isRefused ? null : id;
      slot.isAttached = !isRefused && slot.sessionId === sessionId;
    }
    shards = await eventSub.shards(conduit.id);
  }
  await shrink(eventSub, conduit, shards, slots);
  return shards;
}

function firstOf<Item extends { id: string }>(conduits: Item[]): Item | undefined {
  return conduits.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
}

function isServedBy({ status, sessionId }: Shard, session: string | null): boolean {
  return status === 'enabled' && (sessionId === null || sessionId === session);
}

/** As many ids as there are homeless slots, those first that they had before. */
function freeShards(count: number, shards: Shard[], slots: Slot[], homeless: Slot[]): string[] {
  const ours = new Set(slots.filter((slot) => !homeless.includes(slot)).map(({ shardId }) => shardId));
  const before = new Set(homeless.map(({ shardId }) => shardId));
  const isTaken = (id: string) =>
    ours.has(id) || (!before.has(id) && shards.some((each) => each.id === id && each.status === 'enabled'));
  return Array.from({ length: count + homeless.length }, (_, index) => String(index))
    .filter((id) => !isTaken(id))
    .slice(0, homeless.length);
}

async function shrink(
  eventSub: EventSub,
  conduit: { id: string; shardCount: number },
  shards: Shard[],
  slots: Slot[],
): Promise<void> {
  const served = shards
    .filter(({ id, status }) => status === 'enabled' || slots.some(({ shardId }) => shardId === id))
    .map(({ id }) => Number(id) + 1);
  const count = Math.max(shardsOfAConduit, ...served);
  if (count < conduit.shardCount) await eventSub.resizeConduit(conduit.id, count);
}
