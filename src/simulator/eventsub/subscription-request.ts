import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { LiveGrant, Tokens } from '../tokens.ts';
import type { World } from '../world.ts';
import { isCallback, isSecret } from './callbacks.ts';
import type { ChatBans } from './chat-bans.ts';
import { isChatType, kindOf, type Kind } from './catalogue.ts';
import type { Conduits } from './conduits.ts';
import { enforceLimits } from './limits.ts';
import { RequestError } from './request-error.ts';
import type { EventSubSettings } from './settings.ts';
import type { Sockets } from './sockets.ts';
import type { Subscription, Subscriptions, Transport } from './subscriptions.ts';

/** What decides about a wish to subscribe. */
export interface RequestParts {
  clientId: string;
  settings: EventSubSettings;
  world: World;
  tokens: Tokens;
  now: () => Date;
  subscriptions: Subscriptions;
  sockets: Sockets;
  conduits: Conduits;
  chatBans: ChatBans;
}

/** The subscription that the body asks for, not kept yet. Throws `RequestError` in the order of Twitch's checks. */
export function subscriptionFrom(body: unknown, grant: LiveGrant, parts: RequestParts): Subscription {
  const asked = requestSchema.safeParse(body);
  if (!asked.success) throw new RequestError(400, 'missing or malformed fields in the request body');
  const { type, version } = asked.data;
  const kind = kindOf(type);
  if (kind === null) throw new RequestError(400, `unknown subscription type: ${type.slice(0, 60)}`);
  if (kind.version !== version) throw new RequestError(400, 'invalid subscription type and version');
  const transport = transportFrom(asked.data.transport, grant, parts);
  const condition = conditionFrom(asked.data.condition, type, kind, parts);
  const isSocket = transport.method === 'websocket';
  requireAuthorisation(type, kind, condition, isSocket ? grant : null, parts);
  const subscription: Subscription = {
    id: randomUUID(),
    type,
    version,
    condition,
    transport,
    cost: costOf(kind, condition, parts.tokens),
    createdAt: parts.now(),
    owner: isSocket ? grant.userId : null,
    status: transport.method === 'webhook' ? 'webhook_callback_verification_pending' : 'enabled',
    endedAt: null,
  };
  enforceLimits(subscription, parts);
  return subscription;
}

const requestSchema = z.object({
  type: z.string(),
  version: z.string(),
  condition: z.record(z.string(), z.string()),
  transport: z.object({
    method: z.string(),
    callback: z.string().optional(),
    secret: z.string().optional(),
    session_id: z.string().optional(),
    conduit_id: z.string().optional(),
  }),
});

type AskedTransport = z.infer<typeof requestSchema>['transport'];

function transportFrom(asked: AskedTransport, grant: LiveGrant, parts: RequestParts): Transport {
  const { method, callback = '', secret = '', session_id = '', conduit_id = '' } = asked;
  if (method !== 'websocket' && method !== 'webhook' && method !== 'conduit')
    throw new RequestError(400, 'unsupported transport method');
  if ((method === 'websocket') !== (grant.userId !== null))
    throw new RequestError(
      401,
      `a ${method} transport needs ${grant.userId === null ? 'a user' : 'an app'} access token`,
    );
  if (method === 'websocket') {
    const session = parts.sockets.find(session_id);
    if (session === null)
      throw new RequestError(400, 'websocket transport session does not exist or has already disconnected');
    return { method, sessionId: session.id, connectedAt: session.connectedAt, disconnectedAt: null };
  }
  if (method === 'webhook') {
    if (!isCallback(callback, parts.settings.allowsPlainCallbacks))
      throw new RequestError(400, 'callback must be https and use the standard port');
    if (!isSecret(secret)) throw new RequestError(400, 'secret must be 10 to 100 ASCII characters');
    return { method, callback, secret };
  }
  if (parts.conduits.find(conduit_id) === null) throw new RequestError(400, 'invalid conduit id');
  return { method, conduitId: conduit_id };
}

function conditionFrom(
  asked: Record<string, string>,
  type: string,
  { required, optional }: Kind,
  { world, clientId }: RequestParts,
): Record<string, string> {
  const allowed = [...required, ...optional];
  const stray = Object.keys(asked).find((name) => !allowed.includes(name));
  if (stray !== undefined) throw new RequestError(400, `invalid condition: ${stray.slice(0, 60)}`);
  const condition = Object.fromEntries(allowed.map((name) => [name, asked[name] ?? '']));
  const missing = required.find((name) => condition[name] === '');
  const given = Object.values(condition).filter((value) => value !== '');
  if (missing !== undefined || (type === 'channel.raid' && given.length !== 1))
    throw new RequestError(400, `missing or too many conditions for ${type}`);
  for (const [name, value] of Object.entries(condition)) {
    if (value === '') continue;
    const isKnown = name.endsWith('user_id') ? world.findById(value)?.banned === false : true;
    if (!isKnown || (name === 'client_id' && value !== clientId))
      throw new RequestError(400, `condition ${name} is invalid`);
  }
  return condition;
}

/** `grant`: the user token of a socket; `null`: an app token, where the users must have allowed it before. */
function requireAuthorisation(
  type: string,
  { authoriser, scope }: Kind,
  condition: Record<string, string>,
  grant: LiveGrant | null,
  { tokens, chatBans }: RequestParts,
): void {
  if (authoriser === null) return;
  const person = condition[authoriser] ?? '';
  const channel = condition['broadcaster_user_id'] ?? '';
  if (grant !== null && (grant.userId !== person || !grant.scopes.includes(scope))) throw unauthorised();
  const needed = grant === null && isChatType(type) ? [scope, 'user:bot'] : [scope];
  if (!tokens.hasConsented(person, needed)) throw unauthorised();
  if (isChatType(type) && chatBans.isBanned(channel, person)) throw unauthorised();
  // Nobody has moderators here but the broadcasters themselves.
  if (authoriser === 'moderator_user_id' && person !== channel) throw unauthorised();
  const isBot = grant === null && isChatType(type) && person !== channel;
  if (isBot && !tokens.hasConsented(channel, ['channel:bot'])) throw unauthorised();
}

function unauthorised(): RequestError {
  return new RequestError(403, 'subscription missing proper authorization');
}

function costOf({ authoriser }: Kind, condition: Record<string, string>, tokens: Tokens): number {
  const users = Object.entries(condition).filter(([name, id]) => name.endsWith('user_id') && id !== '');
  if (authoriser !== null || users.length === 0) return 0;
  return users.every(([, id]) => tokens.hasConsented(id, [])) ? 0 : 1;
}
