import type { Request, RequestHandler, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { freshnessOf } from '../../domain/live-wall.ts';
import type { Streamer } from '../../domain/streamer.ts';
import { userOf } from '../current-user.ts';
import { createRateLimit } from '../middleware/rate-limit.ts';
import type { HandlerParts, StreamerPage } from '../parts.ts';
import { programmeOf } from '../programme.ts';
import { sinceAway } from '../since-away.ts';
import { refreshSOf, type WebSettings } from '../settings.ts';
import { schemeOf, type Theme } from '../theme.ts';
import { look } from '../visits.ts';

/** The page of one streamer, from the database alone once the streamer is known. */
export function showStreamer(parts: HandlerParts): RequestHandler<{ login: string }> {
  const { pages, store, settings, now } = parts;
  const introduce = createIntroduction(parts);
  const framesOf = createFrames(settings);
  return async (request, response) => {
    const login = request.params.login.toLowerCase();
    const userId = userOf(response).id;
    const known = await store.streamers.pageOf(login, userId);
    const page = known ?? (await introduce(request, response, login));
    if (page === null) return;

    const { isFavourite, isFavoured } = page;
    // What is read and what is new is told of favourites only.
    const mark = isFavourite ? look(parts, request, response) : Number.POSITIVE_INFINITY;
    const { isStale } = freshnessOf([page.streamer], now(), settings.pollIntervalS);
    // Nobody asks about whom nobody favours, so what was on air at the last visit is no news.
    const isUncovered = isStale && !isFavoured;
    const streamer = isUncovered ? { ...page.streamer, broadcast: null } : page.streamer;
    const [events, unread] = await Promise.all([
      store.events.latestOf([streamer]),
      isFavourite ? store.events.unreadSince(mark, streamer) : null,
    ]);
    if (!isFavoured) noteRequest(parts, page);
    pages.send(request, response, 'streamer', {
      title: streamer.displayName,
      streamer,
      isFavourite,
      ...framesOf(streamer, schemeOf(request)),
      refreshS: refreshSOf(settings),
      theatre: request.query['theatre'] === '1',
      isStale,
      isUncovered,
      mark,
      away: sinceAway(unread),
      awayFrom: streamer.displayName,
      programme: {
        ...programmeOf([streamer], events),
        ofOne: true,
        follow: `/streamers/${streamer.login}/live`,
        history: `/streamers/${streamer.login}/events`,
        empty: isFavourite
          ? 'No events yet. They will appear here as they happen.'
          : 'No events yet. Add this streamer to your favourites to collect them here.',
      },
    });
  };
}

/** Asks Twitch about a stranger; `null` when that led to an answer already, to the page of a new name. */
function createIntroduction({ pages, directory }: HandlerParts) {
  const limit = createRateLimit(30, 60);
  const lately = new LRUCache<string, true>({ max: 1_000, ttl: 60_000 });
  return async (request: Request, response: Response, login: string): Promise<StreamerPage | null> => {
    if (!lately.has(login)) await limit(request, response);
    lately.set(login, true);
    const streamer = await directory.byLogin(login);
    if (streamer.login !== login) {
      const query = request.originalUrl.match(/\?.*/)?.[0] ?? '';
      response.redirect(302, pages.url(`/streamers/${streamer.login}`) + query);
      return null;
    }
    return { streamer, isFavourite: false, isFavoured: false, requestedAt: null };
  };
}

/** Has the listener follow whom nobody favours for as long as people look. */
function noteRequest({ store, logger, now }: HandlerParts, { streamer, requestedAt }: StreamerPage): void {
  if (requestedAt !== null && now().getTime() - requestedAt.getTime() < requestLastsMs) return;
  store.streamers.request(streamer.id, now()).catch((error: unknown) => {
    logger.warn({ err: error }, 'That somebody asked could not be noted');
  });
}

const requestLastsMs = 5 * 60_000;

/** Twitch's frames show themselves only to pages of the host named in `parent`. */
function createFrames({ publicUrl, playerUrl, chatUrl }: WebSettings) {
  const parent = `parent=${encodeURIComponent(new URL(publicUrl).hostname)}`;
  const player = new URL(playerUrl).href;
  return ({ login, broadcast, unavailableSince }: Streamer, scheme: Theme) => ({
    playerUrl: broadcast === null ? null : `${player}?channel=${login}&${parent}&autoplay=true&muted=true`,
    chatUrl:
      unavailableSince === null
        ? `${chatUrl}/${login}/chat?${parent}${scheme === 'dark' ? '&darkpopout' : ''}`
        : null,
  });
}
