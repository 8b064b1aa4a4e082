import { once } from 'node:events';
import type { Response } from 'express';
import type { Logger } from 'pino';
import type { ShownEvent } from '../domain/stream-event.ts';
import type { EventStore, HistoryFilter } from './event-store.ts';
import { plainText } from './event-words.ts';

/** How many entries a file holds at the most: the newest. */
const mostExported = 10_000;

const perRead = 500;

/**
 * Sends what is filtered as a file, piece by piece as it is read. What fails before the first piece rejects;
 * later the connection is cut, so that nobody takes a part for the whole.
 */
export async function exportEvents(
  parts: { events: Pick<EventStore, 'history'>; logger: Logger },
  response: Response,
  format: 'csv' | 'json',
  name: string,
  filter: HistoryFilter,
): Promise<void> {
  const { begin, item, between, end, type } = formats[format];
  let page = await parts.events.history(filter, perRead);
  let left = mostExported;
  response
    .attachment(`${name}-events.${format}`)
    .set({ 'Content-Type': type, 'Cache-Control': 'private, no-store' });
  response.write(begin);
  try {
    for (;;) {
      const items = page.events.slice(0, left).map(item);
      const isFirst = left === mostExported;
      left -= items.length;
      if (items.length > 0) await write(response, (isFirst ? '' : between) + items.join(between));
      if (page.next === null || left === 0 || response.destroyed) break;
      page = await parts.events.history({ ...filter, before: page.next }, Math.min(perRead, left));
    }
    response.end(end);
  } catch (error) {
    parts.logger.warn({ err: error }, 'An export broke off');
    response.destroy();
  }
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

async function write(response: Response, piece: string): Promise<void> {
  if (response.write(piece) || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
