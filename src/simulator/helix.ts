import express, { type Router } from 'express';
import type { Account } from './account.ts';
import { admitted, refuse, type AdmissionParts } from './admission.ts';
import { pageOf } from './paging.ts';
import { parametersOf, single } from './parameters.ts';
import type { StreamList } from './stream-list.ts';
import type { LiveGrant } from './tokens.ts';
import { channelOnWire, matchOnWire, streamOnWire, userOnWire } from './wire.ts';
import type { World } from './world.ts';

interface Parts extends AdmissionParts {
  publicUrl: string;
  streamList: StreamList;
}

/** An answer's JSON, or what is wrong with the request as a sentence that goes out with 400. */
type Answer = object | string;

/** Twitch's `/helix`, with its limits and its quirks. Banned accounts are in no answer. */
export function createHelix(parts: Parts): Router {
  const router = express.Router();
  const resource = (
    path: string,
    answer: (parameters: URLSearchParams, grant: LiveGrant, parts: Parts) => Answer,
  ) =>
    router.get(path, (request, response) => {
      const grant = admitted(parts, request, response);
      if (grant === null) return;
      const body = answer(parametersOf(request), grant, parts);
      if (typeof body === 'string') refuse(response, 400, body);
      else response.json(body);
    });
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  resource('/users', users);
  resource('/streams', streams);
  resource('/channels', channels);
  resource('/search/channels', searchChannels);
  router.use((_request, response) => refuse(response, 404, ''));
  return router;
}

function users(parameters: URLSearchParams, grant: LiveGrant, { world, publicUrl }: Parts): Answer {
  const ids = parameters.getAll('id');
  const logins = parameters.getAll('login');
  if (ids.length + logins.length > 100)
    return 'The parameters "id" and "login" may be given 100 times together';
  if (!ids.every(isId) || !logins.every(isLogin))
    return 'Invalid username(s), email(s), or ID(s). Bad Identifiers.';
  if (ids.length + logins.length > 0)
    return listed(chosen(world, ids, logins), (account) => userOnWire(account, publicUrl));
  if (grant.userId === null) return 'Must provide an ID, Login or OAuth Token';
  return listed(chosen(world, [grant.userId], []), (account) => userOnWire(account, publicUrl));
}

function streams(parameters: URLSearchParams, _grant: LiveGrant, parts: Parts): Answer {
  const { world, publicUrl, streamList } = parts;
  const ids = parameters.getAll('user_id');
  const logins = parameters.getAll('user_login');
  const games = parameters.getAll('game_id');
  const languages = parameters.getAll('language');
  if ([ids, logins, games, languages].some(({ length }) => length > 100))
    return 'A parameter may be given 100 times';
  if (!ids.every(isId) || !logins.every(isLogin)) return 'Malformed query params.';
  const named = new Set(chosen(world, ids, logins));
  world.noteAsked([...named].map(({ id }) => id));
  const found = streamList
    .answer(ids.length + logins.length === 0 ? null : named)
    .filter(({ account: { category } }) => games.length === 0 || games.includes(category?.id ?? ''))
    .filter(({ account: { language } }) => languages.length === 0 || languages.includes(language));
  return paged(found, parameters, (listedStream) => streamOnWire(listedStream, publicUrl));
}

function channels(parameters: URLSearchParams, _grant: LiveGrant, { world }: Parts): Answer {
  const ids = parameters.getAll('broadcaster_id');
  if (ids.length === 0) return 'Missing required parameter "broadcaster_id"';
  if (ids.length > 100) return 'The parameter "broadcaster_id" may be given 100 times';
  if (!ids.every(isId))
    return 'The parameter "broadcaster_id" was malformed: the value must match the regular expression ^[0-9]+$';
  return listed(chosen(world, ids, []), channelOnWire);
}

function searchChannels(parameters: URLSearchParams, _grant: LiveGrant, { world, publicUrl }: Parts): Answer {
  const query = single(parameters, 'query')?.trim().toLowerCase() ?? '';
  if (query === '') return 'Missing required parameter "query"';
  const liveOnly = single(parameters, 'live_only') === 'true';
  const ranked = world
    .everybody()
    .filter(
      ({ kind, banned, broadcast }) => kind === 'streamer' && !banned && (!liveOnly || broadcast !== null),
    )
    .map((account) => ({ account, rank: likeness(account, query) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((one, other) => other.rank - one.rank || other.account.popularity - one.account.popularity);
  return paged(
    ranked.map(({ account }) => account),
    parameters,
    (account) => matchOnWire(account, publicUrl),
  );
}

/** 0 for no match; the whole name counts most, then its beginning, then any part, then words of the title. */
function likeness({ login, displayName, title }: Account, query: string): number {
  const names = [login, displayName.toLowerCase()];
  const compact = query.replaceAll(/\s/g, '');
  if (names.includes(query)) return 4;
  if (names.some((name) => name.startsWith(query) || name.startsWith(compact))) return 3;
  if (names.some((name) => name.includes(query) || name.replaceAll(/[\s_]/g, '').includes(compact))) return 2;
  return query.length > 2 && title.toLowerCase().includes(query) ? 1 : 0;
}

/** Those of the world that were asked for, each once; banned and unknown ones are silently missing. */
function chosen(world: World, ids: readonly string[], logins: readonly string[]): Account[] {
  const found = [...ids.map((id) => world.findById(id)), ...logins.map((login) => world.find(login))];
  return [...new Set(found)].filter((account) => account !== null).filter(({ banned }) => !banned);
}

function listed(accounts: readonly Account[], onWire: (account: Account) => object): Answer {
  return { data: accounts.map(onWire) };
}

function paged<Item>(
  items: readonly Item[],
  parameters: URLSearchParams,
  onWire: (item: Item) => object,
): Answer {
  const page = pageOf(items, parameters);
  if (typeof page === 'string') return page;
  return { data: page.items.map(onWire), pagination: page.cursor === null ? {} : { cursor: page.cursor } };
}

function isId(text: string): boolean {
  return /^\d+$/.test(text);
}

function isLogin(text: string): boolean {
  return /^\w{1,25}$/.test(text);
}
