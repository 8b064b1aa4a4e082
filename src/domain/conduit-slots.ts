import { isLimit, type EventSub, type HearingLog, type Shard, type Socket } from './event-sub.ts';

/** One socket and the shard that it stands for. */
export interface Slot {
  socket: Socket | null;
  sessionId: string | null;
  /** The one that it stands for, or stood for before its session was lost. */
  shardId: string | null;
  /** The session with which it was attached last: Twitch may not have noticed yet that it is gone. */
  attachedAs: string | null;
  /** Whether Twitch sends what the shard gets to this very session. */
  isAttached: boolean;
}

/** Where it is kept which of the app's conduits is ours: others may belong to other programs. */
export interface ConduitMemory {
  find(): Promise<string | null>;
  /** Puts `next` in the place of `before`, unless another process was faster; tells which one is ours now. */
  replace(before: string | null, next: string): Promise<string>;
}

interface Conduit {
  id: string;
  shardCount: number;
}

export const shardsOfAConduit = 2;
const mostShards = 40;

/**
 * Our conduit; a new one when Twitch does not know it any more. `present`: the one in use, which is ours
 * without asking the database. Of two listeners that make one at the same time, one gives way.
 */
export async function findConduit(
  eventSub: EventSub,
  memory: ConduitMemory,
  present: string | null,
  log: HearingLog,
): Promise<Conduit> {
  // Asked before Twitch is: what another process has remembered meanwhile is then among what Twitch lists.
  const known = present ?? (await memory.find());
  const existing = await eventSub.conduits();
  const ours = existing.find(({ id }) => id === known);
  if (ours !== undefined) return ours;
  const { conduit, isNew } = await makeConduit(eventSub, existing, log);
  const chosen = await memory.replace(known, conduit.id);
  if (chosen === conduit.id) return conduit;
  if (isNew) await eventSub.removeConduit(conduit.id);
  const others = (await eventSub.conduits()).find(({ id }) => id === chosen);
  if (others === undefined) throw new Error('Twitch does not list the conduit of another process yet');
  return others;
}

/** Twitch allows five. Where all are taken, one that nobody serves has been left behind. */
async function makeConduit(
  eventSub: EventSub,
  existing: Conduit[],
  log: HearingLog,
): Promise<{ conduit: Conduit; isNew: boolean }> {
  try {
    return { conduit: await eventSub.createConduit(shardsOfAConduit), isNew: true };
  } catch (error) {
    if (!isLimit(error)) throw error;
    for (const conduit of existing) {
      const shards = await eventSub.shards(conduit.id);
      if (shards.some(({ status }) => status === 'enabled')) continue;
      log.warn(
        { conduitId: conduit.id },
        'Twitch allows no more conduits: takes over one that nobody serves',
      );
      return { conduit, isNew: false };
    }
    throw error;
  }
}

/**
 * Gives each slot that has a session a shard of its own: the one it had, else one that nobody serves; where
 * other listeners serve all of them, the conduit grows. Trailing shards that nobody serves are cut off.
 */
export async function attachSlots(eventSub: EventSub, conduit: Conduit, slots: Slot[]): Promise<Shard[]> {
  let shards = await eventSub.shards(conduit.id);
  const isServed = (slot: Slot) =>
    shards.some((shard) => shard.id === slot.shardId && isServedBy(shard, slot.sessionId));
  const homeless = slots.filter((slot) => slot.sessionId !== null && !(slot.isAttached && isServed(slot)));
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
      slot.shardId = refused.some((each) => each.id === id) ? null : id;
      slot.attachedAs = sessionId;
    }
    // Another listener may have taken the same one at the same moment: the later of the two stands there.
    shards = await eventSub.shards(conduit.id);
    for (const { slot, sessionId } of wanted)
      slot.isAttached = slot.sessionId === sessionId && isServed(slot);
  }
  await shrink(eventSub, conduit, shards, slots);
  return shards;
}

/** The first shard that nobody serves below one of ours. */
export function lowestVacancy(shards: Shard[], slots: Slot[]): string | null {
  const highest = Math.max(0, ...slots.map(({ shardId }) => Number(shardId)));
  const taken = new Set([
    ...shards.filter(({ status }) => status === 'enabled').map(({ id }) => id),
    ...slots.map(({ shardId }) => shardId),
  ]);
  return Array.from({ length: highest }, (_, index) => String(index)).find((id) => !taken.has(id)) ?? null;
}

function isServedBy({ status, sessionId }: Shard, session: string | null): boolean {
  return status === 'enabled' && (sessionId === null || sessionId === session);
}

/**
 * A shard id for each homeless slot: the one that it had before, else the lowest that nobody serves. A shard
 * may seem to be served by a session of ours that is gone; what another session serves is another listener's.
 */
function freeShards(count: number, shards: Shard[], slots: Slot[], homeless: Slot[]): string[] {
  const ours = new Set(slots.filter((slot) => !homeless.includes(slot)).map(({ shardId }) => shardId));
  const sessions = new Set(homeless.flatMap(({ attachedAs, sessionId }) => [attachedAs, sessionId]));
  const served = new Set(
    shards
      .filter(({ status, sessionId }) => status === 'enabled' && !sessions.has(sessionId))
      .map(({ id }) => id),
  );
  const free = Array.from({ length: count + homeless.length }, (_, index) => String(index)).filter(
    (id) => !ours.has(id) && !served.has(id),
  );
  const before = homeless.map(({ shardId }) => free.find((id) => id === shardId));
  const others = free.filter((id) => !before.includes(id));
  return before.flatMap((id) => id ?? others.shift() ?? []);
}

async function shrink(eventSub: EventSub, conduit: Conduit, shards: Shard[], slots: Slot[]): Promise<void> {
  const served = shards
    .filter(({ id, status }) => status === 'enabled' || slots.some(({ shardId }) => shardId === id))
    .map(({ id }) => Number(id) + 1);
  const count = Math.max(shardsOfAConduit, ...served);
  if (count < conduit.shardCount) await eventSub.resizeConduit(conduit.id, count);
}
