import type { Account } from '../account.ts';
import type { Change } from '../changes.ts';
import type { World } from '../world.ts';
import type { Post } from './post.ts';
import type { EventSubSettings } from './settings.ts';
import { timeOnWire } from './time.ts';

/** Tells what changes in the world: `stream.online`, `stream.offline`, `channel.update`. Returns the way to stop. */
export function tellStreams(world: World, post: Post, settings: EventSubSettings): () => void {
  const described = new Map(world.everybody().map((account) => [account, descriptionOf(account)]));
  const tellUpdate = (account: Account) => {
    const description = descriptionOf(account);
    if (described.get(account) === description) return;
    described.set(account, description);
    post.emit('channel.update', about(account), updateOf(account));
  };
  return world.changes.on((change: Change) => {
    const { kind, account } = change;
    if (kind === 'added') described.set(account, descriptionOf(account));
    if (kind === 'updated' || kind === 'online') tellUpdate(account);
    if (kind === 'online') post.emit('stream.online', about(account), onlineOf(account));
    if (kind === 'offline') {
      const id = settings.offlineHasId ? { id: change.broadcast.id } : {};
      post.emit('stream.offline', about(account), { ...broadcaster(account), ...id });
    }
  });
}

/** The three fields that name the channel of an event, with a word in front for raids and the like. */
export function broadcaster({ id, login, displayName }: Account, prefix = ''): Record<string, string> {
  return {
    [`${prefix}broadcaster_user_id`]: id,
    [`${prefix}broadcaster_user_login`]: login,
    [`${prefix}broadcaster_user_name`]: displayName,
  };
}

/** The condition of what is about a channel. */
export function about({ id }: Account): Record<string, string> {
  return { broadcaster_user_id: id };
}

function onlineOf(account: Account): object {
  const { id = '', startedAt = new Date(0) } = account.broadcast ?? {};
  return { id, ...broadcaster(account), type: 'live', started_at: timeOnWire(startedAt) };
}

function updateOf(account: Account): object {
  const { title, language, category } = account;
  return {
    ...broadcaster(account),
    title,
    language,
    category_id: category?.id ?? '',
    category_name: category?.name ?? '',
    content_classification_labels: [],
  };
}

function descriptionOf({ title, language, category }: Account): string {
  return JSON.stringify([title, language, category?.id ?? '']);
}
