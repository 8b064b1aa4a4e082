import type { Store as SessionStore } from 'express-session';
import type { Logger } from 'pino';
import type { FavouriteStore, Favourites } from '../domain/favourite.ts';
import type { SignIn } from '../domain/sign-in.ts';
import type { Streamer, StreamerCard } from '../domain/streamer.ts';
import type { StreamerDirectory } from '../domain/streamer-directory.ts';
import type { UserSession } from '../domain/user.ts';
import type { UserToken } from '../domain/user-token.ts';
import type { TwitchState } from '../twitch/index.ts';
import type { Assets } from './assets.ts';
import type { Pages } from './pages.ts';
import type { WebSettings } from './settings.ts';
import type { Render } from './templates.ts';

/** All that the web part is given by `main.ts`, which checks that it fits. */
export interface WebParts {
  settings: WebSettings;
  logger: Logger;
  now: () => Date;
  assets: Assets;
  render: Render;
  signIn: SignIn;
  directory: StreamerDirectory;
  favourites: Favourites;
  sessionStore: SessionStore;
  store: WebStore;
  twitch: { state(): TwitchState; revoke(accessToken: string): Promise<void> };
  /** True once the process has been told to end. */
  isDraining: () => boolean;
}

/** The same with the pages made of them: what handlers are built from. */
export type HandlerParts = WebParts & { pages: Pages };

/** What pages want of the database. Everything rejects with AppError `unavailable` when it does not answer. */
export interface WebStore {
  users: {
    memberSince(userId: string): Promise<Date | null>;
    remove(userId: string): Promise<unknown>;
  };
  tokens: {
    find(userId: string): Promise<UserToken | null>;
    remove(userId: string): Promise<unknown>;
  };
  sessions: {
    ofUser(userId: string): Promise<UserSession[]>;
    /** The `id` of the `UserSession` that a secret session id opens. */
    nameOf(sessionId: string): string;
    take(sessionId: string): Promise<boolean>;
    end(id: string, userId: string): Promise<boolean>;
    endAllOf(userId: string): Promise<number>;
  };
  streamers: {
    find(id: string): Promise<Streamer | null>;
    pageOf(login: string, userId: string): Promise<StreamerPage | null>;
    request(id: string, at: Date): Promise<unknown>;
    counts(): Promise<StreamerCounts>;
  };
  favourites: FavouriteStore & {
    remove(userId: string, streamerId: string): Promise<boolean>;
    /** The earliest favourite first. */
    ofUser(userId: string): Promise<StreamerCard[]>;
    has(userId: string, streamerIds: string[]): Promise<Set<string>>;
  };
  health: {
    ping(): Promise<unknown>;
    pendingMigrations(): Promise<number>;
  };
}

/** What the page of a streamer shows. `requestedAt`: when a visit was last noted. */
export interface StreamerPage {
  streamer: Streamer;
  isFavourite: boolean;
  requestedAt: Date | null;
}

/** How well the listener covers what it should. */
export interface StreamerCounts {
  /** Streamers that somebody favours. */
  favoured: number;
  live: number;
  unavailable: number;
  /** When Twitch last answered for the favoured one who has waited longest. */
  oldestPollAt: Date | null;
}
