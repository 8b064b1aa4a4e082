import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';

const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The cookie in which a browser keeps its choice; without one the system's wish counts. */
export const themeCookie = 'followspot-theme';

const themeOfCookies = new RegExp(`(?:^|; )${themeCookie}=(\\w+)`);

/** The theme that this browser chose, `null` for the system's. */
export function themeOf(request: Pick<IncomingMessage, 'headers'>): Theme | null {
  const value = themeOfCookies.exec(request.headers.cookie ?? '')?.[1];
  return themes.find((theme) => theme === value) ?? null;
}

/**
 * The theme in which a frame of Twitch's fits the page. A browser that leaves the choice to its system may
 * tell what that is (`Sec-CH-Prefers-Color-Scheme`); one that does not gets the dark one, like most theatres.
 */
export function schemeOf(request: Request): Theme {
  return themeOf(request) ?? (request.get('Sec-CH-Prefers-Color-Scheme') === 'light' ? 'light' : 'dark');
}
