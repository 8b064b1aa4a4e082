import { eventKinds, type EventKind } from '../domain/stream-event.ts';
import { eventGroups, kindsNamed } from './event-groups.ts';
import { textOf } from './query.ts';
import { isZone, startOfDay } from './zoned-day.ts';

/** What somebody looks for in the history, as they wrote it. */
export interface EventQuery {
  kinds: EventKind[];
  /** A login or an id; `''` for everybody. */
  streamer: string;
  from: string;
  to: string;
  /** The time zone of `from` and `to` where they are days; `''` is UTC. */
  zone: string;
  q: string;
}

/** The same understood. Without `problem` it can be asked of the database. */
export interface UnderstoodQuery {
  query: EventQuery;
  from: Date | null;
  /** Not included itself. */
  to: Date | null;
  /** Where the page before ended. */
  before: EventPlace | null;
  format: 'html' | 'csv' | 'json';
  /** What cannot be understood, in a sentence; `null` when all can. */
  problem: string | null;
  /** The field that it is about, where it is one of the dates. */
  problemAt: 'from' | 'to' | null;
}

/** A place in the history. */
export interface EventPlace {
  at: Date;
  id: number;
}

type Values = Record<string, unknown>;

/** Reads the filters of a history's address. Nothing is thrown: the form is shown again with the problem. */
export function readEventQuery(values: Values): UnderstoodQuery {
  const names = listOf(values['kind']);
  const unknown = names.find((name) => kindsNamed(name) === null);
  const wanted = new Set(names.flatMap((name) => kindsNamed(name) ?? []));
  const query = {
    kinds: eventKinds.filter((kind) => wanted.has(kind)),
    streamer: wordsOf(values['streamer']),
    from: wordsOf(values['from']),
    to: wordsOf(values['to']),
    zone: wordsOf(values['zone']),
    q: wordsOf(values['q']),
  };
  // Without a day it means nothing, and with an odd one the problem is said.
  if (![query.from, query.to].some(isDay)) query.zone = '';
  const isOddZone = query.zone !== '' && !isZone(query.zone);
  const zone = query.zone === '' || isOddZone ? 'UTC' : query.zone;
  const from = timeOf(query.from, zone, 0);
  const to = timeOf(query.to, zone, dayMs);
  const format = textOf(values['format']) ?? 'html';
  return {
    query,
    from: from ?? null,
    to: to ?? null,
    before: placeOf(textOf(values['before'])),
    format: format === 'csv' || format === 'json' ? format : 'html',
    ...problemOf(),
  };

  function problemOf(): Pick<UnderstoodQuery, 'problem' | 'problemAt'> {
    if (unknown !== undefined) return said(`There is no kind of event called “${unknown.slice(0, 60)}”.`);
    if (from === undefined) return said(noDate(query.from), 'from');
    if (to === undefined) return said(noDate(query.to), 'to');
    if (isOddZone) return said(`“${query.zone}” is not a time zone. Write it like Europe/Berlin.`);
    if (from !== null && to !== null && from >= to) return said('The first day is after the last.', 'from');
    return said(
      format === 'html' || format === 'csv' || format === 'json' ? null : 'The format must be csv or json.',
    );
  }
}

function said(problem: string | null, problemAt: UnderstoodQuery['problemAt'] = null) {
  return { problem, problemAt };
}

function noDate(words: string): string {
  return `“${words}” is not a date. Write it like 2026-11-23.`;
}

/** The query as the part of an address after `?`; `more` adds to it or, by `null`, takes away. */
export function eventQueryString(query: EventQuery, more: Record<string, string | null> = {}): string {
  const all = { kind: kindNames(query.kinds), ...query, ...more };
  const pairs = Object.entries({ ...all, kinds: null }).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [[key, value]] : [],
  );
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? '' : `?${text.replaceAll('%2C', ',')}`;
}

/** A filter that is on, with the query without it. */
export interface Chip {
  label: string;
  without: EventQuery;
}

/** What is filtered by, to be taken away one by one. */
export function chipsOf(query: EventQuery, streamerName: string | null): Chip[] {
  const chips: Chip[] = [];
  const rest = new Set(query.kinds);
  for (const group of eventGroups) {
    if (!group.kinds.every((kind) => rest.has(kind))) continue;
    for (const kind of group.kinds) rest.delete(kind);
    const kinds = query.kinds.filter((kind) => !group.kinds.includes(kind));
    chips.push({ label: group.name, without: { ...query, kinds } });
  }
  for (const kind of rest) {
    const kinds = query.kinds.filter((each) => each !== kind);
    chips.push({ label: kind.replaceAll('-', ' '), without: { ...query, kinds } });
  }
  if (query.streamer !== '')
    chips.push({ label: streamerName ?? query.streamer, without: { ...query, streamer: '' } });
  for (const [key, word] of [
    ['from', 'From'],
    ['to', 'To'],
  ] as const) {
    if (query[key] === '') continue;
    const zone = isDay(query[key]) ? ` ${zoneName(query)}` : '';
    chips.push({ label: `${word} ${query[key]}${zone}`, without: { ...query, [key]: '' } });
  }
  if (query.q !== '') chips.push({ label: `“${query.q}”`, without: { ...query, q: '' } });
  return chips;
}

/** In which zone the days of a query are, in words. */
export function zoneName({ zone }: EventQuery): string {
  return zone === '' ? 'UTC' : zone.replaceAll('_', ' ');
}

/** `at` in milliseconds and the id, as `placeOf` reads them again. */
export function placeName({ at, id }: EventPlace): string {
  return `${at.getTime()}-${id}`;
}

const dayMs = 86_400_000;

function kindNames(kinds: EventKind[]): string {
  return kinds.join(',');
}

function listOf(value: unknown): string[] {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  const names = given.flatMap((each) => (typeof each === 'string' ? each.split(',') : []));
  return names.map((each) => each.trim().toLowerCase()).filter((each) => each !== '');
}

function wordsOf(value: unknown): string {
  return (textOf(value) ?? '').trim().slice(0, 100);
}

function isDay(words: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(words);
}

/** `null` for none, `undefined` for nonsense. A date alone is a day of the zone, with `addMs` of one later. */
function timeOf(words: string, zone: string, addMs: number): Date | null | undefined {
  if (words === '') return null;
  if (isDay(words)) {
    const time = Date.parse(words);
    // `2026-02-31` is read as the third of March.
    if (Number.isNaN(time) || dayOf(time) !== words) return undefined;
    return startOfDay(dayOf(time + addMs), zone);
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/.test(words))
    return undefined;
  const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(words);
  const time = Date.parse(hasZone ? words : `${words}Z`);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function placeOf(words: string | null): EventPlace | null {
  const [, at, id] = /^(\d{1,14})-(\d{1,15})$/.exec(words ?? '') ?? [];
  return at === undefined || id === undefined ? null : { at: new Date(Number(at)), id: Number(id) };
}
