import type { Message } from './envelope.ts';

/** What became of a message. */
export interface Delivery {
  id: string;
  /** The subscription's type. */
  type: string;
  subscriptionId: string;
  /** How often it went out; 0: there was nobody to take it. */
  sent: number;
  /** A webhook answered it with 2xx. Sockets acknowledge nothing. */
  isAcknowledged: boolean;
  /** Sent as often as it may be, and not acknowledged. */
  isGivenUp: boolean;
}

/** A ledger of the last 50,000 messages, oldest first. */
export interface Deliveries {
  all(): Delivery[];
  of(message: Message): Delivery;
  reset(): void;
}

export function createDeliveries(): Deliveries {
  const kept = new Map<string, Delivery>();
  return {
    all: () => [...kept.values()],
    of({ id, subscription }) {
      const found = kept.get(id);
      if (found !== undefined) return found;
      const { type, id: subscriptionId } = subscription;
      const delivery = { id, type, subscriptionId, sent: 0, isAcknowledged: false, isGivenUp: false };
      kept.set(id, delivery);
      if (kept.size > 50_000) for (const oldest of [...kept.keys()].slice(0, 1_000)) kept.delete(oldest);
      return delivery;
    },
    reset: () => kept.clear(),
  };
}
