import { z } from 'zod';

/** The items of a page, and those that could not be read, as they came. */
export interface Page<T> {
  items: T[];
  skipped: unknown[];
}

/** What may be asked for: digits, and logins of at most 25 letters, digits and underscores in lower case. */
export const idPattern = /^\d{1,32}$/;
export const loginPattern = /^[a-z0-9_]{1,25}$/;

// Only what names a thing can make an item unreadable: a streamer is not lost for a number in their title.
const id = z.string().regex(idPattern);
const login = z.string().toLowerCase().regex(loginPattern);
const text = z.string().catch('');
const image = z
  .string()
  .regex(/^https?:\/\//)
  .nullable()
  .catch(null);
const instant = z.iso.datetime({ offset: true }).pipe(z.coerce.date());
const count = z.number().int().nonnegative().catch(0);

const envelope = z.object({ data: z.array(z.unknown()) });

const user = z
  .object({
    id,
    login,
    display_name: text,
    description: text,
    profile_image_url: image,
    offline_image_url: image,
  })
  .transform((wire) => ({
    id: wire.id,
    login: wire.login,
    displayName: wire.display_name || wire.login,
    description: wire.description,
    profileImageUrl: wire.profile_image_url,
    offlineImageUrl: wire.offline_image_url,
  }));
/** What Twitch tells of an account. */
export type Profile = z.output<typeof user>;

const channel = z
  .object({ broadcaster_id: id, title: text, game_name: text, broadcaster_language: text })
  .transform((wire) => ({
    id: wire.broadcaster_id,
    title: wire.title,
    category: wire.game_name,
    language: wire.broadcaster_language,
  }));
/** What a channel last announced, live or not. `id` is its owner's. */
export type ChannelInfo = z.output<typeof channel>;

const stream = z
  .object({
    id,
    user_id: id,
    user_login: login,
    user_name: text,
    title: text,
    game_name: text,
    language: text,
    viewer_count: count,
    started_at: instant,
    thumbnail_url: image,
  })
  .transform((wire) => ({
    id: wire.id,
    streamerId: wire.user_id,
    login: wire.user_login,
    displayName: wire.user_name || wire.user_login,
    title: wire.title,
    category: wire.game_name,
    language: wire.language,
    viewers: wire.viewer_count,
    startedAt: wire.started_at,
    thumbnailUrl: wire.thumbnail_url,
  }));
/** A running broadcast. `id` is the broadcast's; the thumbnail's address holds `{width}` and `{height}`. */
export type LiveStream = z.output<typeof stream>;

const match = z
  .object({
    id,
    broadcaster_login: login,
    display_name: text,
    title: text,
    game_name: text,
    thumbnail_url: image,
    is_live: z.boolean().catch(false),
  })
  .transform((wire) => ({
    id: wire.id,
    login: wire.broadcaster_login,
    displayName: wire.display_name || wire.broadcaster_login,
    title: wire.title,
    category: wire.game_name,
    profileImageUrl: wire.thumbnail_url,
    isLive: wire.is_live,
  }));
/** One line of the channel search. */
export type ChannelMatch = z.output<typeof match>;

// An array, one string, null or nothing, as the endpoint and the scopes have it.
const scopes = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(/\s+/).filter(Boolean))])
  .nullish()
  .transform((list) => list ?? []);
// Visible ASCII: it goes out in a header.
const token = z.string().regex(/^[\x21-\x7e]{1,2048}$/);
const lifetime = z.number().nonnegative().max(1e10);

const appToken = z.object({ access_token: token, expires_in: lifetime });
const tokenPair = appToken.extend({
  refresh_token: z
    .union([token, z.literal('')])
    .nullish()
    .transform((value) => value || null),
  scope: scopes,
});
/** The pair that a code or a refresh token buys. `expiresAt` belongs to the access token. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string | null;
  scopes: string[];
  expiresAt: Date;
}

const identity = z
  .object({
    client_id: z.string(),
    user_id: z.string().nullish(),
    login: z.string().nullish(),
    scopes,
  })
  .transform((wire) => ({
    clientId: wire.client_id,
    userId: wire.user_id || null,
    login: wire.login || null,
    scopes: wire.scopes,
  }));
/** Whose token it is; an app token has neither user nor login. */
export type TokenIdentity = z.output<typeof identity>;

/** Readers of Helix's pages. Each throws if the body is no page. */
export const readUsers = (body: unknown): Page<Profile> => readPage(body, user);
export const readChannels = (body: unknown): Page<ChannelInfo> => readPage(body, channel);
export const readStreams = (body: unknown): Page<LiveStream> => readPage(body, stream);
export const readMatches = (body: unknown): Page<ChannelMatch> => readPage(body, match);

/** Reads the answer to client credentials; `issuedAt` is when it was asked for. */
export function readAppToken(body: unknown, issuedAt: Date): { accessToken: string; expiresAt: Date } {
  const wire = appToken.parse(body);
  return { accessToken: wire.access_token, expiresAt: later(issuedAt, wire.expires_in) };
}

/** Reads the answer to a code or a refresh token; `issuedAt` is when it was asked for. */
export function readTokenPair(body: unknown, issuedAt: Date): TokenPair {
  const wire = tokenPair.parse(body);
  return {
    accessToken: wire.access_token,
    refreshToken: wire.refresh_token,
    scopes: wire.scope,
    expiresAt: later(issuedAt, wire.expires_in),
  };
}

/** Reads the answer of /validate. */
export const readIdentity = (body: unknown): TokenIdentity => identity.parse(body);

function readPage<T>(body: unknown, schema: z.ZodType<T>): Page<T> {
  const { data } = envelope.parse(body);
  const page: Page<T> = { items: [], skipped: [] };
  for (const item of data) {
    const read = schema.safeParse(item);
    if (read.success) page.items.push(read.data);
    else page.skipped.push(item);
  }
  return page;
}

function later(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
