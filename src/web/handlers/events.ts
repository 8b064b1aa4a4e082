import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import { byName } from '../../domain/live-wall.ts';
import type { StreamerCard } from '../../domain/streamer.ts';
import { userOf } from '../current-user.ts';
import { exportEvents, mostExported } from '../event-export.ts';
import { eventGroups } from '../event-groups.ts';
import {
  chipsOf,
  eventQueryString,
  placeName,
  readEventQuery,
  zoneName,
  type UnderstoodQuery,
} from '../event-query.ts';
import type { HistoryFilter } from '../event-store.ts';
import { plainText } from '../event-words.ts';
import { dayName } from '../format.ts';
import type { HandlerParts } from '../parts.ts';
import { localPathOf, textOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { sinceAway } from '../since-away.ts';
import { look } from '../visits.ts';

const perPage = 50;

/** Whose history is read: of one streamer, or of all favourites, which can be chosen from. */
interface History {
  path: string;
  streamer: StreamerCard | null;
  /** What is read and what is new is told of favourites only. */
  isFavourite: boolean;
  favourites: StreamerCard[];
}

/** The history of all favourites. */
export function showEvents(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const favourites = (await parts.store.favourites.ofUser(userOf(response).id)).toSorted(byName);
    const history = { path: '/events', streamer: null, isFavourite: true, favourites };
    await sendHistory(parts, request, response, history);
  };
}

/** The history of one streamer, of whom the database knows. */
export function showStreamerEvents(parts: HandlerParts): RequestHandler<{ login: string }> {
  const { store, pages } = parts;
  return async (request, response) => {
    const login = request.params.login.toLowerCase();
    const known = await store.streamers.pageOf(login, userOf(response).id);
    if (known === null) {
      const renamed = await store.streamers.findByFormerLogin(login);
      if (renamed === null)
        throw new AppError(
          'not-found',
          `There are no events from a streamer called “${login.slice(0, 25)}”.`,
        );
      response.redirect(302, pages.url(`/streamers/${renamed.login}/events`));
      return;
    }
    const { streamer, isFavourite } = known;
    const path = `/streamers/${streamer.login}/events`;
    await sendHistory(parts, request, response, { path, streamer, isFavourite, favourites: [] });
  };
}

/** One entry at an address of its own. */
export function showEvent({ store, pages }: HandlerParts): RequestHandler<{ eventId: string }> {
  return async (request, response) => {
    const { eventId } = request.params;
    const event = /^[1-9]\d{0,14}$/.test(eventId) ? await store.events.find(Number(eventId)) : null;
    if (event === null)
      throw new AppError('not-found', 'There is no such event. Old events are deleted after a while.');
    const title = `${event.streamer.displayName}: ${plainText(event)}`;
    pages.send(request, response, 'event', { title, event });
  };
}

/** Marks as read what the page showed (`upTo`), or everything. */
export function markRead({ store, pages, settings }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const { upTo, returnTo }: Record<string, unknown> = request.body ?? {};
    const id = /^\d{1,15}$/.test(textOf(upTo) ?? '') ? Number(upTo) : null;
    if (id === null && upTo !== undefined && upTo !== '')
      throw new AppError('invalid', 'That is not an event you can mark as read.');
    await store.events.readUpTo(userOf(response).id, id);
    response.redirect(303, localPathOf(returnTo, publicPath(settings), pages.url('/')));
  };
}

async function sendHistory(
  parts: HandlerParts,
  request: Request<{ login: string }> | Request,
  response: Response,
  history: History,
): Promise<void> {
  const { store, pages, logger } = parts;
  const userId = userOf(response).id;
  const understood = readEventQuery(request.query);
  const { query, before } = understood;
  const chosen = history.favourites.find(
    ({ id, login }) => login === query.streamer.toLowerCase() || id === query.streamer,
  );
  const problem = understood.problem ?? strangerIn(understood, history, chosen);
  if (problem !== null && understood.format !== 'html') throw new AppError('invalid', problem);

  const scope = history.streamer === null ? { userId } : { streamerId: history.streamer.id };
  const filter = filterOf(understood, scope, history.favourites, chosen);
  if (problem === null && understood.format !== 'html') {
    const name = history.streamer?.login ?? 'followspot';
    await exportEvents({ events: store.events, logger }, response, understood.format, name, filter);
    return;
  }
  const nothing = { events: [], next: null };
  const mark = history.isFavourite ? look(parts, request, response) : Number.POSITIVE_INFINITY;
  const [found, unread] = await Promise.all([
    problem === null ? store.events.history(filter, perPage) : nothing,
    history.isFavourite ? store.events.unreadSince(mark, history.streamer ?? history.favourites) : null,
  ]);
  const link = (more: Record<string, string | null>) =>
    pages.url(history.path + eventQueryString(query, more));
  const title = history.streamer === null ? 'Events' : `Events of ${history.streamer.displayName}`;
  const locals = {
    title,
    ...history,
    ...found,
    mark,
    away: sinceAway(unread),
    awayFrom: history.streamer?.displayName ?? null,
    query,
    zone: zoneName(query),
    problem,
    problemAt: understood.problemAt,
    groups: eventGroups,
    isFirst: before === null,
    nextHref: found.next === null ? null : link({ before: placeName(found.next) }),
    searchedTo: found.next !== null && found.events.length < perPage ? found.next.at : null,
    mostExported,
    exports: { csv: link({ format: 'csv' }), json: link({ format: 'json' }) },
    chips: chipsOf(query, chosen?.displayName ?? null).map(({ label, without }) => ({
      label,
      href: pages.url(history.path + eventQueryString(without)),
    })),
    dayName,
  };
  pages.send(request, response, 'events', locals, problem === null ? 200 : 400);
}

function filterOf(
  { query, from, to, before }: UnderstoodQuery,
  scope: HistoryFilter['scope'],
  favourites: StreamerCard[],
  chosen: StreamerCard | undefined,
): HistoryFilter {
  return {
    scope,
    ...(query.kinds.length > 0 && { kinds: query.kinds }),
    ...(chosen !== undefined && { streamerId: chosen.id }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(query.q !== '' && { q: query.q, named: namedBy(query.q, favourites) }),
    ...(before !== null && { before }),
  };
}

/** An entry shows whose it is, but among its own words that name is not stored. */
function namedBy(words: string, favourites: StreamerCard[]): string[] {
  const wanted = words.toLowerCase();
  return favourites
    .filter(({ login, displayName }) => login.includes(wanted) || displayName.toLowerCase().includes(wanted))
    .map(({ id }) => id);
}

function strangerIn(
  { query }: UnderstoodQuery,
  { streamer }: History,
  chosen: StreamerCard | undefined,
): string | null {
  if (query.streamer === '' || chosen !== undefined || streamer !== null) return null;
  return `“${query.streamer}” is none of your favourites.`;
}
