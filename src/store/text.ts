import { createHash } from 'node:crypto';

/** Words as the database takes them: no NUL, no half characters, at most `limit` code points. */
export function toText(text: string, limit: number): string {
  const clean = text.replace(/[\0\p{Surrogate}]/gu, '');
  if (clean.length <= limit) return clean;
  let end = 0;
  let count = 0;
  for (const character of clean) {
    if (count === limit) break;
    end += character.length;
    count += 1;
  }
  return clean.slice(0, end);
}

/** An address, or `null` when it is absent or too long: half an address leads nowhere. */
export function toAddress(address: string | null, limit = 1024): string | null {
  return address === null || address === '' || address.length > limit ? null : toText(address, limit);
}

/** True for what may stand in a key: printable ASCII. Anything else cannot be in the database. */
export function isKey(value: string): boolean {
  return /^[\x21-\x7e]{1,64}$/.test(value);
}

/** A login as it is stored and looked up. */
export function toLogin(login: string): string {
  return login
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '')
    .slice(0, 64);
}

/** A key of at most `limit` characters; what cannot stand in one is represented by its hash. */
export function toKey(value: string, limit: number): string {
  if (value.length <= limit && /^[\x20-\x7e]+$/.test(value)) return value;
  return `sha256:${createHash('sha256').update(value).digest('hex')}`;
}
