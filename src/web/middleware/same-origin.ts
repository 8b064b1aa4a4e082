import type { Request, RequestHandler } from 'express';
import { AppError } from '../../domain/errors.ts';

/**
 * Lets a POST through only when it comes from one of our own forms: the browser says so itself
 * (`Sec-Fetch-Site`; absent on plain http), or names an `Origin` that is ours or equals the `Host`. Who came by another
 * name than PUBLIC_URL's, such as an address of the house, could not send a form otherwise; a foreign name that was made
 * to lead here matches as well, but its pages have none of our cookies. The session cookie is `SameSite=Lax` besides.
 */
export function requireSameOrigin(publicUrl: string): RequestHandler {
  const publicOrigin = new URL(publicUrl).origin;
  return (request, _response, next) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return next();
    if (isOurs(request, publicOrigin) && isForm(request)) return next();
    next(
      new AppError(
        'forbidden',
        'This request did not come from a page of this site, so nothing was changed.',
      ),
    );
  };
}

function isOurs(request: Request, publicOrigin: string): boolean {
  const site = request.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('Origin');
  if (origin === undefined || !URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  return origin === publicOrigin || (host === request.get('Host') && publicOrigin.startsWith(protocol));
}

/** Other sites may send text or JSON without asking the browser first; our forms never do. */
function isForm(request: Request): boolean {
  if (request.get('X-HTTP-Method-Override') !== undefined) return false;
  const hasBody =
    request.get('Transfer-Encoding') !== undefined || Number(request.get('Content-Length') ?? 0) > 0;
  return !hasBody || request.is('application/x-www-form-urlencoded') !== false;
}
