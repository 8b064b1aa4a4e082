import type { Request, Response } from 'express';
import { lookAt, markOf } from '../domain/visit.ts';
import type { HandlerParts } from './parts.ts';

/**
 * Where what is new begins for the user who asks for a page with news: ids up to it are read. Once the whole page is
 * sent, that somebody looked at it is noted.
 */
export function look(
  { store, logger, now }: HandlerParts,
  request: Pick<Request, 'get' | 'method' | 'session'>,
  response: Response,
): number {
  const { visit, userId } = request.session;
  if (visit === undefined || userId === undefined) return Number.POSITIVE_INFINITY;
  const seen = isForEyes(request) ? lookAt(visit, now()) : null;
  if (seen !== null) {
    response.once('finish', () => {
      if (response.statusCode !== 200) return;
      store.events.noteLook(userId, seen).catch((error: unknown) => {
        logger.warn({ err: error }, 'A look could not be noted');
      });
    });
  }
  return markOf(visit, now());
}

/** Browsers say so when they fetch ahead what may never be shown. */
function isForEyes(request: Pick<Request, 'get' | 'method'>): boolean {
  const saysAhead = ['Sec-Purpose', 'Purpose', 'X-Purpose', 'X-Moz'];
  return request.method === 'GET' && saysAhead.every((name) => request.get(name) === undefined);
}
