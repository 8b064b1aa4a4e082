import type { ConduitMemory } from '../../src/domain/conduit-slots.ts';
import type {
  EventSub,
  EventSubAuth,
  OpenSocket,
  Shard,
  SocketHandlers,
  SocketState,
  Subscription,
} from '../../src/domain/event-sub.ts';
import { keyOf } from '../../src/domain/watch.ts';

/** As the client tells of what Twitch refused. */
export function refusal(kind: string, details: { status?: number; limit?: boolean } = {}): Error {
  return Object.assign(new Error(kind), { kind, ...details });
}

/** Twitch's EventSub in memory, with its costs and limits. */
export function fakeEventSub(options: { max?: number; confirms?: boolean } = {}) {
  let max = options.max ?? 10_000;
  let confirms = options.confirms ?? false;
  let nextId = 1;
  let fault: Error | null = null;
  let subscriptions: Subscription[] = [];
  let conduits: { id: string; shardCount: number }[] = [];
  const shards = new Map<string, Shard[]>();
  const calls: string[] = [];
  const refused = new Map<string, Error>();

  const owners = new Map<string, string>();
  const maxOf = (auth: EventSubAuth) => (auth.kind === 'app' ? max : 10);
  const total = (auth: EventSubAuth) =>
    subscriptions
      .filter(
        ({ id, status }) => (owners.get(id) ?? 'app') === ownerOf(auth) && /^enabled|pending$/.test(status),
      )
      .reduce((sum, { cost }) => sum + cost, 0);
  function enter(call: string): void {
    calls.push(call);
    if (fault !== null) throw fault;
  }

  const eventSub: EventSub = {
    async list(auth, filter = {}) {
      enter('list');
      const seen = subscriptions.filter(
        ({ id, transport }) =>
          (transport.method === 'websocket') === (auth.kind === 'user') &&
          (auth.kind === 'app' || owners.get(id) === ownerOf(auth)) &&
          (filter.conduitId === undefined ||
            (transport.method === 'conduit' && transport.conduitId === filter.conduitId)),
      );
      return { subscriptions: seen, totalCost: total(auth), maxTotalCost: maxOf(auth) };
    },
    async create(auth: EventSubAuth, { type, version, condition, transport }) {
      const key = keyOf(type, condition);
      enter(`create ${key}`);
      if (transport.method === 'conduit' && !conduits.some(({ id }) => id === transport.conduitId))
        throw refusal('rejected', { status: 404 });
      const refusing = refused.get(key) ?? refused.get(type);
      if (refusing !== undefined) throw refusing;
      const kept: Subscription['transport'] =
        transport.method === 'webhook' ? { method: 'webhook', callback: transport.callback } : transport;
      const same = subscriptions.find(
        (each) =>
          keyOf(each.type, each.condition) === key && JSON.stringify(each.transport) === JSON.stringify(kept),
      );
      if (same !== undefined) return { outcome: 'exists', id: same.id };
      const cost = /^(stream|channel\.(update|raid)$)/.test(type) ? 1 : 0;
      if (total(auth) + cost > maxOf(auth)) throw refusal('rate-limited', { status: 429, limit: true });
      const isSlow = transport.method === 'webhook' && !confirms;
      const subscription: Subscription = {
        id: `s${nextId++}`,
        status: isSlow ? 'webhook_callback_verification_pending' : 'enabled',
        type,
        version,
        condition,
        cost,
        transport: kept,
        createdAt: new Date(nextId),
      };
      subscriptions.push(subscription);
      owners.set(subscription.id, ownerOf(auth));
      return { outcome: 'created', subscription, totalCost: total(auth), maxTotalCost: maxOf(auth) };
    },
    async remove(_auth, id) {
      enter(`remove ${id}`);
      subscriptions = subscriptions.filter((each) => each.id !== id);
    },
    async conduits() {
      enter('conduits');
      return structuredClone(conduits);
    },
    async createConduit(shardCount) {
      enter('createConduit');
      if (conduits.length >= 5) throw refusal('rate-limited', { status: 429, limit: true });
      const conduit = { id: `c${nextId++}`, shardCount };
      conduits.push(conduit);
      return structuredClone(conduit);
    },
    async resizeConduit(id, shardCount) {
      enter(`resize ${shardCount}`);
      for (const conduit of conduits) if (conduit.id === id) conduit.shardCount = shardCount;
      shards.set(
        id,
        (shards.get(id) ?? []).filter((shard) => Number(shard.id) < shardCount),
      );
    },
    async removeConduit(id) {
      enter('removeConduit');
      conduits = conduits.filter((each) => each.id !== id);
    },
    async shards(conduitId) {
      enter('shards');
      return structuredClone(shards.get(conduitId) ?? []);
    },
    async attachShards(conduitId, wanted) {
      enter(`attach ${wanted.map(({ id }) => id).join()}`);
      const rest = (shards.get(conduitId) ?? []).filter(({ id }) => !wanted.some((each) => each.id === id));
      shards.set(conduitId, [...rest, ...wanted.map((each) => ({ ...each, status: 'enabled' }))]);
      return [];
    },
  };

  return {
    eventSub,
    calls,
    refused,
    shards,
    all: () => subscriptions,
    keys: () => subscriptions.map(({ type, condition }) => keyOf(type, condition)).toSorted(),
    add: (subscription: Subscription) => void subscriptions.push(subscription),
    setStatus(key: string, status: string) {
      for (const each of subscriptions) if (keyOf(each.type, each.condition) === key) each.status = status;
    },
    confirmAll() {
      for (const each of subscriptions) each.status = 'enabled';
    },
    /** From now on webhooks wait for `confirmAll`. */
    confirmNothing: () => (confirms = false),
    dropConduits: () => {
      conduits = [];
      shards.clear();
      subscriptions = [];
    },
    conduits: () => conduits,
    setFault: (next: Error | null) => (fault = next),
    setMax: (next: number) => (max = next),
  };
}

