import type { Tokens } from '../tokens.ts';
import { isChatType } from './catalogue.ts';
import { RequestError } from './request-error.ts';
import type { EventSubSettings } from './settings.ts';
import type { Sockets } from './sockets.ts';
import { isDead, type Subscription, type Subscriptions, type Transport } from './subscriptions.ts';

/**
 * Throws 409 for one that exists and 429 for one too many. One that the user has on a socket of which Twitch has not
 * noticed that it is gone exists, too (Battle-Cattle/BCUK-Bot-4#569).
 */
export function enforceLimits(
  wanted: Subscription,
  parts: { settings: EventSubSettings; subscriptions: Subscriptions; sockets: Sockets; tokens: Tokens },
): void {
  const alive = parts.subscriptions.all().filter((subscription) => !isDead(subscription));
  const equal = alive.filter((other) => other.type === wanted.type && sameCondition(other, wanted));
  const twin = equal.find(
    (other) =>
      placeOf(other.transport) === placeOf(wanted.transport) ||
      (other.owner === wanted.owner && isLost(other.transport, parts.sockets)),
  );
  if (twin !== undefined) throw new RequestError(409, 'subscription already exists', { id: twin.id });
  if (equal.length >= 3)
    throw new RequestError(429, 'maximum subscriptions with type and condition exceeded');
  const own = alive.filter(({ owner }) => owner === wanted.owner);
  const { totalCost, maxTotalCost } = budgetOf(own, wanted.owner, parts.settings);
  if (totalCost + wanted.cost > maxTotalCost) throw new RequestError(429, 'cost exceeded');
  if (wanted.transport.method === 'websocket') enforceSocketLimits(wanted, own, parts.tokens);
}

/** What the owner's subscriptions cost, and what they may. */
export function budgetOf(
  own: readonly Subscription[],
  owner: string | null,
  { maxTotalCost }: EventSubSettings,
): { total: number; totalCost: number; maxTotalCost: number } {
  const counted = own.filter((subscription) => !isDead(subscription));
  const totalCost = counted.reduce((sum, { cost }) => sum + cost, 0);
  return { total: counted.length, totalCost, maxTotalCost: owner === null ? maxTotalCost : 10 };
}

function enforceSocketLimits(wanted: Subscription, own: readonly Subscription[], tokens: Tokens): void {
  const place = placeOf(wanted.transport);
  const others = new Set(own.map(({ transport }) => placeOf(transport)));
  const here = own.filter(({ transport }) => placeOf(transport) === place);
  others.delete(place);
  if (others.size >= 3) throw new RequestError(429, 'number of websocket transports limit exceeded');
  if (here.length >= 300) throw new RequestError(429, 'maximum subscriptions on this websocket exceeded');
  const channels = new Set(
    own
      .filter(({ type }) => isChatType(type))
      .map(channelOf)
      .filter(isForeign),
  );
  const channel = channelOf(wanted);
  if (!isChatType(wanted.type) || !isForeign(channel) || channels.has(channel)) return;
  if (channels.size >= 100) throw new RequestError(429, 'maximum chat channels for this user exceeded');

  function isForeign(id: string): boolean {
    return !tokens.hasConsented(id, []);
  }
}

function channelOf({ condition }: Subscription): string {
  return condition['broadcaster_user_id'] ?? '';
}

function sameCondition(one: Subscription, other: Subscription): boolean {
  return Object.entries(one.condition).every(([name, value]) => other.condition[name] === value);
}

function isLost(transport: Transport, sockets: Sockets): boolean {
  return transport.method === 'websocket' && sockets.find(transport.sessionId) === null;
}

function placeOf(transport: Transport): string {
  if (transport.method === 'websocket') return transport.sessionId;
  return transport.method === 'webhook' ? transport.callback : transport.conduitId;
}
