import type { LiveStream, Profile } from '../../src/domain/streamer.ts';
import type { User } from '../../src/domain/user.ts';
import { createStore, createTokenCipher } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import type { OpenDatabase, TestDatabase } from '../support/databases.ts';

/** A store on a database of its own, with a clock that stands still until it is moved. */
export interface StoreFixture {
  store: Store;
  database: TestDatabase;
  clock: { time: number };
  /** The statements sent since it was last called. */
  takeStatements(): string[];
  close(): Promise<void>;
}

export const minute = 60_000;
export const day = 24 * 60 * minute;
export const start = Date.UTC(2026, 10, 1, 12);

/** Opens what a store's test needs. */
export async function openStore(open: OpenDatabase): Promise<StoreFixture> {
  const database = await open();
  const clock = { time: start };
  let statements: string[] = [];
  database.knex.on('query', ({ sql }: { sql: string }) => statements.push(sql));
  const store = createStore({
    knex: database.knex,
    tokenCipher: createTokenCipher(['a secret of a test']),
    now: () => clock.time,
  });
  return {
    store,
    database,
    clock,
    takeStatements() {
      const taken = statements;
      statements = [];
      return taken;
    },
    close: () => database.drop(),
  };
}

/** What that user has not read of the favourites, or of one of them. */
export async function unreadOf({ store, database }: StoreFixture, userId: string, streamerId?: string) {
  const [mark = 0] = await database.knex('users').where({ id: userId }).pluck<number[]>('read_event_id');
  const favourites = await store.favourites.ofUser(userId);
  const one = favourites.find(({ id }) => id === streamerId) ?? [];
  return await store.events.unreadSince(mark, streamerId === undefined ? favourites : one);
}

export function aUser(id = '501', more: Partial<User> = {}): User {
  return { id, login: `user_${id}`, displayName: `User ${id}`, profileImageUrl: null, ...more };
}

export function aProfile(id = '901', more: Partial<Profile> = {}): Profile {
  return {
    id,
    login: `streamer_${id}`,
    displayName: `Streamer ${id}`,
    description: '',
    profileImageUrl: `https://images.example/${id}.png`,
    offlineImageUrl: null,
    ...more,
  };
}

export function aLiveStream(streamerId = '901', more: Partial<LiveStream> = {}): LiveStream {
  return {
    id: `7${streamerId}`,
    streamerId,
    login: `streamer_${streamerId}`,
    displayName: `Streamer ${streamerId}`,
    title: 'Painting a fence',
    category: 'Art',
    language: 'en',
    viewers: 12,
    startedAt: new Date(start - 30 * minute),
    thumbnailUrl: 'https://images.example/{width}x{height}.jpg',
    ...more,
  };
}