let nextSession = 1;

/** Sockets that open and close when the test says so. */
export function fakeSockets() {
  const open: {
    handlers: SocketHandlers;
    welcome(): string;
    drop(): void;
    session(): string | null;
    isClosed(): boolean;
    /** Closed, but not to what is under way. */
    isLeaving(): boolean;
  }[] = [];
  const openSocket: OpenSocket = (handlers) => {
    let sessionId: string | null = null;
    let isClosed = false;
    let isLeaving = false;
    open.push({
      handlers,
      welcome() {
        sessionId = `session${nextSession++}`;
        handlers.onSession({ id: sessionId, keepaliveS: 10, isResumed: false });
        return sessionId;
      },
      drop() {
        sessionId = null;
        handlers.onDown({ code: 1006, reason: '' });
      },
      session: () => (isClosed ? null : sessionId),
      isClosed: () => isClosed,
      isLeaving: () => isLeaving,
    });
    const state = (): SocketState => ({
      status: isClosed ? 'closed' : sessionId === null ? 'connecting' : 'open',
      sessionId,
      since: new Date(0),
      lastMessageAt: null,
      keepaliveS: 10,
      reconnects: 0,
      lastClose: null,
    });
    return {
      state,
      close() {
        isClosed = true;
        isLeaving = false;
      },
      retire: () => (isLeaving = isClosed = true),
    };
  };
  return { openSocket, open };
}

/** What a database remembers of our conduit. */
export function conduitMemory(first: string | null = null): ConduitMemory {
  let known = first;
  return {
    find: async () => known,
    async replace(before, next) {
      if (known === before) known = next;
      return known ?? next;
    },
  };
}

export const silent = { info: () => undefined, warn: () => undefined };
export const quickPace = { everyMs: 60_000, firstRetryMs: 5, longestRetryMs: 20 };

function ownerOf(auth: EventSubAuth): string {
  return auth.kind === 'app' ? 'app' : auth.accessToken;
}
