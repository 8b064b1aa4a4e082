import type { Request } from 'express';
import { afterLook, markOf } from '../domain/visit.ts';
import type { HandlerParts } from './parts.ts';

/**
 * Where what is new begins for the user who asks for a page with news: ids up to it are read. The look is noted
 * behind the answer, unless a browser only fetches ahead.
 */
export function look(
  { store, logger, now }: HandlerParts,
  request: Pick<Request, 'get' | 'method' | 'session'>,
): number {
  const { visit, userId } = request.session;
  if (visit === undefined || userId === undefined) return Number.POSITIVE_INFINITY;
  const isLook = request.method === 'GET' && request.get('Sec-Purpose') === undefined;
  const after = isLook ? afterLook(visit, now()) : null;
  if (after !== null) {
    store.events.noteLook(userId, after).catch((error: unknown) => {
      logger.warn({ err: error }, 'A look could not be noted');
    });
  }
  return markOf(visit, now());
}
