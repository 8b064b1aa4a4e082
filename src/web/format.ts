/** "just now", "3 minutes ago", "2 days ago". */
export function ago(date: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - date.getTime()) / 1_000);
  if (seconds < 10) return 'just now';
  const [unit, length] = agoUnits.find(([, each]) => seconds >= each) ?? ['second', 1];
  const times = Math.floor(seconds / length);
  return `${times} ${unit}${times === 1 ? '' : 's'} ago`;
}

const agoUnits = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long something goes on: "just now", "12 min", "2 h 14 min", "3 d 1 h". */
export function duration(from: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - from.getTime()) / 60_000));
  if (minutes === 0) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A length in seconds: "45 s", "12 min", "2 h 14 min". */
export function lasting(length: number): string {
  return length < 60 ? `${Math.round(length)} s` : duration(new Date(0), new Date(length * 1_000));
}

/** "Monday, 23 November 2026", a day of UTC. */
export function dayName(date: Date): string {
  return days.format(date);
}

/** "23 Nov 2026", a day of UTC. */
export function shortDay(date: Date): string {
  return shortDays.format(date);
}

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });
const shortDays = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** "1,234" */
export function count(value: number): string {
  return whole.format(value);
}

/** "1.2K" */
export function compact(value: number): string {
  return short.format(value);
}

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** "Firefox on Linux", as far as a user agent tells. */
export function device(userAgent: string): string {
  const browser = browsers.find(([, mark]) => mark.test(userAgent))?.[0];
  const system = systems.find(([, mark]) => mark.test(userAgent))?.[0];
  if (browser === undefined && system === undefined) return 'Unknown browser';
  return [browser ?? 'Browser', system].filter((part) => part !== undefined).join(' on ');
}

const browsers = [
  ['Edge', /\bEdg/],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /SamsungBrowser/],
  ['Firefox', /Firefox|FxiOS/],
  ['Chrome', /Chrome|CriOS/],
  ['Safari', /Safari/],
] as const;
const systems = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X|Macintosh/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
] as const;

/**
 * The address of one of Twitch's images, or `null`: text from Twitch is hostile, so only addresses
 * below one of `allowed` pass.
 */
export function imageUrl(url: string | null, allowed: string[]): string | null {
  return url !== null && allowed.some((base) => url.startsWith(`${base}/`)) && URL.canParse(url) ? url : null;
}

/**
 * A thumbnail in a size. Twitch draws live previews anew about every five minutes under the same
 * address, hence the number behind it.
 */
export function thumbnail(
  url: string | null,
  width: number,
  height: number,
  allowed: string[],
  now: Date,
): string | null {
  if (url === null) return null;
  const sized = url.replace('{width}', String(width)).replace('{height}', String(height));
  return imageUrl(
    `${sized}${sized.includes('?') ? '&' : '?'}t=${Math.floor(now.getTime() / 300_000)}`,
    allowed,
  );
}
