import { randomUUID } from 'node:crypto';
import { seedOf } from '../random.ts';
import type { EventSubSettings } from './settings.ts';
import { timeOnWire } from './time.ts';

/** Where a shard's messages go. */
export type ShardTransport =
  | { method: 'websocket'; sessionId: string; connectedAt: Date; disconnectedAt: Date | null }
  | { method: 'webhook'; callback: string; secret: string };

/** A part of a conduit that somebody took. `status` is `enabled`, or says why it is not. */
export interface Shard {
  readonly id: string;
  status: string;
  transport: ShardTransport;
}

export interface Conduit {
  readonly id: string;
  shardCount: number;
  /** Those that were ever attached, by id. */
  readonly shards: Map<string, Shard>;
  /** Since when no shard is enabled; `null` while one is. */
  downSince: Date | null;
}

export interface Conduits {
  /** Those that were down for too long are gone. */
  all(): Conduit[];
  find(id: string): Conduit | null;
  create(shardCount: number): Conduit;
  /** A smaller one loses the shards with the highest ids. */
  resize(conduit: Conduit, shardCount: number): void;
  remove(id: string): boolean;
  attach(conduit: Conduit, shardId: string, transport: ShardTransport, status: string): Shard;
  disable(conduit: Conduit, shard: Shard, status: string): void;
  /** Every shard on that session goes down. */
  endSession(sessionId: string, status: string): void;
}

interface Parts {
  now: () => Date;
  settings: EventSubSettings;
  onDisabled: (conduit: Conduit, shard: Shard) => void;
  onDeleted: (conduit: Conduit) => void;
}

export function createConduits({ now, settings, onDisabled, onDeleted }: Parts): Conduits {
  const kept = new Map<string, Conduit>();
  const noteState = (conduit: Conduit) => {
    const isUp = [...conduit.shards.values()].some(({ status }) => status === 'enabled');
    conduit.downSince = isUp ? null : (conduit.downSince ?? now());
  };
  const remove = (id: string) => {
    const conduit = kept.get(id);
    kept.delete(id);
    if (conduit !== undefined) onDeleted(conduit);
    return conduit !== undefined;
  };
  const disable: Conduits['disable'] = (conduit, shard, status) => {
    if (shard.status !== 'enabled') return;
    shard.status = status;
    if (shard.transport.method === 'websocket') shard.transport.disconnectedAt = now();
    noteState(conduit);
    onDisabled(conduit, shard);
  };

  return {
    all() {
      for (const { id, downSince } of kept.values())
        if (downSince !== null && now().getTime() - downSince.getTime() > settings.conduitDownMs) remove(id);
      return [...kept.values()];
    },
    find: (id) => kept.get(id) ?? null,
    create(shardCount) {
      const conduit = { id: randomUUID(), shardCount, shards: new Map(), downSince: now() };
      kept.set(conduit.id, conduit);
      return conduit;
    },
    resize(conduit, shardCount) {
      conduit.shardCount = shardCount;
      for (const id of conduit.shards.keys()) if (Number(id) >= shardCount) conduit.shards.delete(id);
      noteState(conduit);
    },
    remove,
    attach(conduit, shardId, transport, status) {
      const shard = { id: shardId, status, transport };
      conduit.shards.set(shardId, shard);
      noteState(conduit);
      return shard;
    },
    disable,
    endSession(sessionId, status) {
      for (const conduit of kept.values())
        for (const shard of conduit.shards.values())
          if (shard.transport.method === 'websocket' && shard.transport.sessionId === sessionId)
            disable(conduit, shard, status);
    },
  };
}

/** The shard of that channel, or the one after it when it is down; `null`: the message is lost. */
export function shardFor(conduit: Conduit, channelId: string): Shard | null {
  const first = seedOf(channelId) % conduit.shardCount;
  const two = [first, (first + 1) % conduit.shardCount].map((index) => conduit.shards.get(String(index)));
  return two.find((shard) => shard?.status === 'enabled') ?? null;
}

/** As Get Conduit Shards and the event of a shard that went down show it. */
export function shardTransportOnWire(transport: ShardTransport): object {
  const { method } = transport;
  if (method === 'webhook') return { method, callback: transport.callback };
  const { sessionId, connectedAt, disconnectedAt } = transport;
  return {
    method,
    session_id: sessionId,
    connected_at: timeOnWire(connectedAt),
    ...(disconnectedAt === null ? {} : { disconnected_at: timeOnWire(disconnectedAt) }),
  };
}
