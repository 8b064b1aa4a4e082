import { randomUUID } from 'node:crypto';
import type { Tokens } from '../tokens.ts';
import { WorldError, type World } from '../world.ts';
import { isChatType, kindOf } from './catalogue.ts';
import type { ChatBans } from './chat-bans.ts';
import type { Conduit, Conduits } from './conduits.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import type { Post } from './post.ts';
import type { Sockets } from './sockets.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

/** What can be made to go wrong, and what can be looked at. */
export interface Commands extends Pick<Post, 'duplicateNext' | 'delayNext' | 'holdBack' | 'release'> {
  /** Any event as it would go out, for what the other commands cannot say. */
  emit: Post['emit'];
  /** Closes every socket with one of 4000 to 4007; the subscriptions of each die. */
  closeSockets(code: number): void;
  /** Breaks every connection without a close frame; what was on it stays enabled for `lostSocketMs`. */
  dropSockets(): void;
  /** The sockets open now stay open and say nothing any more, keepalives included. */
  silence(): void;
  /** Sends `session_reconnect` to all. */
  reconnectSockets(): void;
  /** How many sessions are open. */
  openSockets(): number;
  /** The shard goes down as if its socket had broken; without ids, the first that is up. */
  disableShard(conduitId?: string, shardId?: string, status?: string): void;
  /** As if another program with the same application had made one, and watched this streamer by it. */
  addForeignConduit(login: string): Conduit;
  /** As Twitch does after 72 hours; without an id, all. */
  removeConduit(id?: string): void;
  /** Ends the enabled subscriptions of the type (`null`: all) and sends the revocations. Returns how many. */
  revokeSubscriptions(type: string | null, status: string): number;
  /** As if the person had disconnected the application: tokens, subscriptions, `user.authorization.revoke`. */
  disconnectApp(login: string): void;
  /** The chat of the channel ends what this reader has there, and lets them have nothing new. By logins. */
  banFromChat(channel: string, reader: string): void;
  unbanFromChat(channel: string, reader: string): void;
  subscriptions(): Subscription[];
  /** What became of the last 50,000 messages. */
  deliveries(): Delivery[];
  resetDeliveries(): void;
  /** Whom enabled subscriptions are about, by id. */
  subscribedTo(): Set<string>;
}

interface Parts {
  clientId: string;
  world: World;
  tokens: Tokens;
  now: () => Date;
  subscriptions: Subscriptions;
  sockets: Sockets;
  conduits: Conduits;
  chatBans: ChatBans;
  post: Post;
  deliveries: Deliveries;
}

export function createCommands(parts: Parts): Commands & { stop(): void } {
  const { clientId, world, tokens, subscriptions, sockets, conduits, post, deliveries } = parts;
  const enabled = () => subscriptions.all().filter(({ status }) => status === 'enabled');
  const idOf = (login: string) => {
    const account = world.find(login);
    if (account === null) throw new WorldError(`There is no account named ${login}.`);
    return account.id;
  };
  const stop = tokens.on(({ kind, userId }) => {
    if (kind === 'revoked')
      for (const subscription of enabled())
        if (isAllowedBy(subscription, userId)) post.revoke(subscription, 'authorization_revoked');
    const type = `user.authorization.${kind === 'granted' ? 'grant' : 'revoke'}`;
    const account = world.findById(userId);
    const names = { user_login: account?.login ?? null, user_name: account?.displayName ?? null };
    post.emit(type, { client_id: clientId }, { client_id: clientId, user_id: userId, ...names });
  });

  return {
    ...post,
    closeSockets: (code) => sockets.all().forEach((session) => session.close(code)),
    dropSockets: () => sockets.all().forEach((session) => session.drop()),
    silence: () => sockets.all().forEach((session) => session.silence()),
    reconnectSockets: () => sockets.reconnect(),
    openSockets: () => sockets.all().length,
    disableShard(conduitId, shardId, status = 'websocket_disconnected') {
      for (const conduit of conduits.all()) {
        if (conduitId !== undefined && conduit.id !== conduitId) continue;
        const up = [...conduit.shards.values()].filter((shard) => shard.status === 'enabled');
        const shard = up.find(({ id }) => shardId === undefined || id === shardId);
        if (shard !== undefined) return conduits.disable(conduit, shard, status);
      }
    },
    addForeignConduit(login) {
      const conduit = conduits.create(1);
      subscriptions.add({
        id: randomUUID(),
        type: 'stream.online',
        version: '1',
        condition: { broadcaster_user_id: idOf(login) },
        transport: { method: 'conduit', conduitId: conduit.id },
        cost: 1,
        createdAt: parts.now(),
        owner: null,
        status: 'enabled',
        endedAt: null,
      });
      return conduit;
    },
    removeConduit(id) {
      for (const conduit of conduits.all())
        if (id === undefined || conduit.id === id) conduits.remove(conduit.id);
    },
    revokeSubscriptions(type, status) {
      const chosen = enabled().filter((subscription) => type === null || subscription.type === type);
      for (const subscription of chosen) post.revoke(subscription, status);
      return chosen.length;
    },
    disconnectApp(login) {
      tokens.revokeUser(idOf(login));
    },
    banFromChat(channel, reader) {
      const [channelId, readerId] = [idOf(channel), idOf(reader)];
      parts.chatBans.ban(channelId, readerId);
      for (const each of enabled().filter(({ type }) => isChatType(type))) {
        const { broadcaster_user_id: place, user_id: who } = each.condition;
        if (place === channelId && who === readerId) post.revoke(each, 'chat_user_banned');
      }
    },
    unbanFromChat: (channel, reader) => parts.chatBans.unban(idOf(channel), idOf(reader)),
    subscriptions: () => subscriptions.all(),
    deliveries: () => deliveries.all(),
    resetDeliveries: () => deliveries.reset(),
    subscribedTo() {
      const fields = enabled().flatMap(({ condition }) => Object.entries(condition));
      return new Set(fields.filter(([name]) => name.endsWith('broadcaster_user_id')).map(([, id]) => id));
    },
    stop,
  };
}

/** It needs somebody's leave, and this is who gave it; or it hangs on the token of that user. */
function isAllowedBy({ type, condition, owner }: Subscription, userId: string): boolean {
  const authoriser = kindOf(type)?.authoriser ?? null;
  return owner === userId || (authoriser !== null && condition[authoriser] === userId);
}
