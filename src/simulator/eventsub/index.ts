import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Router } from 'express';
import { bareAnswer, type Faults } from '../faults.ts';
import type { Calls } from '../calls.ts';
import type { Random } from '../random.ts';
import type { RateLimit } from '../rate-limit.ts';
import type { Tokens } from '../tokens.ts';
import type { World } from '../world.ts';
import { createApi } from './api.ts';
import { createChatBans } from './chat-bans.ts';
import { createCommands, type Commands } from './commands.ts';
import { createConduits, shardTransportOnWire, type Conduit, type Shard } from './conduits.ts';
import { createDeliveries } from './deliveries.ts';
import { createHappenings, type Happenings } from './happenings.ts';
import { createOwnChannel, type OwnChannel } from './own-channel.ts';
import { createPost } from './post.ts';
import { twitchSettings, type EventSubSettings } from './settings.ts';
import { createSockets } from './sockets.ts';
import { tellStreams } from './stream-events.ts';
import { createSubscriptions, subscriptionOnWire, type Subscription } from './subscriptions.ts';
import { createWebhooks } from './webhooks.ts';

export type { Commands } from './commands.ts';
export type { Delivery } from './deliveries.ts';
export type { EventSubSettings } from './settings.ts';
export type { Subscription } from './subscriptions.ts';

interface Parts {
  clientId: string;
  basePath: string;
  world: World;
  tokens: Tokens;
  rateLimit: RateLimit;
  faults: Faults;
  calls: Calls;
  now: () => Date;
  random: Random;
  settings?: Partial<EventSubSettings>;
}

/** Twitch's EventSub, with commands. */
export interface EventSub extends Commands, Happenings, OwnChannel {
  /** The clocks and limits; what is changed holds for what begins afterwards. */
  settings: EventSubSettings;
  /** Mount it at `/helix/eventsub`. */
  router: Router;
  /** Takes over a request to upgrade to `/eventsub/ws`; anything else gets 404. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends timers, sockets and deliveries. */
  close(): void;
}

export function createEventSub(parts: Parts): EventSub {
  const { world, tokens, now, random, basePath, clientId } = parts;
  const settings = { ...twitchSettings, ...parts.settings };
  const subscriptions = createSubscriptions(now, settings);
  const webhooks = createWebhooks(settings, now);
  const deliveries = createDeliveries();
  const chatBans = createChatBans();
  const conduits = createConduits({
    now,
    settings,
    onDisabled: (conduit, shard) => tellDisabled(conduit, shard),
    onDeleted: ({ id }) =>
      endWhere(
        ({ transport }) => transport.method === 'conduit' && transport.conduitId === id,
        'conduit_deleted',
      ),
  });
  const sockets = createSockets({
    settings,
    now,
    basePath,
    onEnd({ id }, status) {
      endWhere(({ transport }) => transport.method === 'websocket' && transport.sessionId === id, status);
      conduits.endSession(id, status);
    },
  });
  const post = createPost({ settings, now, subscriptions, sockets, conduits, webhooks, deliveries });

  const endWhere = (fits: (subscription: Subscription) => boolean, status: string) => {
    for (const subscription of subscriptions.all())
      if (fits(subscription)) subscriptions.end(subscription, status);
  };
  const tellDisabled = (conduit: Conduit, { id, status, transport }: Shard) => {
    const event = {
      conduit_id: conduit.id,
      shard_id: id,
      status,
      transport: shardTransportOnWire(transport),
    };
    post.emit('conduit.shard.disabled', { client_id: clientId, conduit_id: conduit.id }, event);
    post.emit('conduit.shard.disabled', { client_id: clientId, conduit_id: '' }, event);
  };
  const verify = async (subscription: Subscription) => {
    const { transport, type, version } = subscription;
    if (transport.method !== 'webhook') return;
    const payload = { subscription: subscriptionOnWire(subscription) };
    const isProved = await webhooks.challenge(transport, type, version, payload);
    if (isProved) subscription.status = 'enabled';
    else subscriptions.end(subscription, 'webhook_callback_verification_failed');
  };
  const verifyShard = async (conduit: Conduit, shard: Shard) => {
    if (shard.transport.method !== 'webhook') return;
    const payload = { conduit_shard: { conduit_id: conduit.id, shard: shard.id } };
    const isProved = await webhooks.challenge(shard.transport, 'conduit.shard', '1', payload);
    const { method, callback, secret } = shard.transport;
    const status = isProved ? 'enabled' : 'webhook_callback_verification_failed';
    if (conduit.shards.get(shard.id) === shard)
      conduits.attach(conduit, shard.id, { method, callback, secret }, status);
  };

  const router = createApi({
    ...parts,
    settings,
    subscriptions,
    sockets,
    conduits,
    chatBans,
    onCreated(subscription) {
      const { transport } = subscription;
      if (transport.method === 'websocket') sockets.find(transport.sessionId)?.keep();
      void verify(subscription);
    },
    onAttached(conduit, shard) {
      if (shard.transport.method === 'websocket') sockets.find(shard.transport.sessionId)?.keep();
      void verifyShard(conduit, shard);
    },
  });
  const stopTelling = tellStreams(world, post, settings);
  const commands = createCommands({
    world,
    tokens,
    clientId,
    now,
    subscriptions,
    sockets,
    conduits,
    chatBans,
    post,
    deliveries,
  });

  return {
    ...commands,
    ...createHappenings({ world, random, post }),
    ...createOwnChannel({ world, random, post, now }),
    settings,
    router,
    upgrade(request, socket, head) {
      socket.on('error', () => undefined);
      const address = request.url ?? '';
      const [path = '', query = ''] = withoutBase(address, basePath).split('?');
      if (path !== '/eventsub/ws') {
        socket.end(bareAnswer(404));
        return;
      }
      const parameters = new URLSearchParams(query);
      parts.calls.note('GET', path, parameters);
      if (!parts.faults.strikeUpgrade(path, socket)) sockets.accept(request, parameters, socket, head);
    },
    close() {
      stopTelling();
      commands.stop();
      post.close();
      webhooks.close();
      sockets.close();
    },
  };
}

/** Whoever mounts it may have cut the path off already. */
function withoutBase(address: string, basePath: string): string {
  return address.startsWith(`${basePath}/`) ? address.slice(basePath.length) : address;
}
