import { promisify } from 'node:util';
import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import { OtherAccountError, type SignInAttempt } from '../../domain/sign-in.ts';
import type { User } from '../../domain/user.ts';
import { userOf } from '../current-user.ts';
import { leaveNotice } from '../notices.ts';
import type { HandlerParts } from '../parts.ts';
import { localPathOf, textOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { undoWishes, wordsOfOn } from './wishes.ts';

const mostAttempts = 5;
const attemptLastsMs = 15 * 60_000;

/**
 * Sends the browser to Twitch, with a state that only its own session knows. `scopes`, separated by spaces,
 * names what more Twitch should ask the user to allow.
 */
export function beginSignIn({ signIn, settings, pages }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const returnTo = localPathOf(request.query['returnTo'], publicPath(settings), pages.url('/'));
    const { attempt, url } = await signIn.begin(returnTo, {
      scopes: (textOf(request.query['scopes']) ?? '').split(' ').filter((scope) => scope !== ''),
      userId: request.session.userId ?? null,
    });
    const { session } = request;
    session.signInAttempts = [...(session.signInAttempts ?? []), attempt].slice(-mostAttempts);
    if (session.userId === undefined) session.cookie.maxAge = attemptLastsMs;
    await save(request);
    response.set('Cache-Control', 'no-store').redirect(303, url);
  };
}

/**
 * Takes Twitch's answer. A state opens the door one single time, whichever instance is asked. Whoever gets in
 * goes on under a new session id; who does not stays who they were, and so does who was to allow more when
 * somebody else answers.
 */
export function completeSignIn(parts: HandlerParts): RequestHandler {
  const { signIn, store, hearing, pages } = parts;
  return async (request, response) => {
    // What Twitch answered serves once, so whoever tries again has to begin anew.
    response.locals['tryAgain'] = pages.url('/sign-in');
    const state = textOf(request.query['state']);
    const attempt = signIn.recognise(request.session.signInAttempts ?? [], state);
    response.locals['tryAgain'] = pages.url(`/sign-in?${repeatedBy(attempt)}`);
    const error = textOf(request.query['error']);
    if (error !== null) {
      forgetAttempt(request, attempt);
      const { userId } = request.session;
      if (userId === undefined || !signIn.isRefusal(error)) throw signIn.refusal(error);
      const undone = await undoWishes(parts, userId, attempt.scopes ?? []);
      response.set('Cache-Control', 'no-store');
      return response.redirect(303, pages.url(`/account?refused=${undone.join(',')}`));
    }
    const code = textOf(request.query['code']);
    if (!(await store.sessions.spendState(attempt.state))) throw signIn.used();
    const user = await completeFor(parts, request, response, attempt, code);
    if (user === null) return;
    const on = await wordsOfOn(parts, user.id, attempt.scopes ?? []);
    await promisify(request.session.regenerate.bind(request.session))();
    hearing.readersChanged(user.id);
    request.session.userId = user.id;
    request.session.userAgent = request.get('User-Agent') ?? '';
    await save(request);
    if (on !== null) sayTurnedOn(parts, response, attempt.returnTo, on);
    response.set('Cache-Control', 'no-store').redirect(303, attempt.returnTo);
  };
}

/** On the two pages that ask for more: on any other it would wait and be said out of place. */
function sayTurnedOn({ pages, settings }: HandlerParts, response: Response, page: string, on: string): void {
  const path = publicPath(settings) || '/';
  if (page === pages.url('/account')) leaveNotice(response, 'turned-on', path);
  if (page === pages.url('/')) leaveNotice(response, 'turned-on-again', path, [on]);
}

/** Signing in is something that a person does with a GET in a browser; anything else is not it. */
export const refuseOtherMethods: RequestHandler = (_request, response) => {
  response.set('Allow', 'GET');
  throw new AppError('not-found', 'There is nothing here for this kind of request.');
};

/** `null` when somebody else answered than who was to allow more, who then stays signed in and is told so. */
async function completeFor(
  parts: HandlerParts,
  request: Request,
  response: Response,
  attempt: SignInAttempt,
  code: string | null,
): Promise<User | null> {
  try {
    return await parts.signIn.complete(code, attempt.userId ?? null);
  } catch (error) {
    if (!(error instanceof OtherAccountError)) throw error;
    forgetAttempt(request, attempt);
    const user = userOf(response);
    await undoWishes(parts, user.id, attempt.scopes ?? []);
    const path = publicPath(parts.settings) || '/';
    leaveNotice(response, 'other-account', path, [error.displayName, user.displayName]);
    response.set('Cache-Control', 'no-store').redirect(303, parts.pages.url('/account'));
    return null;
  }
}

/** express-session saves when the answer ends, and then sends it even if saving failed. */
async function save({ session }: Request): Promise<void> {
  await promisify(session.save.bind(session))();
}

function repeatedBy({ returnTo, scopes = [] }: SignInAttempt): string {
  return new URLSearchParams({
    returnTo,
    ...(scopes.length > 0 && { scopes: scopes.join(' ') }),
  }).toString();
}

function forgetAttempt({ session }: Request, { state }: SignInAttempt): void {
  session.signInAttempts = (session.signInAttempts ?? []).filter((each) => each.state !== state);
}
