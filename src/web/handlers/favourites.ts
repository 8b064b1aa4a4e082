import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import { byName, freshnessOf } from '../../domain/live-wall.ts';
import type { ChannelMatch } from '../../domain/streamer.ts';
import { StreamerNotFoundError } from '../../domain/streamer-directory.ts';
import { TwitchError } from '../../twitch/index.ts';
import { userOf } from '../current-user.ts';
import { statusOf, toAppError } from '../errors.ts';
import type { HandlerParts } from '../parts.ts';
import { localPathOf, pageNumberOf, textOf } from '../query.ts';
import { publicPath } from '../settings.ts';
import { emptyAddForm, typedStreamer } from '../typed-form.ts';

const perPage = 100;

interface AddForm {
  value: string;
  error: string | null;
  matches: ChannelMatch[];
  /** True when nobody goes by what was typed. */
  isUnknown?: boolean;
}

/** The list, a hundred to a page, and the form to add to it, which `streamer` fills in. */
export function showFavourites(parts: HandlerParts): RequestHandler {
  return async (request, response) =>
    await sendList(parts, request, response, { ...emptyAddForm, value: typedStreamer(request.query) });
}

/** Adds whom the form names. A fault keeps what was typed. */
export function addFavourite(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const body: Record<string, unknown> = request.body ?? {};
    const value = typedStreamer(body);
    try {
      const { streamer, isNew } = await parts.favourites.add(userOf(response).id, value);
      parts.live.favouritesChanged(userOf(response).id);
      parts.hearing.favouritesChanged();
      response.redirect(
        303,
        wayBack(parts, body, `/favourites?${isNew ? 'added' : 'already'}=${streamer.id}`),
      );
    } catch (error) {
      const problem = toAppError(error);
      if (problem === null) throw error;
      // Without the database there is no list to show: the error page keeps the form.
      if (problem.code === 'unavailable' && !(error instanceof TwitchError)) throw error;
      if (problem.retryAfterS !== null) response.set('Retry-After', String(problem.retryAfterS));
      const matches = problem instanceof StreamerNotFoundError ? problem.matches : [];
      const isUnknown = problem instanceof StreamerNotFoundError;
      const form = { value, error: problem.message, matches, isUnknown };
      await sendList(parts, request, response, form, statusOf(problem));
    }
  };
}

/** Removes one; the page that follows offers to undo it. */
export function removeFavourite(parts: HandlerParts): RequestHandler<{ streamerId: string }> {
  return async (request, response) => {
    const { streamerId } = request.params;
    if (!(await parts.store.favourites.remove(userOf(response).id, streamerId))) {
      throw new AppError(
        'not-found',
        'That streamer is not one of your favourites, so there is nothing to remove.',
      );
    }
    parts.live.favouritesChanged(userOf(response).id);
    parts.hearing.favouritesChanged();
    response.redirect(303, wayBack(parts, request.body ?? {}, `/favourites?removed=${streamerId}`));
  };
}

/** The first version knew one favourite; its address leads to the page of the earliest. */
export function watchFirstFavourite({ store, pages }: HandlerParts): RequestHandler {
  return async (_request, response) => {
    const [id] = (await store.favourites.addedAt(userOf(response).id)).keys();
    const first = id === undefined ? null : await store.streamers.find(id);
    response.redirect(303, pages.url(first === null ? '/favourites' : `/streamers/${first.login}`));
  };
}

async function sendList(
  { store, pages, settings, now }: HandlerParts,
  request: Request,
  response: Response,
  form: AddForm,
  status = 200,
): Promise<void> {
  const all = (await store.favourites.ofUser(userOf(response).id)).toSorted(byName);
  const filter = (textOf(request.query['filter']) ?? '').trim().slice(0, 100);
  const wanted = filter.toLowerCase();
  const filtered = all.filter(
    (streamer) => streamer.login.includes(wanted) || streamer.displayName.toLowerCase().includes(wanted),
  );
  const lastPage = Math.max(1, Math.ceil(filtered.length / perPage));
  const page = Math.min(lastPage, pageNumberOf(request.query['page']));
  const removedId = textOf(request.query['removed']);
  const addedId = textOf(request.query['added']);
  const alreadyId = textOf(request.query['already']);
  const locals = {
    title: 'Favourites',
    here: pages.url('/favourites'),
    favourites: filtered.slice((page - 1) * perPage, page * perPage),
    total: all.length,
    ...freshnessOf(all, now(), settings.pollIntervalS),
    filtered: filtered.length,
    page,
    pages: lastPage,
    filter,
    form: {
      ...form,
      matches: form.matches.map((match) => ({
        ...match,
        isFavourite: all.some(({ id }) => id === match.id),
      })),
    },
    added: all.find((streamer) => streamer.id === addedId) ?? null,
    already: all.find((streamer) => streamer.id === alreadyId) ?? null,
    removed:
      removedId === null || all.some((streamer) => streamer.id === removedId)
        ? null
        : await store.streamers.find(removedId),
  };
  pages.send(request, response, 'favourites', locals, status);
}

function wayBack(
  { settings, pages }: HandlerParts,
  body: Record<string, unknown>,
  otherwise: string,
): string {
  return localPathOf(body['returnTo'], publicPath(settings), pages.url(otherwise));
}
