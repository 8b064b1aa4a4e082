import type { RequestHandler } from 'express';
import session from 'express-session';
import type { SignInAttempt } from '../../domain/sign-in.ts';
import type { User } from '../../domain/user.ts';
import { publicPath, type WebSettings } from '../settings.ts';

declare module 'express-session' {
  interface SessionData {
    /** Sign-ins that this browser has begun and not ended, the latest last. */
    signInAttempts?: SignInAttempt[];
  }
}

const thirtyDaysMs = 30 * 24 * 60 * 60_000;

/** Sessions in the database, named by a signed cookie that scripts cannot read. None for mere visitors. */
export function setUpSession(settings: WebSettings, store: session.Store): RequestHandler {
  return session({
    name: 'followspot',
    secret: settings.cookieKeys,
    store,
    resave: false,
    saveUninitialized: false,
    cookie: {
      path: publicPath(settings) || '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: settings.publicUrl.startsWith('https:'),
      maxAge: thirtyDaysMs,
    },
  });
}

/** Puts the signed-in user into `response.locals.user`; whoever is no longer allowed is nobody. */
export function setUpUser(isAllowed: (user: User) => boolean): RequestHandler {
  return (request, response, next) => {
    const { user = null } = request.session;
    response.locals['user'] = user !== null && isAllowed(user) ? user : null;
    next();
  };
}
