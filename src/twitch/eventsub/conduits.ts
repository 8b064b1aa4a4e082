import { TwitchError } from '../errors.ts';
import { readAll, type ListSettings } from './pages.ts';
import {
  readConduit,
  readConduits,
  readShardFaults,
  readShards,
  type Conduit,
  type Shard,
  type ShardFault,
} from './wire.ts';

/** Conduits of this app (5 at most) and their shards, whose ids count from `0`. Faults throw TwitchError. */
export interface Conduits {
  conduits(): Promise<Conduit[]>;
  createConduit(shardCount: number): Promise<Conduit>;
  /** `rejected` with status 404 when it is gone. Shrinking removes the highest shards. */
  resizeConduit(id: string, shardCount: number): Promise<Conduit>;
  /** One that is gone already counts as removed. */
  removeConduit(id: string): Promise<void>;
  shards(conduitId: string): Promise<Shard[]>;
  /** Ends shards on sockets; tells which of them Twitch refused. */
  attachShards(
    conduitId: string,
    shards: readonly { id: string; sessionId: string }[],
  ): Promise<ShardFault[]>;
}

const path = '/conduits';
const shardsPath = '/conduits/shards';
const auth = { kind: 'app' } as const;

/** Twitch takes so many shards at once. */
const mostShards = 100;

/** All of them ask with the app's token. */
export function createConduits(settings: ListSettings): Conduits {
  const { requests } = settings;

  return {
    conduits: async () => (await readAll({ path, query: {}, read: readConduits, auth }, settings)).items,
    createConduit(shardCount) {
      const json = { shard_count: shardCount };
      // A second try after a lost answer would make another one, of five.
      return requests.send({ method: 'POST', path, json, read: readConduit }, 'unsent');
    },
    resizeConduit(id, shardCount) {
      const json = { id, shard_count: shardCount };
      return requests.send({ method: 'PATCH', path, json, read: readConduit }, 'safe');
    },
    async removeConduit(id) {
      const query = new URLSearchParams({ id });
      try {
        await requests.send({ method: 'DELETE', path, query, read: () => null }, 'safe');
      } catch (error) {
        if (!(error instanceof TwitchError) || error.status !== 404) throw error;
      }
    },
    async shards(conduitId) {
      const query = { conduit_id: conduitId };
      return (await readAll({ path: shardsPath, query, read: readShards, auth }, settings)).items;
    },
    async attachShards(conduitId, shards) {
      const faults: ShardFault[] = [];
      for (let start = 0; start < shards.length; start += mostShards) {
        const json = {
          conduit_id: conduitId,
          shards: shards.slice(start, start + mostShards).map(({ id, sessionId }) => ({
            id,
            transport: { method: 'websocket', session_id: sessionId },
          })),
        };
        const request = { method: 'PATCH', path: shardsPath, json, read: readShardFaults } as const;
        faults.push(...(await requests.send(request, 'safe')));
      }
      return faults;
    },
  };
}
