import type { EventKind } from '../domain/stream-event.ts';
import type { Unread } from './event-store.ts';
import { count } from './format.ts';

/** What a page says of the entries that the user has not read. */
export interface SinceAway {
  /** "3 went live · 2 raids · 41 gifted subs". */
  summary: string;
  /** Marking as read reaches to this id; what came since stays unread. */
  upTo: number;
}

/** `null` when everything is read, which `null` says too. */
export function sinceAway(unread: Unread | null): SinceAway | null {
  if (unread === null || unread.total === 0) return null;
  const told = new Set<EventKind>();
  const parts = tellings.flatMap(({ kinds, one, many, adds }) => {
    for (const kind of kinds) told.add(kind);
    const rows = unread.byKind.filter(({ kind }) => kinds.includes(kind));
    const sum = rows.reduce((total, row) => total + ((adds ? row.amount : null) ?? row.count), 0);
    return sum === 0 ? [] : [`${count(sum)} ${sum === 1 ? one : many}`];
  });
  const rest = unread.byKind.reduce((total, row) => total + (told.has(row.kind) ? 0 : row.count), 0);
  if (rest > 0)
    parts.push(`${count(rest)} ${parts.length > 0 ? 'other ' : ''}${rest === 1 ? 'event' : 'events'}`);
  if (parts.length === 0) parts.push('something new');
  return { summary: `${unread.isMore ? 'At least ' : ''}${parts.join(' · ')}`, upTo: unread.end };
}

interface Telling {
  kinds: EventKind[];
  one: string;
  many: string;
  /** Adds up what the entries are about, not the entries. */
  adds: boolean;
}

/** In the order in which people care. */
const tellings: Telling[] = [
  { kinds: ['live'], one: 'went live', many: 'went live', adds: false },
  // Apart: one raid between two favourites is told of both.
  { kinds: ['raid'], one: 'raid', many: 'raids', adds: false },
  { kinds: ['raid-out'], one: 'outgoing raid', many: 'outgoing raids', adds: false },
  { kinds: ['gift', 'gift-bomb'], one: 'gifted sub', many: 'gifted subs', adds: true },
  { kinds: ['sub', 'resub', 'upgrade'], one: 'sub', many: 'subs', adds: false },
  { kinds: ['follow'], one: 'follow', many: 'follows', adds: false },
  { kinds: ['cheer'], one: 'bit', many: 'bits', adds: true },
  { kinds: ['update'], one: 'new title or category', many: 'new titles or categories', adds: false },
  { kinds: ['offline'], one: 'went offline', many: 'went offline', adds: false },
  { kinds: ['announcement'], one: 'announcement', many: 'announcements', adds: false },
];
