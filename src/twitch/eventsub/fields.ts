import { z } from 'zod';
import { idPattern, loginPattern } from '../wire.ts';
import type { EventPerson, EventTier } from './event.ts';

/**
 * The fields of one of Twitch's objects. What names a thing is needed and throws if it is not there; all else
 * has a harmless stand-in, for an event is not lost for a number in a message.
 */
export interface Fields {
  /** Of an account or a broadcast: digits. Needed. */
  id(name: string): string;
  idOrNull(name: string): string | null;
  /** Of anything else: 1 to 128 letters, digits and signs. Needed. */
  key(name: string): string;
  keyOrNull(name: string): string | null;
  /** Without control characters and lone surrogates, at most so many UTF-16 units. */
  text(name: string, longest: number): string;
  count(name: string): number;
  countOrNull(name: string): number | null;
  /** A count that is needed. */
  neededCount(name: string): number;
  flag(name: string): boolean;
  instant(name: string): Date | null;
  /** As `instant`, in ISO 8601. */
  time(name: string): string | null;
  /** Of `1000`, `2000` and `3000`; `is_prime` beside it wins. What is neither counts as the first. */
  tier(name: string): EventTier;
  /** Of `<prefix>_id`, `_login` and `_name`; `null` when none of them is there. */
  person(prefix: string): EventPerson | null;
  /** With an id. Needed. */
  somebody(prefix: string): EventPerson;
  has(name: string): boolean;
  /** An object within; one without fields if it is not there. */
  part(name: string): Fields;
  /** The objects of a list, at most `most`. */
  parts(name: string, most: number): Fields[];
}

const record = z.record(z.string(), z.unknown());
const digits = z
  .union([z.string(), z.number().int().nonnegative().transform(String)])
  .pipe(z.string().regex(idPattern));
const key = z.string().regex(/^[\w=+/.:-]{1,128}$/);
const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().nonnegative());
const login = z.string().toLowerCase().regex(loginPattern);
const instant = z.iso.datetime({ offset: true }).pipe(z.coerce.date());
const tiers: Record<string, EventTier> = { '1000': '1', '2000': '2', '3000': '3', prime: 'prime' };

/** Throws when the value is no object. */
export function readFields(value: unknown): Fields {
  return fieldsOf(record.parse(value));
}

function fieldsOf(wire: Record<string, unknown>): Fields {
  const idOrNull = (name: string) => digits.safeParse(wire[name]).data ?? null;
  const keyOrNull = (name: string) => key.safeParse(wire[name]).data ?? null;
  const countOrNull = (name: string) => count.safeParse(wire[name]).data ?? null;
  const time = (name: string) => instant.safeParse(wire[name]).data ?? null;
  const text = (name: string, longest: number) => cleanText(wire[name], longest);

  return {
    id: (name) => digits.parse(wire[name]),
    idOrNull,
    key: (name) => key.parse(wire[name]),
    keyOrNull,
    text,
    count: (name) => countOrNull(name) ?? 0,
    countOrNull,
    neededCount: (name) => count.parse(wire[name]),
    flag: (name) => wire[name] === true || wire[name] === 'true',
    instant: time,
    time: (name) => time(name)?.toISOString() ?? null,
    tier(name) {
      if (wire['is_prime'] === true) return 'prime';
      return tiers[text(name, 8).toLowerCase()] ?? '1';
    },
    person,
    somebody: (prefix) => nameless(person(prefix), digits.parse(wire[`${prefix}_id`])),
    has: (name) => record.safeParse(wire[name]).success,
    part: (name) => fieldsOf(record.safeParse(wire[name]).data ?? {}),
    parts: (name, most) =>
      z
        .array(record.catch({}))
        .catch([])
        .parse(Array.isArray(wire[name]) ? wire[name].slice(0, most) : [])
        .map(fieldsOf),
  };

  function person(prefix: string): EventPerson | null {
    const id = idOrNull(`${prefix}_id`);
    const known = login.safeParse(wire[`${prefix}_login`]).data ?? null;
    const name = text(`${prefix}_name`, 128).trim() || known || id;
    return name === null ? null : { id, login: known, name };
  }
}

function nameless(person: EventPerson | null, id: string): EventPerson {
  return person ?? { id, login: null, name: id };
}

function cleanText(value: unknown, longest: number): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return '';
  // A cut must not leave half of a pair, and UTF-8 knows no lone halves.
  const cut = text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
  return Buffer.from(cut)
    .toString()
    .replace(/\p{Cc}/gu, ' ');
}
