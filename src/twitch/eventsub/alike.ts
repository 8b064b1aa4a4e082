import type { Fields } from './fields.ts';

/**
 * A key that two types of message about one thing share although neither names it: who, what, and in which ten
 * minutes. Two such things within them remain two, since each type tells each of them once.
 */
export function withinTenMinutes(key: string, at: Date): string {
  return `${key}:${Math.floor(at.getTime() / 600_000)}`;
}

/** Money in words such as `12.50 USD`; Twitch writes `decimal_place` in chat and `decimal_places` elsewhere. */
export function charityAmount(fields: Fields): string {
  const places = Math.min(6, fields.countOrNull('decimal_places') ?? fields.count('decimal_place'));
  const value = (fields.count('value') / 10 ** places).toFixed(places);
  return `${value} ${fields.text('currency', 8).replaceAll(/[^A-Za-z]/g, '')}`.trim();
}
