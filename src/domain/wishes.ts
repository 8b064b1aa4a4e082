import { ownWatches, type Broadcaster } from './own-channel.ts';
import { inOrder, type Favoured, type Watch } from './watch.ts';

/** What is wished, as the database knows it now. */
export interface Wishes {
  favoured(): Promise<Favoured[]>;
  broadcasters(): Promise<Broadcaster[]>;
  /** Users with a token of whatever scopes, in a lasting order. */
  tokenHolders(): Promise<string[]>;
}

/** All that is wished, the dearest first, with what concerns the app itself. */
export async function wishedOf(wishes: Wishes, app: Watch[] = []): Promise<Watch[]> {
  const [favoured, broadcasters, holders] = await Promise.all([
    wishes.favoured(),
    wishes.broadcasters(),
    wishes.tokenHolders(),
  ]);
  const own = broadcasters.flatMap((each) => ownWatches(each));
  return inOrder(favoured, [...app, ...own], new Set(holders));
}
