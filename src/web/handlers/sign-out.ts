import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { UserToken } from '../../domain/user-token.ts';
import { isUser, userOf } from '../current-user.ts';
import type { HandlerParts } from '../parts.ts';
import { leaveNotice } from '../notices.ts';
import { publicPath } from '../settings.ts';

/** Asks first: the old address `/logout` is a link, and a link must not change anything. */
export function askToSignOut({ pages }: HandlerParts): RequestHandler {
  return (request, response) => {
    if (!isUser(response.locals['user'])) response.redirect(303, pages.url('/'));
    else pages.send(request, response, 'sign-out', { title: 'Sign out' });
  };
}

/** Ends this session, and what Twitch gave us when it was the last one. Nobody waits for Twitch. */
export function signOut(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const user: unknown = response.locals['user'];
    await leave(parts, request, response);
    if (isUser(user) && (await parts.store.sessions.ofUser(user.id)).length === 0) {
      await giveBackToken(parts, user.id);
    }
    leaveNotice(response, 'signed-out', publicPath(parts.settings) || '/');
    response.redirect(303, parts.pages.url('/'));
  };
}

/** Ends every session of the user, this one included. */
export function signOutEverywhere(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const user = userOf(response);
    await parts.store.sessions.endAllOf(user.id);
    parts.live.endUser(user.id);
    await giveBackToken(parts, user.id);
    await leave(parts, request, response);
    leaveNotice(response, 'signed-out-everywhere', publicPath(parts.settings) || '/');
    response.redirect(303, parts.pages.url('/'));
  };
}

/** Forgets the user's token, or more by `forget`, and then tells Twitch so behind the page's back. */
export async function giveBackToken(
  parts: HandlerParts,
  userId: string,
  forget: () => Promise<unknown> = () => parts.store.tokens.remove(userId),
): Promise<void> {
  const token = await parts.store.tokens.find(userId);
  try {
    await forget();
  } catch (error) {
    const isOpen = error instanceof AppError && error.code === 'unavailable';
    if (isOpen && token !== null) void giveBackLate(parts, token);
    throw error;
  }
  parts.hearing.readersChanged(userId);
  if (token !== null) void revoke(parts, token);
}

/** What took the database too long for an answer may be done after all. */
async function giveBackLate(parts: HandlerParts, token: UserToken): Promise<void> {
  for (const pauseMs of lookAgainAfterMs) {
    await wait(pauseMs, undefined, { ref: false });
    const present = await parts.store.tokens.find(token.userId).catch(() => token);
    if (present !== null) continue;
    parts.hearing.readersChanged(token.userId);
    await revoke(parts, token);
    return;
  }
}

const lookAgainAfterMs = [1_000, 4_000, 15_000];

async function revoke({ twitch, logger }: HandlerParts, token: UserToken): Promise<void> {
  await twitch.revoke(token.accessToken).catch((error: unknown) => {
    const { userId } = token;
    logger.warn({ err: error, userId }, 'Twitch could not be told that a token is no longer needed');
  });
}

/** Ends the session on the server and takes the cookie back. */
export async function leave(
  { settings, live, store }: HandlerParts,
  request: Request,
  response: Response,
): Promise<void> {
  live.endSession(store.sessions.nameOf(request.sessionID));
  await promisify(request.session.destroy.bind(request.session))();
  response.clearCookie('followspot', { path: publicPath(settings) || '/' });
}
