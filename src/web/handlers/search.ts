import type { RequestHandler } from 'express';
import { userOf } from '../current-user.ts';
import { statusOf, toAppError } from '../errors.ts';
import type { HandlerParts } from '../parts.ts';
import { inTime } from '../patience.ts';
import { textOf } from '../query.ts';

const longestQuery = 100;

/** Channels that match, with a mark on those that are favourites. */
export function showSearch({ pages, directory, store }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const query = queryOf(request.query['q']);
    const locals = { title: query === '' ? 'Search' : `Search: ${query}`, query, problem: null };
    if (query === '') {
      pages.send(request, response, 'search', { ...locals, matches: null });
      return;
    }
    const userId = userOf(response).id;
    try {
      const found = await inTime(directory.search(query));
      const favourites = await store.favourites.has(
        userId,
        found.map((match) => match.id),
      );
      const matches = found.map((match) => ({ ...match, isFavourite: favourites.has(match.id) }));
      pages.send(request, response, 'search', { ...locals, matches });
    } catch (error) {
      const problem = toAppError(error);
      if (problem === null) throw error;
      if (problem.retryAfterS !== null) response.set('Retry-After', String(problem.retryAfterS));
      const saying = { ...locals, matches: null, problem: problem.message };
      pages.send(request, response, 'search', saying, statusOf(problem));
    }
  };
}

/** The lines below a field while somebody types. Twitch's silence is said there. */
export function showSuggestions({ pages, directory, store, logger }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const query = queryOf(request.query['q']);
    const found = query.length < 2 ? [] : await inTime(directory.search(query)).catch(withoutSuggestions);
    const matches = (found ?? []).slice(0, 8);
    const favourites = await store.favourites.has(
      userOf(response).id,
      matches.map(({ id }) => id),
    );
    pages.sendPart(request, response, 'suggestions', {
      matches: matches.map((match) => ({ ...match, isFavourite: favourites.has(match.id) })),
      isSilent: found === null,
    });
  };

  function withoutSuggestions(error: unknown): null {
    logger.info({ err: error }, 'No suggestions: Twitch is not answering');
    return null;
  }
}

function queryOf(value: unknown): string {
  return (textOf(value) ?? '').trim().slice(0, longestQuery);
}
