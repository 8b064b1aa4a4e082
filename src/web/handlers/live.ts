import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import { userOf } from '../current-user.ts';
import { streamHeaders } from '../live/stream.ts';
import type { HandlerParts } from '../parts.ts';
import { textOf } from '../query.ts';

/** Events of all favourites as they come. */
export function followFavourites(parts: HandlerParts): RequestHandler {
  return async (request, response) => await follow(parts, request, response, null);
}

/** Events of one streamer as they come. */
export function followStreamer(parts: HandlerParts): RequestHandler<{ login: string }> {
  const { streamers } = parts.store;
  return async (request, response) => {
    userOf(response);
    const login = request.params.login.toLowerCase();
    const streamer = (await streamers.findByLogin(login)) ?? (await streamers.findByFormerLogin(login));
    if (streamer === null) throw new AppError('not-found', 'No streamer of that name is known here.');
    await follow(parts, request, response, streamer.id);
  };
}

/** Nobody is led to the sign-in: what reads a stream could not show it. */
async function follow(
  { live, store }: HandlerParts,
  request: Pick<Request, 'method' | 'get' | 'query' | 'sessionID' | 'ip'>,
  response: Response,
  streamerId: string | null,
): Promise<void> {
  const userId = userOf(response).id;
  if (request.method === 'HEAD') {
    response.set(streamHeaders).end();
    return;
  }
  const sessionId = store.sessions.nameOf(request.sessionID);
  const after = positionOf(request.get('Last-Event-ID')) ?? positionOf(textOf(request.query['after']));
  await live.open(response, { userId, sessionId, streamerId, after, address: request.ip ?? null });
}

/** The sequence that a browser names; `null` when it is none. */
function positionOf(text: string | null | undefined): number | null {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
