import { z } from 'zod';
import {
  messageIdPattern,
  readNotification,
  readRevocation,
  readSentAt,
  type Revocation,
} from './envelope.ts';
import type { EventSubMessage } from './message.ts';

/** What one text frame of a socket says. `other`: a type of message that we do not know. */
export type Frame = { messageId: string; sentAt: Date } & (
  | { kind: 'welcome'; sessionId: string; keepaliveS: number | null }
  | { kind: 'keepalive' }
  | { kind: 'reconnect'; url: string }
  | { kind: 'notification'; message: EventSubMessage }
  | { kind: 'revocation'; revocation: Revocation }
  | { kind: 'other' }
);

const envelope = z.object({
  metadata: z.object({
    message_id: z.string().regex(messageIdPattern),
    message_type: z.string().max(64),
    message_timestamp: z.string(),
  }),
  payload: z.unknown().optional(),
});
const welcome = z.object({
  session: z.object({
    id: z.string().regex(/^[\x21-\x7e]{1,255}$/),
    keepalive_timeout_seconds: z.number().positive().max(3600).nullish().catch(null),
  }),
});
const reconnect = z.object({ session: z.object({ reconnect_url: z.string().min(1).max(4096) }) });

/** Reads a frame; `null` for what is none. Never throws. Source: Twitch's guide to EventSub over WebSockets. */
export function readFrame(text: string): Frame | null {
  const read = envelope.safeParse(parse(text));
  const sentAt = read.success ? readSentAt(read.data.metadata.message_timestamp) : null;
  if (!read.success || !sentAt) return null;
  const { metadata, payload } = read.data;
  const head = { messageId: metadata.message_id, sentAt };
  switch (metadata.message_type) {
    case 'session_welcome': {
      const { data } = welcome.safeParse(payload);
      if (!data) return null;
      const keepaliveS = data.session.keepalive_timeout_seconds ?? null;
      return { ...head, kind: 'welcome', sessionId: data.session.id, keepaliveS };
    }
    case 'session_keepalive':
      return { ...head, kind: 'keepalive' };
    case 'session_reconnect': {
      const { data } = reconnect.safeParse(payload);
      return data ? { ...head, kind: 'reconnect', url: data.session.reconnect_url } : null;
    }
    case 'notification': {
      const message = readNotification(payload, head.messageId, sentAt);
      return message && { ...head, kind: 'notification', message };
    }
    case 'revocation': {
      const revocation = readRevocation(payload);
      return revocation && { ...head, kind: 'revocation', revocation };
    }
    default:
      return { ...head, kind: 'other' };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
