import express, { type RequestHandler, Router } from 'express';
import { requireUser } from './current-user.ts';
import { deleteAccount, endSession, exportAccount, showAccount } from './handlers/account.ts';
import { markRead, showEvent, showEvents, showStreamerEvents } from './handlers/events.ts';
import { addFavourite, removeFavourite, showFavourites, watchFirstFavourite } from './handlers/favourites.ts';
import { showHome } from './handlers/home.ts';
import { followFavourites, followStreamer } from './handlers/live.ts';
import { showSearch, showSuggestions } from './handlers/search.ts';
import { beginSignIn, completeSignIn, refuseOtherMethods } from './handlers/sign-in.ts';
import { askToSignOut, signOut, signOutEverywhere } from './handlers/sign-out.ts';
import { showStatus } from './handlers/status.ts';
import { showStreamer } from './handlers/streamers.ts';
import { chooseTheme } from './handlers/theme.ts';
import { wishChatEvents, wishOwnChannel } from './handlers/wishes.ts';
import { limitRate } from './middleware/rate-limit.ts';
import type { HandlerParts } from './parts.ts';

/** Every address below the base path; `first` is done before any of them. */
export function createRoutes(parts: HandlerParts, first: RequestHandler[]): Router {
  const router = Router({ caseSensitive: true });
  // Forms are read before anything can fail, so that an error can show again what was typed.
  router.use(express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 20 }), ...first);
  const user = requireUser(parts.pages.url);
  const signInRate = limitRate(300, 300);
  const searchRate = limitRate(120, 60);
  const addRate = limitRate(300, 60);

  router.get('/', showHome(parts));

  router.head(['/sign-in', '/callback'], refuseOtherMethods);
  router.get('/sign-in', signInRate, beginSignIn(parts));
  router.get('/callback', signInRate, completeSignIn(parts));
  router.post('/sign-out', signOut(parts));

  router.get('/favourites', user, showFavourites(parts));
  router.post('/favourites', user, addRate, addFavourite(parts));
  router.post('/favourites/:streamerId/delete', user, removeFavourite(parts));

  router.get('/search', user, searchRate, showSearch(parts));
  router.get('/search/suggestions', user, searchRate, showSuggestions(parts));
  router.get('/streamers/:login', user, showStreamer(parts));
  // Without the redirect to the sign-in, which nothing that reads a stream could show.
  router.get('/live', followFavourites(parts));
  router.get('/streamers/:login/live', followStreamer(parts));
  router.get('/streamers/:login/events', user, showStreamerEvents(parts));
  router.get('/events', user, showEvents(parts));
  router.post('/events/read', user, markRead(parts));
  router.get('/events/:eventId', user, showEvent(parts));
  router.get('/status', user, showStatus(parts));

  router.get('/account', user, showAccount(parts));
  router.get('/account/export', user, exportAccount(parts));
  router.post('/account/chat-events', user, wishChatEvents(parts));
  router.post('/account/own-channel', user, wishOwnChannel(parts));
  router.post('/account/delete', user, deleteAccount(parts));
  router.post('/account/sessions/delete', user, signOutEverywhere(parts));
  router.post('/account/sessions/:sessionId/delete', user, endSession(parts));
  router.post('/theme', chooseTheme(parts));

  // The first version's addresses lead where they used to.
  router.get('/streamer', user, (_request, response) =>
    response.redirect(302, parts.pages.url('/favourites')),
  );
  router.post('/streamer', user, addRate, addFavourite(parts));
  router.get('/streamer/watch', user, watchFirstFavourite(parts));
  router.get('/logout', askToSignOut(parts));

  return router;
}
