import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { EventSubMessage, Revocation } from '../../domain/event-sub.ts';
import type { EventOutcome } from '../../domain/stream-event.ts';
import { toAppError } from '../errors.ts';

/** What the webhook wants of the rest: a reader that trusts nobody, and somebody to hear what it read. */
export interface WebhookParts {
  webhook: {
    read(request: { headers: IncomingHttpHeaders; body: Buffer }): WebhookReading;
    /** Resolves when the database holds it, or when it is none of our business. */
    hear(message: EventSubMessage): Promise<EventOutcome | 'ignored'>;
    /** Twitch has ended a subscription. */
    revoked(revocation: Revocation): void;
  };
  logger: Pick<Logger, 'info' | 'warn'>;
  isDraining: () => boolean;
}

export type WebhookReading =
  | { kind: 'notification'; message: EventSubMessage }
  | { kind: 'challenge'; challenge: string }
  | { kind: 'revocation'; subscriptionId: string; type: string; status: string }
  | { kind: 'ignored' }
  | { kind: 'refused'; status: number; reason: string };

/** Nothing that Twitch sends comes near this many bytes. */
const mostBytes = 1024 * 1024;

/** So much of what is too long is read and thrown away, so that its sender reads our answer; then it is cut. */
const mostPatience = 16 * mostBytes;

/**
 * Where Twitch calls. It stands before sessions, logs and pages, and before Express, which would take as long as
 * all of this: a flood of forgeries costs a signature each. A notification is acknowledged when it is stored and
 * not before; otherwise Twitch sends it again.
 */
export function receiveWebhook(parts: WebhookParts): RequestListener {
  const { webhook, logger, isDraining } = parts;
  const noteRefusal = createRefusalLog(logger);
  return (request, response) => {
    receive(request, response).catch((error: unknown) => {
      logger.warn({ err: error }, 'A webhook could not be answered');
      request.destroy();
    });
  };

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isDraining()) response.setHeader('Connection', 'close');
    const body = await bodyOf(request, response);
    if (body === null) return;
    const reading = webhook.read({ headers: request.headers, body });
    switch (reading.kind) {
      case 'notification':
        return await acknowledge(webhook.hear(reading.message), response, logger);
      case 'challenge':
        response.writeHead(200, {
          'Content-Type': 'text/plain',
          'Content-Length': Buffer.byteLength(reading.challenge),
          'Cache-Control': 'no-store',
        });
        response.end(reading.challenge);
        return;
      case 'revocation':
        logger.info(
          { subscriptionId: reading.subscriptionId, type: reading.type, status: reading.status },
          'Twitch has revoked a subscription',
        );
        webhook.revoked(reading);
        response.writeHead(204).end();
        return;
      case 'ignored':
        response.writeHead(204).end();
        return;
      case 'refused':
        noteRefusal(reading.reason);
        response.writeHead(reading.status).end();
    }
  }
}

async function acknowledge(
  hearing: Promise<EventOutcome | 'ignored'>,
  response: ServerResponse,
  logger: WebhookParts['logger'],
): Promise<void> {
  try {
    // What the database will never take is not acknowledged as if it were kept.
    response.writeHead((await hearing) === 'refused' ? 400 : 204).end();
  } catch (error) {
    const problem = toAppError(error);
    if (problem === null) logger.warn({ err: error }, 'A webhook could not be stored');
    response.writeHead(503, { 'Retry-After': String(problem?.retryAfterS ?? 5) }).end();
  }
}

/** The raw bytes that were signed; `null` when the request has been answered, or its sender has left. */
async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<Buffer | null> {
  const body = await new Promise<Buffer | 'too-long' | 'cut'>((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= mostBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (length > mostPatience) request.destroy();
    });
    request.once('end', () => resolve(length > mostBytes ? 'too-long' : Buffer.concat(chunks, length)));
    request.once('close', () => resolve('cut'));
    request.once('error', () => resolve('cut'));
  });
  if (Buffer.isBuffer(body)) return body;
  if (body === 'too-long') response.writeHead(413, { Connection: 'close' }).end();
  return null;
}

/** One line a minute, whatever the flood. */
function createRefusalLog(logger: Pick<Logger, 'warn'>): (reason: string) => void {
  let refused = 0;
  let saidAt = -Infinity;
  return (reason) => {
    refused += 1;
    if (performance.now() - saidAt < 60_000) return;
    logger.warn({ refused, reason }, 'Webhooks were refused');
    saidAt = performance.now();
    refused = 0;
  };
}
