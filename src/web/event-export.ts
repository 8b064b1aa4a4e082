import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { AppError } from '../domain/errors.ts';
import type { ShownEvent } from '../domain/stream-event.ts';
import { userOf } from './current-user.ts';
import type { EventPlace } from './event-query.ts';
import type { EventStore, HistoryFilter } from './event-store.ts';
import { plainText } from './event-words.ts';
import { leavePlace } from './middleware/overload.ts';

/** How many entries a file holds at the most: the newest. */
export const mostExported = 10_000;

const perRead = 200;

/** How many files one user may be sent at once. */
const mostAtOnce = 2;

/** Files under way, by the user's id. */
const underWay = new Map<string, number>();

type EventPage = Awaited<ReturnType<EventStore['history']>>;
type Formatted = (typeof formats)[keyof typeof formats];

/**
 * Sends what is filtered as a file, piece by piece as it is read, and no faster than it is taken. What fails before
 * the first piece rejects; later the connection is cut, so that nobody takes a part for the whole.
 * @throws AppError `too-many` while others of the same user are under way
 */
export async function exportEvents(
  parts: { events: Pick<EventStore, 'history'>; logger: Logger },
  response: Response,
  format: 'csv' | 'json',
  name: string,
  filter: HistoryFilter,
): Promise<void> {
  const userId = userOf(response).id;
  const before = underWay.get(userId) ?? 0;
  if (before >= mostAtOnce) {
    const message = 'Two of your files are on their way. Please wait until one of them has arrived.';
    throw new AppError('too-many', message, { retryAfterS: 10 });
  }
  underWay.set(userId, before + 1);
  try {
    await sendFile(parts, response, format, name, filter);
  } finally {
    const left = (underWay.get(userId) ?? 1) - 1;
    if (left === 0) underWay.delete(userId);
    else underWay.set(userId, left);
  }
}

async function sendFile(
  ...[parts, response, format, name, filter]: Parameters<typeof exportEvents>
): Promise<void> {
  const first = await parts.events.history(filter, perRead);
  response
    .attachment(`${name}-events.${format}`)
    .set({ 'Content-Type': formats[format].type, 'Cache-Control': 'private, no-store' });
  // Who takes it slowly may take long.
  leavePlace(response);
  const readOn = async (before: EventPlace, limit: number) =>
    await parts.events.history({ ...filter, before }, limit);
  try {
    await pipeline(piecesOf(first, formats[format], readOn), response);
  } catch (error) {
    parts.logger.warn({ err: error }, 'An export broke off');
  }
}

async function* piecesOf(
  first: EventPage,
  { begin, item, between, end }: Formatted,
  readOn: (before: EventPlace, limit: number) => Promise<EventPage>,
): AsyncGenerator<string> {
  yield begin;
  let page = first;
  let left = mostExported;
  for (;;) {
    const items = page.events.slice(0, left).map(item);
    if (items.length > 0) yield (left === mostExported ? '' : between) + items.join(between);
    left -= items.length;
    if (page.next === null || left === 0) break;
    page = await readOn(page.next, Math.min(perRead, left));
  }
  yield end;
}

const columns = ['id', 'at', 'received_at', 'kind', 'type', 'streamer_id', 'streamer_login', 'streamer_name'];
const lastColumns = ['text', 'source', 'late'];

const formats = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: `${[...columns, ...lastColumns].join(',')}\r\n`,
    between: '',
    item: toLine,
    end: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    begin: '[',
    between: ',\n',
    item: (event: ShownEvent) => JSON.stringify(toRecord(event)),
    end: ']\n',
  },
};

function toRecord(event: ShownEvent) {
  const { id, kind, type, streamer, at, receivedAt, source, isLate, payload } = event;
  return {
    id,
    kind,
    type,
    streamer: { id: streamer.id, login: streamer.login, name: streamer.displayName },
    at,
    receivedAt,
    source,
    late: isLate,
    text: plainText(event),
    payload,
  };
}

/** A line of RFC 4180. */
function toLine(event: ShownEvent): string {
  const { streamer } = event;
  const cells = [
    String(event.id),
    event.at.toISOString(),
    event.receivedAt.toISOString(),
    event.kind,
    event.type,
    streamer.id,
    streamer.login,
    streamer.displayName,
    plainText(event),
    event.source,
    String(event.isLate),
  ];
  return `${cells.map(toCell).join(',')}\r\n`;
}

/** Spreadsheets take what begins like this for a formula. */
const formula = /^[=+\-@\t\r]/;

function toCell(value: string): string {
  const harmless = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
