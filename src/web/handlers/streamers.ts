import type { RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import { freshnessOf } from '../../domain/live-wall.ts';
import type { Streamer } from '../../domain/streamer.ts';
import { userOf } from '../current-user.ts';
import type { HandlerParts } from '../parts.ts';
import type { WebSettings } from '../settings.ts';
import { schemeOf, type Theme } from '../theme.ts';

/** The page of one streamer, from the database alone once the streamer is known. */
export function showStreamer(parts: HandlerParts): RequestHandler<{ login: string }> {
  const { pages, store, directory, settings, now } = parts;
  const keepFresh = keeperOfFreshness(parts);
  const framesOf = createFrames(settings);
  return async (request, response) => {
    const { login } = request.params;
    const userId = userOf(response).id;
    const known = await store.streamers.pageOf(login.toLowerCase(), userId);
    if (known === null) {
      const streamer = await directory.byLogin(login);
      if (streamer.login !== login.toLowerCase()) {
        response.redirect(302, pages.url(`/streamers/${streamer.login}`));
        return;
      }
    }
    const page = known ?? (await store.streamers.pageOf(login.toLowerCase(), userId));
    if (page === null) throw new Error('A streamer vanished between being stored and being read');

    const { streamer, isFavourite } = page;
    const freshness = freshnessOf([streamer], now(), settings.pollIntervalS);
    if (!isFavourite) keepFresh(streamer);
    pages.send(request, response, 'streamer', {
      title: streamer.displayName,
      streamer,
      isFavourite,
      ...framesOf(streamer, schemeOf(request)),
      theatre: request.query['theatre'] === '1',
      isStale: freshness.isStale,
    });
  };
}

/** Asks the listener to follow whom nobody favours for as long as people look; once a minute is enough. */
function keeperOfFreshness({ store, logger, now }: HandlerParts): (streamer: Streamer) => void {
  const asked = new LRUCache<string, true>({ max: 5_000, ttl: 60_000 });
  return ({ id }) => {
    if (asked.has(id)) return;
    asked.set(id, true);
    store.streamers.request(id, now()).catch((error: unknown) => {
      logger.warn({ err: error }, 'A visit could not be noted');
    });
  };
}

/** Twitch's frames show themselves only to pages of the host named in `parent`. */
function createFrames({ publicUrl, playerUrl, chatUrl }: WebSettings) {
  const parent = `parent=${encodeURIComponent(new URL(publicUrl).hostname)}`;
  const player = new URL(playerUrl).href;
  return ({ login, broadcast }: Streamer, scheme: Theme) => ({
    playerUrl: broadcast === null ? null : `${player}?channel=${login}&${parent}&autoplay=true&muted=true`,
    chatUrl: `${chatUrl}/${login}/chat?${parent}${scheme === 'dark' ? '&darkpopout' : ''}`,
  });
}
