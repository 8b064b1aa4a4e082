import type { EventSource, NewStreamEvent } from './stream-event.ts';

/** What hearing wants of Twitch's EventSub: its shapes, in our words. */

/** On whose behalf Twitch is asked: the app's, or that of a user whose token it is. */
export type EventSubAuth = { kind: 'app' } | { kind: 'user'; accessToken: string };

/** The way that a subscription sends its events. */
export type SubscriptionTransport =
  | { method: 'webhook'; callback: string }
  | { method: 'websocket'; sessionId: string }
  | { method: 'conduit'; conduitId: string };

/** Where a new subscription is to send its events. */
export type NewTransport =
  | { method: 'webhook'; callback: string; secret: string }
  | { method: 'websocket'; sessionId: string }
  | { method: 'conduit'; conduitId: string };

/** A subscription at Twitch. `status` is an open set. */
export interface Subscription {
  id: string;
  status: string;
  type: string;
  version: string;
  condition: Record<string, string>;
  transport: SubscriptionTransport;
  cost: number;
  createdAt: Date;
}

/** What all of it costs and may cost; `null` where Twitch did not say. */
export interface SubscriptionCosts {
  totalCost: number | null;
  maxTotalCost: number | null;
}

export type Created =
  | ({ outcome: 'created'; subscription: Subscription } & SubscriptionCosts)
  | { outcome: 'exists'; id: string | null };

export interface Shard {
  id: string;
  status: string;
  sessionId: string | null;
}

/** Every call rejects with an error whose `kind` and `status` tell what Twitch said. */
export interface EventSub {
  list: (
    auth: EventSubAuth,
    filter?: { conduitId?: string },
  ) => Promise<{ subscriptions: Subscription[] } & SubscriptionCosts>;
  create: (
    auth: EventSubAuth,
    wanted: { type: string; version: string; condition: Record<string, string>; transport: NewTransport },
  ) => Promise<Created>;
  remove: (auth: EventSubAuth, id: string) => Promise<void>;
  conduits: () => Promise<{ id: string; shardCount: number }[]>;
  createConduit: (shardCount: number) => Promise<{ id: string; shardCount: number }>;
  resizeConduit: (id: string, shardCount: number) => Promise<unknown>;
  removeConduit: (id: string) => Promise<void>;
  shards: (conduitId: string) => Promise<Shard[]>;
  /** Those that could not be attached, and why. */
  attachShards: (
    conduitId: string,
    shards: { id: string; sessionId: string }[],
  ) => Promise<{ id: string; message: string; code: string }[]>;
}

/** What a notification says, whichever way it came. */
export interface EventSubMessage {
  messageId: string;
  sentAt: Date;
  type: string;
  version: string;
  condition: Record<string, string>;
  subscriptionId: string | null;
  event: unknown;
}

/** What a notification means. */
export type Heard =
  | { what: 'event'; event: NewStreamEvent }
  | { what: 'authorization-revoked'; userId: string }
  | { what: 'shard-disabled'; conduitId: string; shardId: string; status: string }
  | { what: 'unknown'; type: string }
  | { what: 'unreadable'; type: string };

export type ReadMessage = (message: EventSubMessage, source: Exclude<EventSource, 'poll'>) => Heard;

/** Twitch ends a subscription. */
export interface Revocation {
  subscriptionId: string;
  type: string;
  status: string;
}

export interface SocketHandlers {
  /** A welcome. Resumed: Twitch has moved the subscriptions over by itself. */
  onSession(session: { id: string; keepaliveS: number; isResumed: boolean }): void;
  onMessage(message: EventSubMessage): void;
  onRevocation(revocation: Revocation): void;
  onDown(down: { code: number; reason: string }): void;
}

export interface SocketState {
  status: 'connecting' | 'open' | 'waiting' | 'closed';
  sessionId: string | null;
  since: Date;
  lastMessageAt: Date | null;
  keepaliveS: number | null;
  reconnects: number;
  lastClose: { code: number; reason: string; at: Date } | null;
}

/** A socket that dials again by itself until it is closed. */
export interface Socket {
  state(): SocketState;
  close(): void;
  /** Takes leave: dials no more, and brings what is under way for a moment longer. */
  retire(): void;
}

export type OpenSocket = (handlers: SocketHandlers) => Socket;

export interface HearingLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Whether Twitch means a limit, not a pace: nothing more of this kind fits. */
export function isLimit(error: unknown): boolean {
  return error instanceof Error && 'limit' in error && error.limit === true;
}

/** Whether Twitch refuses the token. */
export function isUnauthorised(error: unknown): boolean {
  return kindOf(error) === 'unauthorised';
}

/** Whether Twitch will not have this one thing, whenever it is asked. */
export function isRejected(error: unknown): boolean {
  return kindOf(error) === 'rejected';
}

/** Whether it is refused for whom it is about and who asks, and not for a session or a conduit that is gone. */
export function isForbidden(error: unknown): boolean {
  return isRejected(error) && error instanceof Error && 'status' in error && error.status === 403;
}

function kindOf(error: unknown): unknown {
  return error instanceof Error && 'kind' in error ? error.kind : null;
}
