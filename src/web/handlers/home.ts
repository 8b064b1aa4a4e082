import type { RequestHandler } from 'express';
import { arrangeLiveWall } from '../../domain/live-wall.ts';
import { isUser } from '../current-user.ts';
import type { HandlerParts } from '../parts.ts';
import { takeNotice } from '../notices.ts';
import { programmeOf } from '../programme.ts';
import { publicPath, refreshSOf } from '../settings.ts';
import { sinceAway } from '../since-away.ts';
import { look } from '../visits.ts';
import { pausedWishes } from './wishes.ts';

/** The live wall of who is signed in; for everybody else, what this is. */
export function showHome(parts: HandlerParts): RequestHandler {
  const { pages, store, settings, now } = parts;
  return async (request, response) => {
    const user: unknown = response.locals['user'];
    const said = takeNotice(request, response, publicPath(settings) || '/');
    if (!isUser(user)) {
      pages.send(request, response, 'landing', { title: 'Live streamers, followed', said });
      return;
    }
    const mark = look(parts, request, response);
    const favourites = await store.favourites.ofUser(user.id);
    const [latest, unread] = await Promise.all([
      store.events.latestOf(favourites),
      store.events.unreadSince(mark, favourites),
    ]);
    const onAir =
      favourites.length > 0
        ? []
        : await store.streamers.onAir(
            new Date(now().getTime() - 3_000 * settings.pollIntervalS),
            mostOffered,
          );
    const { freshness, ...wall } = arrangeLiveWall(favourites, {
      allOffline: request.query['offline'] === 'all',
      now: now(),
      pollIntervalS: settings.pollIntervalS,
    });
    pages.send(request, response, 'live-wall', {
      title: wall.live.length > 0 ? `${wall.live.length} live` : 'Live wall',
      wall: { ...wall, ...freshness, refreshS: refreshSOf(settings) },
      said,
      paused: pausedWishes(request.session, pages),
      mark,
      away: sinceAway(unread),
      awayFrom: null,
      onAir,
      programme: {
        ...programmeOf(favourites, latest),
        ofOne: false,
        follow: '/live',
        history: '/events',
        empty: 'No events yet. They will appear here as they happen.',
      },
    });
  };
}

/** So many are offered to who has no favourite yet. */
const mostOffered = 8;
