import type { Request } from 'express';

const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The cookie in which a browser keeps its choice; without one the system's wish counts. */
export const themeCookie = 'followspot-theme';

/** The theme that this browser chose, `null` for the system's. */
export function themeOf(request: Request): Theme | null {
  const value = new RegExp(`(?:^|; )${themeCookie}=(\\w+)`).exec(request.headers.cookie ?? '')?.[1];
  return themes.find((theme) => theme === value) ?? null;
}
