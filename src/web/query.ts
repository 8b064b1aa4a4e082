/** The text of a query or form field; `null` when it is absent, doubled or not text. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A page number from a query, 1 when it is none. */
export function pageNumberOf(value: unknown): number {
  return typeof value === 'string' && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : 1;
}

/**
 * A path of this app to return to, or the fallback. Other origins hide behind many spellings: two
 * slashes, backslashes, control characters that browsers drop, and in the path any of these percent-encoded. What
 * is encoded behind the path is somebody's words.
 */
export function localPathOf(value: unknown, below: string, fallback: string): string {
  if (typeof value !== 'string' || value.length > 1_000) return fallback;
  const path = decoded(value.split(/[?#]/, 1)[0] ?? '');
  const spellings = [value, path, decoded(path)];
  const isLocal = spellings.every(
    (spelling) =>
      spelling !== null &&
      /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(spelling) &&
      URL.canParse(spelling, 'http://local.invalid') &&
      new URL(spelling, 'http://local.invalid').host === 'local.invalid',
  );
  if (!isLocal) return fallback;
  const { pathname } = new URL(value, 'http://local.invalid');
  return pathname === below || pathname.startsWith(`${below}/`) ? value : fallback;
}

function decoded(value: string | null): string | null {
  try {
    return value === null ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}
