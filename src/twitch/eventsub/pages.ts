import type { TwitchLog } from '../log.ts';
import type { Authority, Requests } from '../requests.ts';
import type { ListPage } from './wire.ts';

/** Which list, and how to read a page of it. */
export interface ListRequest<T extends { id: string }> {
  path: string;
  query: Record<string, string>;
  read: (body: unknown) => ListPage<T>;
  auth: Authority;
}

/** Where EventSub's parts send to. `onSkipped` hears of items that could not be read. */
export interface ListSettings {
  requests: Requests;
  log: TwitchLog;
  onSkipped: (count: number) => void;
}

// 10,000 of cost 1 are the usual budget, at 100 a page; those of cost 0 come on top.
const mostPages = 500;

/** All pages as one, each item once: pages move while they are read. */
export async function readAll<T extends { id: string }>(
  request: ListRequest<T>,
  { requests, log, onSkipped }: ListSettings,
): Promise<Omit<ListPage<T>, 'cursor' | 'skipped'>> {
  const { path, read, auth } = request;
  const items = new Map<string, T>();
  const cursors = new Set<string>();
  let page: ListPage<T>;
  let skipped = 0;
  let after: string | null = null;
  do {
    const query = new URLSearchParams(after === null ? request.query : { ...request.query, after });
    page = await requests.send({ method: 'GET', path, query, read }, 'safe', auth);
    for (const item of page.items) items.set(item.id, item);
    skipped += page.skipped.length;
    after = page.cursor;
    if (after !== null && (cursors.has(after) || cursors.size >= mostPages - 1)) {
      log({ event: 'list-cut', path, pages: cursors.size + 1 });
      after = null;
    }
    if (after !== null) cursors.add(after);
  } while (after !== null);
  if (skipped > 0) {
    onSkipped(skipped);
    log({ event: 'items-skipped', path, count: skipped });
  }
  return { items: [...items.values()], totalCost: page.totalCost, maxTotalCost: page.maxTotalCost };
}
