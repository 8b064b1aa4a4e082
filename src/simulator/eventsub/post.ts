import { shardFor, type Conduits } from './conduits.ts';
import type { Deliveries } from './deliveries.ts';
import { messageFor, type Message } from './envelope.ts';
import type { EventSubSettings } from './settings.ts';
import type { Sockets } from './sockets.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import type { Target, Webhooks } from './webhooks.ts';

/** Brings messages to whoever subscribed, and goes wrong on command. */
export interface Post {
  /** Tells an event to every enabled subscription of the type whose condition has these values. */
  emit(type: string, condition: Record<string, string>, event: object): void;
  /** Ends a subscription and tells so. */
  revoke(subscription: Subscription, status: string): void;
  /** Each of the next messages goes out twice, under one id; on both sockets during a hand-over. */
  duplicateNext(count?: number): void;
  /** Each of the next messages goes out late. */
  delayNext(ms: number, count?: number): void;
  /** Keeps every message back until `release`. */
  holdBack(): void;
  release(order?: 'kept' | 'reversed'): void;
  close(): void;
}

interface Parts {
  settings: EventSubSettings;
  now: () => Date;
  subscriptions: Subscriptions;
  sockets: Sockets;
  conduits: Conduits;
  webhooks: Webhooks;
  deliveries: Deliveries;
}

export function createPost(parts: Parts): Post {
  const { now, subscriptions, deliveries } = parts;
  const timers = new Set<NodeJS.Timeout>();
  const failures = new Map<string, number>();
  let held: Message[] | null = null;
  let duplicates = 0;
  let delays = 0;
  let delayMs = 0;

  const send = (message: Message) => {
    deliveries.of(message);
    if (held !== null) return void held.push(message);
    const copies = duplicates > 0 ? 2 : 1;
    duplicates = Math.max(0, duplicates - 1);
    const carryAll = () => {
      for (let copy = 0; copy < copies; copy += 1) carry(message, copy > 0);
    };
    if (delays === 0) return carryAll();
    delays -= 1;
    const timer = setTimeout(() => {
      timers.delete(timer);
      carryAll();
    }, delayMs).unref();
    timers.add(timer);
  };
  const carry = (message: Message, isCopy: boolean) => {
    const { transport, condition } = message.subscription;
    if (transport.method === 'websocket') return toSocket(message, transport.sessionId, isCopy);
    if (transport.method === 'webhook')
      return void toWebhook(message, transport, message.subscription.id, () =>
        revoke(message.subscription, 'notification_failures_exceeded'),
      );
    const conduit = parts.conduits.find(transport.conduitId);
    const shard = conduit === null ? null : shardFor(conduit, channelOf(condition));
    if (conduit === null || shard === null) return;
    if (shard.transport.method === 'websocket') return toSocket(message, shard.transport.sessionId, isCopy);
    void toWebhook(message, shard.transport, `${conduit.id} ${shard.id}`, () =>
      parts.conduits.disable(conduit, shard, 'notification_failures_exceeded'),
    );
  };
  const toSocket = (message: Message, sessionId: string, isCopy: boolean) => {
    if (parts.sockets.send(sessionId, message, isCopy)) deliveries.of(message).sent += 1;
  };
  const toWebhook = async (message: Message, target: Target, key: string, giveUp: () => void) => {
    const delivery = deliveries.of(message);
    const isTaken = await parts.webhooks.deliver(message, target, () => (delivery.sent += 1));
    if (isTaken) {
      delivery.isAcknowledged = true;
      failures.delete(key);
      return;
    }
    delivery.isGivenUp = true;
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    if (count < parts.settings.mostFailures || message.kind === 'revocation') return;
    failures.delete(key);
    giveUp();
  };
  const revoke: Post['revoke'] = (subscription, status) => {
    subscriptions.end(subscription, status);
    send(messageFor(subscription, null, now()));
  };

  return {
    emit(type, condition, event) {
      const wanted = Object.entries(condition);
      for (const subscription of subscriptions.enabledOf(type))
        if (wanted.every(([name, value]) => subscription.condition[name] === value))
          send(messageFor(subscription, event, now()));
    },
    revoke,
    duplicateNext: (count = 1) => void (duplicates = count),
    delayNext(ms, count = 1) {
      delayMs = ms;
      delays = count;
    },
    holdBack: () => void (held ??= []),
    release(order = 'kept') {
      const messages = held ?? [];
      held = null;
      for (const message of order === 'kept' ? messages : messages.toReversed()) send(message);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** What decides about the shard: the channel that an event is about. */
function channelOf(condition: Readonly<Record<string, string>>): string {
  return Object.values(condition).find((value) => value !== '') ?? '';
}
