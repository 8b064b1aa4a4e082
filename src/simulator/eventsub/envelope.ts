import { randomUUID } from 'node:crypto';
import { subscriptionOnWire, type Subscription } from './subscriptions.ts';
import { timeOnWire } from './time.ts';

/** Something told to one subscription, on whatever transport. */
export interface Message {
  id: string;
  at: Date;
  kind: 'notification' | 'revocation';
  subscription: Subscription;
  /** Twitch's fields; `null` in a revocation. */
  event: object | null;
}

/** A message with an id of its own. */
export function messageFor(subscription: Subscription, event: object | null, at: Date): Message {
  return {
    id: randomUUID(),
    at,
    kind: event === null ? 'revocation' : 'notification',
    subscription,
    event,
  };
}

/** What stands within a message on every transport. */
export function payloadOf({ subscription, event }: Message): object {
  return { subscription: subscriptionOnWire(subscription), ...(event === null ? {} : { event }) };
}

/** A message as a socket carries it. */
export function messageOnSocket(message: Message): string {
  const { id, at, kind, subscription } = message;
  const more = { subscription_type: subscription.type, subscription_version: subscription.version };
  return envelope(kind, payloadOf(message), at, id, more);
}

/** A message of the session itself, such as `session_welcome`. */
export function envelope(
  type: string,
  payload: object,
  at: Date,
  id: string = randomUUID(),
  more: object = {},
): string {
  const metadata = { message_id: id, message_type: type, message_timestamp: timeOnWire(at), ...more };
  return JSON.stringify({ metadata, payload });
}
