import type { RequestHandler, Response } from 'express';
import type { SessionData } from 'express-session';
import { AppError } from '../../domain/errors.ts';
import { ownKinds } from '../../domain/own-channel.ts';
import { chatScope } from '../../domain/scopes.ts';
import { userOf } from '../current-user.ts';
import { leaveNotice, type NoticeName } from '../notices.ts';
import type { Pages } from '../pages.ts';
import type { HandlerParts, Wishes } from '../parts.ts';
import { publicPath } from '../settings.ts';

/** Turns *subs, gifts and raids* on (`on=1`) or off (`on=0`). On leads to Twitch, unless it has allowed it. */
export function wishChatEvents(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const { on }: Record<string, unknown> = request.body ?? {};
    if (on !== '1' && on !== '0')
      throw new AppError('invalid', 'Subs, gifts and raids are either on or off.');
    const { id } = userOf(response);
    await parts.store.users.setChatEvents(id, on === '1');
    parts.hearing.readersChanged(id);
    const scopes = on === '1' ? [chatScope] : [];
    await goOn(parts, response, id, scopes, on === '1' ? 'turned-on' : 'turned-off');
  };
}

/** Says what shall be heard of the user's own channel: the boxes that are ticked (`kind`), and no others. */
export function wishOwnChannel(parts: HandlerParts): RequestHandler {
  return async (request, response) => {
    const { kind }: Record<string, unknown> = request.body ?? {};
    const ticked: unknown[] = Array.isArray(kind) ? kind : kind === undefined ? [] : [kind];
    const wished = ownKinds.filter(({ name }) => ticked.includes(name));
    if (wished.length !== new Set(ticked).size)
      throw new AppError('invalid', 'Followspot cannot show that from a channel.');
    const { id } = userOf(response);
    await parts.store.users.setOwnKinds(
      id,
      wished.map(({ name }) => name),
    );
    parts.hearing.readersChanged(id);
    const scopes = wished.map(({ scope }) => scope);
    await goOn(parts, response, id, scopes, 'saved');
  };
}

export const noWishes: Wishes = { chatEventsSince: null, ownKinds: [] };

/** What the account page offers, and how far each wish has come. */
export function offersOf({ chatEventsSince, ownKinds: turnedOn }: Wishes, scopes: string[]) {
  return {
    chatEvents: {
      scope: chatScope,
      isOn: chatEventsSince !== null,
      since: chatEventsSince,
      isAllowed: scopes.includes(chatScope),
      isWorking: chatEventsSince !== null && scopes.includes(chatScope),
    },
    ownChannel: ownKinds.map(({ name, label, scope }) => ({
      name,
      label,
      scope,
      isOn: turnedOn.includes(name),
      isAllowed: scopes.includes(scope),
    })),
  };
}

/** What is on that needs one of these scopes, and has it, in words; `null` when that is nothing. */
export async function wordsOfOn(
  { store }: HandlerParts,
  userId: string,
  scopes: string[],
): Promise<string | null> {
  if (scopes.length === 0) return null;
  const [wishes, token] = await Promise.all([store.users.settings(userId), store.tokens.find(userId)]);
  const { chatEvents, ownChannel } = offersOf(wishes ?? noWishes, token?.scopes ?? []);
  const labels = [{ ...chatEvents, label: chatLabel }, ...ownChannel]
    .filter(({ scope, isOn, isAllowed }) => isOn && isAllowed && scopes.includes(scope))
    .map(({ label }) => label);
  return labels.length === 0 ? null : listed.format(labels);
}

/** Turns off what needs one of these scopes and may not have it; the names of what was turned off. */
export async function undoWishes(
  { store, hearing }: HandlerParts,
  userId: string,
  scopes: string[],
): Promise<string[]> {
  const [wishes, token] = await Promise.all([store.users.settings(userId), store.tokens.find(userId)]);
  const { chatEvents, ownChannel } = offersOf(wishes ?? noWishes, token?.scopes ?? []);
  const isRefused = (offer: { scope: string; isOn: boolean; isAllowed: boolean }) =>
    offer.isOn && !offer.isAllowed && scopes.includes(offer.scope);
  const refused = ownChannel.filter(isRefused).map(({ name }) => name);
  const kept = ownChannel.filter(({ name, isOn }) => isOn && !refused.includes(name));
  if (refused.length > 0)
    await store.users.setOwnKinds(
      userId,
      kept.map(({ name }) => name),
    );
  const isChatRefused = isRefused(chatEvents);
  if (isChatRefused) await store.users.setChatEvents(userId, false);
  hearing.readersChanged(userId);
  return isChatRefused ? [chatName, ...refused] : refused;
}

/** What to say to somebody who did not allow these, by name; anything else that is given is not said. */
export function refusedWords(names: string[]): string {
  const labels = [
    ...(names.includes(chatName) ? [chatLabel] : []),
    ...ownKinds.filter(({ name }) => names.includes(name)).map(({ label }) => label),
  ];
  if (labels.length === 0) return 'You stayed signed in. Nothing has changed.';
  return `You stayed signed in. ${listed.format(labels)} ${isOne(labels) ? 'was' : 'were'} not turned on.`;
}

/** What a user turned on and their token does not allow, as after a new sign-in; `null` when there is none. */
export function pausedWishes(
  { wishes }: SessionData,
  { url }: Pages,
): { words: string; href: string } | null {
  if (wishes === undefined) return null;
  const { chatEvents, ownChannel } = offersOf(wishes, wishes.scopes);
  const paused = [{ ...chatEvents, label: chatLabel }, ...ownChannel].filter(
    ({ isOn, isAllowed }) => isOn && !isAllowed,
  );
  const labels = paused.map(({ label }) => label);
  if (labels.length === 0) return null;
  const scopes = paused.map(({ scope }) => scope).join(' ');
  return {
    words: `${listed.format(labels)} ${isOne(labels) ? 'is' : 'are'} paused: Twitch asks for your permission again after you sign out.`,
    href: url(`/sign-in?${new URLSearchParams({ scopes, returnTo: url('/') }).toString()}`),
  };
}

const chatName = 'chat-events';
const chatLabel = 'Subs, gifts and raids';
const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' });

function isOne([first = '', ...others]: string[]): boolean {
  return others.length === 0 && !first.includes(' and ');
}

/** To Twitch for what it has not allowed yet, else back to the account, which confirms what was done. */
async function goOn(
  { store, pages, settings }: HandlerParts,
  response: Response,
  userId: string,
  wanted: string[],
  done: NoticeName,
): Promise<void> {
  const account = pages.url('/account');
  const allowed = (await store.tokens.find(userId))?.scopes ?? [];
  const missing = [...new Set(wanted)].filter((scope) => !allowed.includes(scope));
  if (missing.length === 0) {
    leaveNotice(response, done, publicPath(settings) || '/');
    return response.redirect(303, account);
  }
  const query = new URLSearchParams({ scopes: missing.join(' '), returnTo: account }).toString();
  response.redirect(303, pages.url(`/sign-in?${query}`));
}
