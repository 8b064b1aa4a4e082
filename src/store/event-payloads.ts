import { toText } from './text.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * A payload as JSON that the database takes whatever Twitch sent: texts of at most 500 characters, lists of
 * ten, four levels. That stays below the 64 kB of a TEXT column even when every character is escaped.
 */
export function cleanPayload(value: unknown, depth = 0): Json {
  if (typeof value === 'string') return toText(value, 500);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null || depth === 4) return null;
  if (Array.isArray(value)) return value.slice(0, 10).map((item) => cleanPayload(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleanPayload(item, depth + 1)]));
}

/** What a search looks at, in lower case: the words that an entry shows, names included, no ids or marks. */
export function searchTextOf(payload: unknown): string {
  return toText([...new Set(wordsOf(payload, ''))].join(' ').toLowerCase(), 1000);
}

const wordless = new Set([
  'id',
  'broadcastId',
  'startedAt',
  'endsAt',
  'course',
  'tier',
  'color',
  'language',
  'how',
  'what',
  'type',
  'direction',
  'noticeType',
]);

function wordsOf(value: unknown, key: string): string[] {
  if (typeof value === 'string') return value === '' || wordless.has(key) ? [] : [value];
  if (Array.isArray(value)) return value.flatMap((item) => wordsOf(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => wordsOf(item, name));
}
