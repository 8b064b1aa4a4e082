import type { RequestListener } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { AppError } from '../../domain/errors.ts';
import { isUser } from '../current-user.ts';
import { statusOf, toAppError } from '../errors.ts';
import { pageHeaders, type Pages } from '../pages.ts';
import type { HandlerParts } from '../parts.ts';
import { localPathOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { type Theme, themeOf } from '../theme.ts';
import { typedFormOf, type TypedForm } from '../typed-form.ts';
import { retryAfterS, tooMuch } from './overload.ts';

const headings: Record<number, string> = {
  400: 'That did not work',
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Nothing here',
  409: 'That is too many',
  429: 'A little slower, please',
  503: 'Out of reach for the moment',
};

/** For addresses that lead nowhere. */
export const refuseUnknownAddress: RequestHandler = () => {
  throw new AppError('not-found', 'There is no page at this address.');
};

/**
 * The last in the chain: every error becomes a page in the design. People read sentences written for
 * them; everything else goes to the log, under the request id that the page shows.
 */
export function sendErrors({ pages, logger, settings }: HandlerParts): ErrorRequestHandler {
  const home = pages.url('/');
  const addressOf = ({ method, originalUrl }: Request, form: TypedForm | null) => {
    if (form !== null) return pages.url(form.page);
    return method === 'GET' ? localPathOf(originalUrl, publicPath(settings), home) : home;
  };

  return (error: unknown, request, response, next) => {
    const problem = toAppError(error);
    const status = problem === null ? 500 : statusOf(problem);
    const requestId: unknown = response.locals['requestId'];
    if (problem === null) logger.error({ err: error, id: requestId }, 'request failed');
    else if (problem.cause !== undefined && status >= 500) {
      // Whose fault it is, not where: it was foreseen, and may strike every request of an hour.
      logger.warn({ id: requestId, cause: problem.cause }, problem.message);
    }
    if (response.headersSent) return next(error);

    if (problem?.retryAfterS) response.set('Retry-After', String(problem.retryAfterS));
    else if (status === 503) response.set('Retry-After', '5');
    // Of a handler whose own address serves only once.
    const again: unknown = response.locals['tryAgain'];
    const form = typedFormOf(request, settings.basePath);
    const locals = {
      title: headings[status] ?? 'Something broke',
      heading: headings[status] ?? 'Something broke',
      message:
        problem?.message ??
        'This is our fault. Please try again. If it keeps happening, tell whoever runs this Followspot the request number below.',
      status,
      requestId: status >= 500 ? requestId : null,
      typed: form,
      action:
        typeof again === 'string'
          ? { label: 'Try again', href: again }
          : wayOn(status, addressOf(request, form), response.locals['user'], pages.url),
    };
    pages.send(request, response, 'error', locals, status);
  };
}

/**
 * The answer to what is too much: a page that is made once for each theme, and its headers in one list, which Node
 * writes as it is; so it costs next to nothing. `headers` are those of every answer.
 */
export function refuseAtOnce(pages: Pick<Pages, 'anonymous'>, headers: Map<string, string>): RequestListener {
  const always = [...headers, ...pageHeaders].flat();
  const kept = new Map<Theme | null, Buffer>();
  return (request, response) => {
    const theme = themeOf(request);
    const body = kept.get(theme) ?? Buffer.from(pages.anonymous('error', refusal, theme));
    kept.set(theme, body);
    const its = ['Retry-After', String(retryAfterS()), 'Content-Length', String(body.length)];
    response.writeHead(503, [...always, ...its]).end(body);
  };
}

const refusal = {
  title: headings[503] ?? '',
  heading: headings[503],
  message: tooMuch,
  status: 503,
  requestId: null,
  typed: null,
  // The address at which it is read.
  action: { label: 'Try again', href: '' },
};

function wayOn(status: number, here: string, user: unknown, url: (path: string) => string) {
  if (status >= 500 || status === 429) return { label: 'Try again', href: here };
  if (user === undefined) return { label: 'Go to the start page', href: url('/') };
  if (!isUser(user)) return { label: 'Sign in', href: url(`/sign-in?returnTo=${encodeURIComponent(here)}`) };
  return { label: 'Go to the live wall', href: url('/') };
}
