import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  isStale,
  messageIdPattern,
  readNotification,
  readRevocation,
  readSentAt,
  type Revocation,
} from './envelope.ts';
import type { EventSubMessage } from './message.ts';

/** What a request to the webhook is. `ignored`: rightly signed, and of no use to us; answer with 2xx. */
export type Webhook =
  | { kind: 'notification'; message: EventSubMessage }
  | { kind: 'challenge'; challenge: string }
  | ({ kind: 'revocation' } & Revocation)
  | { kind: 'ignored'; type: string }
  | { kind: 'refused'; status: 400 | 403 | 413; reason: 'size' | 'headers' | 'stale' | 'signature' | 'body' };

/** Header names in lower case, as Node gives them; `body` as it came over the wire. */
export interface WebhookRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** In bytes; Twitch's own messages are a few thousand. */
const largestBody = 1_000_000;

/**
 * Checks and reads one request; never throws. Any of the `secrets` may have signed it. Whether a message id was
 * seen before is for the database to say.
 * Twitch signs id, time and body without anything between them, so a character that moves from one to the next
 * keeps the signature: only the formats, checked whole, make each signed text mean one thing.
 */
export function readWebhook(
  request: WebhookRequest,
  trust: { secrets: readonly string[]; now: Date },
): Webhook {
  const { headers, body } = request;
  if (body.length > largestBody) return { kind: 'refused', status: 413, reason: 'size' };
  const messageId = header(headers, 'message-id', messageIdPattern);
  const timestamp = header(headers, 'message-timestamp', /^.{20,30}$/);
  const signature = header(headers, 'message-signature', /^sha256=[0-9a-f]{64}$/i);
  const type = header(headers, 'message-type', /^[a-z_]{1,64}$/);
  const sentAt = timestamp === null ? null : readSentAt(timestamp);
  if (messageId === null || timestamp === null || sentAt === null || signature === null || type === null)
    return { kind: 'refused', status: 403, reason: 'headers' };
  if (isStale(sentAt, trust.now)) return { kind: 'refused', status: 403, reason: 'stale' };
  const given = Buffer.from(signature.slice('sha256='.length), 'hex');
  const isSignedWith = (secret: string) => {
    const hmac = createHmac('sha256', secret).update(messageId).update(timestamp).update(body);
    return timingSafeEqual(hmac.digest(), given);
  };
  if (!trust.secrets.some(isSignedWith)) return { kind: 'refused', status: 403, reason: 'signature' };
  return readSigned(type, body, messageId, sentAt);
}

function readSigned(type: string, body: Buffer, messageId: string, sentAt: Date): Webhook {
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { kind: 'refused', status: 400, reason: 'body' };
  if (type === 'notification') {
    const message = readNotification(parsed, messageId, sentAt);
    return message ? { kind: 'notification', message } : { kind: 'ignored', type };
  }
  if (type === 'webhook_callback_verification') {
    const challenge = 'challenge' in parsed ? parsed.challenge : null;
    if (typeof challenge === 'string' && /^[\x20-\x7e]{1,1000}$/.test(challenge))
      return { kind: 'challenge', challenge };
    return { kind: 'refused', status: 400, reason: 'body' };
  }
  const revocation = type === 'revocation' ? readRevocation(parsed) : null;
  return revocation ? { kind: 'revocation', ...revocation } : { kind: 'ignored', type };
}

// Node joins a doubled header with a comma, which no pattern here allows.
function header(headers: WebhookRequest['headers'], name: string, pattern: RegExp): string | null {
  const value = headers[`twitch-eventsub-${name}`];
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
