import { AppError } from './errors.ts';
import type { Streamer } from './streamer.ts';
import type { StreamerDirectory } from './streamer-directory.ts';
import { parseStreamerReference } from './streamer-reference.ts';

/** What favourites want of the database. */
export interface FavouriteStore {
  add(userId: string, streamerId: string): Promise<'added' | 'already'>;
  count(userId: string): Promise<number>;
}

/** How many favourites a user may keep. */
const mostFavourites = 2_000;

export type Favourites = ReturnType<typeof createFavourites>;

/** Adds favourites by what people type. */
export function createFavourites(parts: { store: FavouriteStore; directory: StreamerDirectory }) {
  return {
    /**
     * Adds whom `text` names; adding twice is no fault.
     * @throws AppError `invalid`, `conflict` when the list is full, or StreamerNotFoundError.
     */
    async add(userId: string, text: string): Promise<{ streamer: Streamer; isNew: boolean }> {
      const reference = parseStreamerReference(text);
      if ((await parts.store.count(userId)) >= mostFavourites) {
        throw new AppError(
          'conflict',
          `You have ${mostFavourites} favourites, which is the maximum. Remove one first.`,
        );
      }
      const streamer = await parts.directory.resolve(reference);
      return { streamer, isNew: (await parts.store.add(userId, streamer.id)) === 'added' };
    },
  };
}
