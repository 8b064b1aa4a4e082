import type { RequestHandler } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { HandlerParts } from '../parts.ts';
import { localPathOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { themeCookie } from '../theme.ts';

/** Keeps the choice in a cookie, so that the next page is drawn in it from the first byte. */
export function chooseTheme({ settings, pages }: HandlerParts): RequestHandler {
  const cookie = {
    path: publicPath(settings) || '/',
    sameSite: 'lax',
    secure: settings.publicUrl.startsWith('https:'),
  } as const;
  return (request, response) => {
    const { theme, returnTo }: Record<string, unknown> = request.body ?? {};
    if (theme === 'system') response.clearCookie(themeCookie, cookie);
    else if (theme === 'light' || theme === 'dark') {
      response.cookie(themeCookie, theme, { ...cookie, maxAge: 365 * 24 * 60 * 60_000 });
    } else throw new AppError('invalid', 'A theme is light, dark or the system’s.');
    response.redirect(303, localPathOf(returnTo, publicPath(settings), pages.url('/')));
  };
}
