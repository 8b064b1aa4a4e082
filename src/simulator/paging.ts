import { single } from './parameters.ts';

/** One page of a list; `cursor` is `null` after a page that was not full. */
export interface Slice<Item> {
  items: Item[];
  cursor: string | null;
}

/**
 * Reads `first` (1 to 100, default 20), `after` and `before`. As at Twitch a full page always has a cursor, even when
 * nothing comes after it. Answers a sentence when the parameters make no sense.
 */
export function pageOf<Item>(list: readonly Item[], parameters: URLSearchParams): Slice<Item> | string {
  const first = single(parameters, 'first') ?? '20';
  const size = /^\d{1,3}$/.test(first) ? Number(first) : 0;
  if (size < 1 || size > 100)
    return 'The parameter "first" was malformed: the value must be between 1 and 100';
  const after = single(parameters, 'after');
  const before = single(parameters, 'before');
  if (after !== null && before !== null) return 'The parameters "after" and "before" exclude each other';
  const cursor = after ?? before;
  const position = cursor === null ? 0 : positionOf(cursor);
  if (position === null) return 'Invalid cursor';
  const start = before === null ? position : Math.max(0, position - 2 * size);
  const end = before === null ? start + size : Math.max(0, position - size);
  const items = list.slice(start, end);
  return { items, cursor: items.length === size ? cursorOf(end) : null };
}

/** A cursor names the place after the page that it came with. */
function cursorOf(position: number): string {
  return Buffer.from(JSON.stringify({ p: position })).toString('base64url');
}

function positionOf(cursor: string): number | null {
  const position = /^\{"p":(\d{1,6})\}$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  return position === undefined ? null : Number(position);
}
