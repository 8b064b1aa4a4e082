import type { EventSubSettings } from './settings.ts';
import { timeOnWire } from './time.ts';

/** Where a subscription's messages go. */
export type Transport =
  | { method: 'websocket'; sessionId: string; connectedAt: Date; disconnectedAt: Date | null }
  | { method: 'webhook'; callback: string; secret: string }
  | { method: 'conduit'; conduitId: string };

export interface Subscription {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  /** Twitch's own field names; optional ones that were not given are empty. */
  readonly condition: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly cost: number;
  readonly createdAt: Date;
  /** Whose token made it; `null`: the application's. */
  readonly owner: string | null;
  status: string;
  endedAt: Date | null;
}

export interface Subscriptions {
  /** Oldest first; dead ones stay for a while. */
  all(): Subscription[];
  find(id: string): Subscription | null;
  /** Those of a type to which messages go. */
  enabledOf(type: string): Subscription[];
  add(subscription: Subscription): void;
  /** Leaves it in the list, dead. */
  end(subscription: Subscription, status: string): void;
  remove(id: string): boolean;
}

/** Those that are dead: a socket's for `deadSocketMs`, others ten days, at most 1,000 of them. */
export function createSubscriptions(now: () => Date, settings: EventSubSettings): Subscriptions {
  const kept = new Map<string, Subscription>();
  const byType = new Map<string, Set<Subscription>>();

  const remove = (id: string) => {
    const subscription = kept.get(id);
    if (subscription !== undefined) byType.get(subscription.type)?.delete(subscription);
    return kept.delete(id);
  };
  const sweep = () => {
    const dead = [...kept.values()].filter(isDead);
    const tooMany = dead.length - mostDead;
    dead.forEach(({ id, endedAt, transport }, index) => {
      const ageMs = now().getTime() - (endedAt?.getTime() ?? 0);
      const stays = transport.method === 'websocket' ? settings.deadSocketMs : tenDaysMs;
      if (ageMs > stays || index < tooMany) remove(id);
    });
  };

  return {
    all() {
      sweep();
      return [...kept.values()];
    },
    find: (id) => kept.get(id) ?? null,
    enabledOf: (type) => [...(byType.get(type) ?? [])].filter(({ status }) => status === 'enabled'),
    add(subscription) {
      kept.set(subscription.id, subscription);
      const ofType = byType.get(subscription.type) ?? new Set();
      byType.set(subscription.type, ofType.add(subscription));
    },
    end(subscription, status) {
      if (isDead(subscription)) return;
      subscription.status = status;
      subscription.endedAt = now();
      if (subscription.transport.method === 'websocket') subscription.transport.disconnectedAt = now();
    },
    remove,
  };
}

/** Anything but enabled or about to be. */
export function isDead({ status }: Subscription): boolean {
  return status !== 'enabled' && status !== 'webhook_callback_verification_pending';
}

/** As lists and messages show it; a secret never goes out. */
export function subscriptionOnWire(subscription: Subscription): object {
  const { id, status, type, version, condition, createdAt, cost, transport } = subscription;
  const created_at = timeOnWire(createdAt);
  return { id, status, type, version, condition, created_at, transport: transportOnWire(transport), cost };
}

function transportOnWire(transport: Transport): object {
  const { method } = transport;
  if (method === 'webhook') return { method, callback: transport.callback };
  if (method === 'conduit') return { method, conduit_id: transport.conduitId };
  const { sessionId, connectedAt, disconnectedAt } = transport;
  return {
    method,
    session_id: sessionId,
    connected_at: timeOnWire(connectedAt),
    ...(disconnectedAt === null ? {} : { disconnected_at: timeOnWire(disconnectedAt) }),
  };
}

const mostDead = 1_000;
const tenDaysMs = 10 * 86_400_000;
