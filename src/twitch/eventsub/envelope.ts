import { z } from 'zod';
import type { EventSubMessage } from './message.ts';

/** What a message id may be: short enough to be stored whole, and without what separates header values. */
export const messageIdPattern = /^[A-Za-z0-9_=+/.-]{1,255}$/;

/** Twitch's times: complete, in UTC, to the nanosecond at most. */
const sentAtPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** A message that is older counts as a replay. In both directions, since clocks differ in both. */
const oldestMs = 600_000;

/** That a subscription has ended; `status` says why. */
export interface Revocation {
  subscriptionId: string;
  type: string;
  status: string;
}

const texts = z
  .record(z.string(), z.unknown())
  .transform((wire) =>
    Object.fromEntries(
      Object.entries(wire).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  )
  .catch({});

const id = z.string().min(1).max(255);
const type = z.string().min(1).max(128);

const notification = z.object({
  subscription: z.object({
    id: id.nullish().catch(null),
    type,
    version: z.string().max(32).catch('1'),
    condition: texts,
  }),
  event: z.unknown().optional(),
});

const revocation = z.object({ subscription: z.object({ id, type, status: z.string().min(1).max(128) }) });

/** Twitch's time as a moment; `null` when it is none. */
export function readSentAt(text: string): Date | null {
  const moment = sentAtPattern.test(text) ? new Date(text) : null;
  return moment && Number.isFinite(moment.getTime()) ? moment : null;
}

/** Whether a message is too old, or too far ahead, to be a first delivery. */
export function isStale(sentAt: Date, now: Date): boolean {
  return Math.abs(now.getTime() - sentAt.getTime()) > oldestMs;
}

/** The body of a notification; `null` when it is none. */
export function readNotification(body: unknown, messageId: string, sentAt: Date): EventSubMessage | null {
  const read = notification.safeParse(body);
  if (!read.success || read.data.event === undefined) return null;
  const { subscription, event } = read.data;
  const { version, condition } = subscription;
  return {
    messageId,
    sentAt,
    type: subscription.type,
    version,
    condition,
    subscriptionId: subscription.id ?? null,
    event,
  };
}

/** The body of a revocation; `null` when it is none. */
export function readRevocation(body: unknown): Revocation | null {
  const read = revocation.safeParse(body);
  // A captured notification sent again under another name must end nothing.
  if (!read.success || read.data.subscription.status === 'enabled') return null;
  const { id: subscriptionId, type: subscribed, status } = read.data.subscription;
  return { subscriptionId, type: subscribed, status };
}
