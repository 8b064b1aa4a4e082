import { isIP } from 'node:net';

// What the text of a setting may look like, and what is made of it.

/** The text itself is checked: it is kept as it stands, while a parsed address would hide an empty query. */
export function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+(\/[^?#\\\s]*)?$/i.test(value) && URL.canParse(value);
}

/** The same for `ws:` and `wss:`. */
export function isSocketUrl(value: string): boolean {
  return /^wss?:/i.test(value) && isHttpUrl(value.replace(/^ws/i, 'http'));
}

/** Scheme and host as browsers write them, for whoever compares; the path stays as it is, but for slashes at its end. */
export function withTidyOrigin(value: string): string {
  return value.replace(/^\w+:\/\/[^/]+/, (origin) => new URL(origin).origin).replace(/\/+$/, '');
}

/** Whether Twitch can call webhooks at this address: it takes https at its usual port only. */
export function isWebhookAddress(publicUrl: string): boolean {
  const { protocol, port } = new URL(publicUrl);
  return protocol === 'https:' && port === '';
}

/** A name or an address, without scheme, port and path. */
export function isHost(value: string): boolean {
  return isIP(value) !== 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(value);
}

/** A login or an id, as Twitch makes them. */
export function isTwitchUser(value: string): boolean {
  return /^\w{1,25}$/.test(value);
}

/** `off`, a number of proxies, or their addresses: only what Express takes without a complaint of its own. */
export function isTrustProxy(value: string): boolean {
  if (/^(off|\d{1,2})$/.test(value)) return true;
  const parts = partsOf(value);
  return parts.length > 0 && parts.every(isAddressRange);
}

/** In the form that Express understands. */
export function toTrustProxy(value: string): false | number | string[] {
  if (value === 'off' || Number(value) === 0) return false;
  return /^\d+$/.test(value) ? Number(value) : partsOf(value);
}

/** What stands between commas; empty parts do not count. */
export function partsOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** An address, alone or with a prefix length. */
function isAddressRange(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0 || text.endsWith('/')) return false;
  return (
    prefix === '' ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}
