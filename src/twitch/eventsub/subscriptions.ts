import { TwitchError } from '../errors.ts';
import type { Authority } from '../requests.ts';
import { createConduits, type Conduits } from './conduits.ts';
import { readAll, type ListSettings } from './pages.ts';
import { readCreated, readExistingId, readSubscriptions, type Subscription } from './wire.ts';

/** Webhook and conduit ask with the app's token; a socket of a user with that user's. */
export type EventSubAuth = Authority;

/** What to ask for. A webhook's `secret` signs its messages: 10 to 100 ASCII characters. */
export interface NewSubscription {
  type: string;
  version: string;
  condition: Record<string, string>;
  transport:
    | { method: 'webhook'; callback: string; secret: string }
    | { method: 'websocket'; sessionId: string }
    | { method: 'conduit'; conduitId: string };
}

/** What there is, dead ones too, and what all of it costs; `null` where Twitch does not tell. */
export interface Subscriptions {
  subscriptions: Subscription[];
  totalCost: number | null;
  maxTotalCost: number | null;
}

/** What came of asking. `exists`: Twitch has the same one; its id, where told. */
export type Creation =
  | { outcome: 'created'; subscription: Subscription; totalCost: number | null; maxTotalCost: number | null }
  | { outcome: 'exists'; id: string | null };

/** What Twitch shall tell us of. Faults throw TwitchError; one with `limit` says that there may be no more. */
export interface EventSub extends Conduits {
  /** All of them, each once; those that cannot be read are left out and counted. */
  list(auth: EventSubAuth, filter?: { conduitId?: string }): Promise<Subscriptions>;
  create(auth: EventSubAuth, wanted: NewSubscription): Promise<Creation>;
  /** One that is gone already counts as removed. */
  remove(auth: EventSubAuth, id: string): Promise<void>;
}

const path = '/subscriptions';

/** EventSub's HTTP side. */
export function createEventSub(settings: ListSettings): EventSub {
  const { requests } = settings;

  return {
    ...createConduits(settings),
    async list(auth, filter = {}) {
      const query: Record<string, string> = filter.conduitId ? { conduit_id: filter.conduitId } : {};
      const all = await readAll({ path, query, read: readSubscriptions, auth }, settings);
      return { subscriptions: all.items, totalCost: all.totalCost, maxTotalCost: all.maxTotalCost };
    },
    async create(auth, wanted) {
      const json = { ...wanted, transport: wireTransport(wanted.transport) };
      const request = {
        method: 'POST',
        path,
        json,
        read: readCreated,
        readExisting: readExistingId,
      } as const;
      try {
        // What a first try made after all answers the second with 409.
        return { outcome: 'created', ...(await requests.send(request, 'safe', auth)) };
      } catch (error) {
        if (!(error instanceof TwitchError) || error.status !== 409) throw error;
        return { outcome: 'exists', id: error.existingId };
      }
    },
    async remove(auth, id) {
      const query = new URLSearchParams({ id });
      try {
        await requests.send({ method: 'DELETE', path, query, read: () => null }, 'safe', auth);
      } catch (error) {
        if (!(error instanceof TwitchError) || error.status !== 404) throw error;
      }
    },
  };
}

function wireTransport(transport: NewSubscription['transport']): Record<string, string> {
  if (transport.method === 'websocket') return { method: 'websocket', session_id: transport.sessionId };
  if (transport.method === 'conduit') return { method: 'conduit', conduit_id: transport.conduitId };
  return { method: 'webhook', callback: transport.callback, secret: transport.secret };
}
