import type { Account } from './account.ts';
import { offlineImagePath, portraitPath, thumbnailPath } from './images.ts';
import type { Listed } from './stream-list.ts';

/** Twitch's field names and its odd values: `""` for absent, the profile image as a search result's thumbnail. */
export function userOnWire(account: Account, publicUrl: string): object {
  return {
    id: account.id,
    login: account.login,
    display_name: account.displayName,
    type: '',
    broadcaster_type: account.broadcasterType,
    description: account.description,
    profile_image_url: portraitOf(account, publicUrl),
    offline_image_url: account.broadcasterType === 'partner' ? offlineImagePath(publicUrl, account) : '',
    view_count: 0,
    created_at: timeOnWire(account.createdAt),
  };
}

export function streamOnWire({ account, broadcast }: Listed, publicUrl: string): object {
  return {
    id: broadcast.id,
    user_id: account.id,
    user_login: account.login,
    user_name: account.displayName,
    game_id: account.category?.id ?? '',
    game_name: account.category?.name ?? '',
    type: 'live',
    title: account.title,
    tags: account.tags,
    viewer_count: broadcast.viewers,
    started_at: timeOnWire(broadcast.startedAt),
    language: account.language,
    thumbnail_url: account.thumbnailUrl ?? thumbnailPath(publicUrl, account),
    tag_ids: [],
    is_mature: false,
  };
}

export function channelOnWire(account: Account): object {
  return {
    broadcaster_id: account.id,
    broadcaster_login: account.login,
    broadcaster_name: account.displayName,
    broadcaster_language: account.language,
    game_id: account.category?.id ?? '',
    game_name: account.category?.name ?? '',
    title: account.title,
    delay: 0,
    tags: account.tags ?? [],
    content_classification_labels: [],
    is_branded_content: false,
  };
}

export function matchOnWire(account: Account, publicUrl: string): object {
  return {
    broadcaster_language: account.language,
    broadcaster_login: account.login,
    display_name: account.displayName,
    game_id: account.category?.id ?? '',
    game_name: account.category?.name ?? '',
    id: account.id,
    is_live: account.broadcast !== null,
    tag_ids: [],
    tags: account.tags,
    thumbnail_url: portraitOf(account, publicUrl),
    title: account.title,
    started_at: timeOnWire(account.broadcast?.startedAt),
  };
}

function portraitOf(account: Account, publicUrl: string): string {
  return account.portraitUrl ?? portraitPath(publicUrl, account);
}

/** RFC 3339 in whole seconds; `""` for no time. */
function timeOnWire(time: Date | undefined): string {
  return time === undefined ? '' : `${time.toISOString().slice(0, 19)}Z`;
}
