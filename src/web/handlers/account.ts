import type { RequestHandler } from 'express';
import { AppError } from '../../domain/errors.ts';
import { byName } from '../../domain/live-wall.ts';
import { userOf } from '../current-user.ts';
import type { HandlerParts } from '../parts.ts';
import { leaveNotice, takeNotice } from '../notices.ts';
import { textOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { noWishes, offersOf, refusedWords } from './wishes.ts';
import { giveBackToken, leave } from './sign-out.ts';

/** Who I am and where I am signed in. */
export function showAccount({ pages, store, settings }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const { id } = userOf(response);
    const refused = textOf(request.query['refused']);
    const left = takeNotice(request, response, publicPath(settings) || '/');
    const [sessions, favouriteCount, signIns, wishes, token] = await Promise.all([
      store.sessions.ofUser(id),
      store.favourites.count(id),
      store.users.signIns(id),
      store.users.settings(id),
      store.tokens.find(id),
    ]);
    pages.send(request, response, 'account', {
      title: 'Account',
      said: refused === null ? left : refusedWords(refused.split(',')),
      sessions,
      currentSessionId: store.sessions.nameOf(request.sessionID),
      favouriteCount,
      memberSince: signIns?.first ?? null,
      ...offersOf(wishes ?? noWishes, token?.scopes ?? []),
    });
  };
}

/** Ends one session of one's own in another browser. */
export function endSession({
  pages,
  store,
  live,
  settings,
}: HandlerParts): RequestHandler<{ sessionId: string }> {
  return async (request, response) => {
    if (!(await store.sessions.end(request.params.sessionId, userOf(response).id))) {
      throw new AppError('not-found', 'That browser is no longer signed in.');
    }
    live.endSession(request.params.sessionId);
    leaveNotice(response, 'session-ended', publicPath(settings) || '/');
    response.redirect(303, pages.url('/account'));
  };
}

/** All that is kept about the user, as a file of JSON. No secrets: those are ours to keep. */
export function exportAccount({ store, now }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const { visit } = request.session;
    const user = userOf(response);
    const [favourites, addedAt, sessions, signIns, wishes, granted] = await Promise.all([
      store.favourites.ofUser(user.id),
      store.favourites.addedAt(user.id),
      store.sessions.ofUser(user.id),
      store.users.signIns(user.id),
      store.users.settings(user.id),
      store.tokens.find(user.id),
    ]);
    response
      .attachment('followspot.json')
      .set('Cache-Control', 'private, no-store')
      .json({
        exportedAt: now(),
        user: { ...user, memberSince: signIns?.first ?? null, signedInAt: signIns?.last ?? null },
        allowedAtTwitch: granted?.scopes ?? [],
        visit: { readUpToEvent: visit?.readTo, seenUpToEvent: visit?.seenTo, seenAt: visit?.seenAt },
        settings: wishes ?? noWishes,
        favourites: favourites.toSorted(byName).map(({ id, login, displayName }) => ({
          id,
          login,
          displayName,
          addedAt: addedAt.get(id) ?? null,
        })),
        sessions: sessions.map(({ userAgent, createdAt, seenAt }) => ({ userAgent, createdAt, seenAt })),
      });
  };
}

/** Deletes the user with everything that hangs on it, sessions in all browsers included. */
export function deleteAccount(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const body: Record<string, unknown> = request.body ?? {};
    if (body['confirm'] !== 'yes') {
      throw new AppError(
        'invalid',
        'To delete your account, tick the box that says so. Nothing was deleted.',
      );
    }
    const { id } = userOf(response);
    await giveBackToken(parts, id, () => parts.store.users.remove(id));
    parts.live.endUser(id);
    await leave(parts, request, response);
    leaveNotice(response, 'account-deleted', publicPath(parts.settings) || '/');
    response.redirect(303, parts.pages.url('/'));
  };
}
