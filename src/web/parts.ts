import type { Store as SessionStore } from 'express-session';
import type { Logger } from 'pino';
import type { EventFeed } from '../domain/event-feed.ts';
import type { FavouriteStore, Favourites } from '../domain/favourite.ts';
import type { SignIn } from '../domain/sign-in.ts';
import type { Streamer, StreamerCard } from '../domain/streamer.ts';
import type { StreamerDirectory } from '../domain/streamer-directory.ts';
import type { UserSession } from '../domain/user.ts';
import type { UserToken } from '../domain/user-token.ts';
import type { TwitchState } from '../twitch/index.ts';
import type { Assets } from './assets.ts';
import type { EventStore } from './event-store.ts';
import type { WebhookParts } from './handlers/webhook.ts';
import type { LiveStore, LiveStreams } from './live/streams.ts';
import type { Pages } from './pages.ts';
import type { WebSettings } from './settings.ts';
import type { Render } from './templates.ts';

/** All that the web part is given by `program.ts`, where the compiler checks that it fits. */
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
  feed: Pick<EventFeed, 'position' | 'subscribe'>;
  webhook: WebhookParts['webhook'];
  /** What listens to Twitch wants to know at once what people wish. */
  hearing: { favouritesChanged(): void; readersChanged(userId: string): void };
  twitch: { state(): TwitchState; revoke(accessToken: string): Promise<void> };
  /** True once the process has been told to end. */
  isDraining: () => boolean;
}

/** The same with the pages and streams made of them: what handlers are built from. */
export type HandlerParts = WebParts & { pages: Pages; live: LiveStreams };

/** What pages want of the database. Everything rejects with AppError `unavailable` when it does not answer. */
export interface WebStore {
  users: {
    signIns(userId: string): Promise<{ first: Date; last: Date } | null>;
    settings(userId: string): Promise<Wishes | null>;
    setChatEvents(userId: string, on: boolean): Promise<unknown>;
    setOwnKinds(userId: string, kinds: string[]): Promise<unknown>;
    remove(userId: string): Promise<unknown>;
  };
  tokens: {
    find(userId: string): Promise<UserToken | null>;
    remove(userId: string): Promise<unknown>;
  };
  events: LiveStore['events'] & EventStore;
  sessions: LiveStore['sessions'] & {
    ofUser(userId: string): Promise<UserSession[]>;
    /** The `id` of the `UserSession` that a secret session id opens. */
    nameOf(sessionId: string): string;
    spendState(state: string): Promise<boolean>;
    end(id: string, userId: string): Promise<boolean>;
    endAllOf(userId: string): Promise<number>;
  };
  streamers: {
    find(id: string): Promise<Streamer | null>;
    findByLogin(login: string): Promise<Streamer | null>;
    findByFormerLogin(login: string): Promise<Streamer | null>;
    pageOf(login: string, userId: string): Promise<StreamerPage | null>;
    request(id: string, at: Date): Promise<unknown>;
    onAir(since: Date, most: number): Promise<StreamerCard[]>;
    counts(): Promise<StreamerCounts>;
  };
  favourites: FavouriteStore &
    LiveStore['favourites'] & {
      remove(userId: string, streamerId: string): Promise<boolean>;
      /** In any order. */
      ofUser(userId: string): Promise<StreamerCard[]>;
      has(userId: string, streamerIds: string[]): Promise<Set<string>>;
      /** When each was added, by the streamer's id, the earliest first. */
      addedAt(userId: string): Promise<Map<string, Date>>;
    };
  /** What the listener last said of itself, wherever it runs. */
  reports: { find(name: 'hearing'): Promise<{ body: unknown; updatedAt: Date } | null> };
  health: { pendingMigrations(): Promise<number> };
}

/** What more than everybody's events a user wishes to hear. */
export interface Wishes {
  /** Since when *subs, gifts and raids* are on; `null` while off. */
  chatEventsSince: Date | null;
  /** Names of `ownKinds`. */
  ownKinds: string[];
}

/** What the page of a streamer shows. `isFavoured`: by anybody. `requestedAt`: when it was noted that somebody asks. */
export interface StreamerPage {
  streamer: Streamer;
  isFavourite: boolean;
  isFavoured: boolean;
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
