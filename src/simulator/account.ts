import { categories, type Category } from './categories.ts';
import type { CastRow } from './cast.ts';
import { between, createRandom, seedOf } from './random.ts';

/** A broadcast on air. The title and the category belong to the channel, as on Twitch. */
export interface Broadcast {
  id: string;
  startedAt: Date;
  viewers: number;
}

/** One evening of a weekly schedule; `weekday` counts from Sunday = 0, `hour` is UTC. */
export interface Slot {
  weekday: number;
  hour: number;
  minutes: number;
}

/** An account with its channel. Change it through the world only, so that everybody hears of it. */
export interface Account {
  readonly id: string;
  login: string;
  displayName: string;
  description: string;
  readonly kind: 'streamer' | 'viewer';
  readonly broadcasterType: '' | 'affiliate' | 'partner';
  readonly createdAt: Date;
  language: string;
  title: string;
  category: Category | null;
  /** `null` goes out as `null`, which Twitch does too. */
  tags: string[] | null;
  /** `null` while offline. */
  broadcast: Broadcast | null;
  banned: boolean;
  /** What the drawings are made from: the first login, so that a rename keeps the face. */
  readonly look: string;
  /** About how many people watch when it is live. */
  readonly popularity: number;
  readonly schedule: readonly Slot[];
  /** Addresses sent instead of the drawn pictures', exactly as they are; `null`: the drawn ones. */
  portraitUrl: string | null;
  thumbnailUrl: string | null;
  /** When it last went live or offline. */
  changedAt: Date;
  /** When somebody last asked the API whether it is live. */
  askedAt: Date | null;
}

export type NewAccount = Partial<
  Pick<
    Account,
    'id' | 'displayName' | 'description' | 'kind' | 'language' | 'title' | 'category' | 'tags' | 'popularity'
  >
> & { login: string };

/** Everything that is not given is made up from the login, the same each time. */
export function createAccount(given: NewAccount): Account {
  const random = createRandom(seedOf(`account ${given.login}`));
  const popularity = given.popularity ?? between(random, 5, 4000);
  const language = given.language ?? 'en';
  return {
    id: given.id ?? String(100_000_000 + (seedOf(given.login) % 900_000_000)),
    login: given.login,
    displayName: given.displayName ?? given.login,
    description: given.description ?? '',
    kind: given.kind ?? 'streamer',
    broadcasterType: popularity > 4000 ? 'partner' : popularity > 100 ? 'affiliate' : '',
    createdAt: new Date(
      Date.UTC(2012 + between(random, 0, 12), between(random, 0, 11), between(random, 1, 28), 9, 11, 40),
    ),
    language,
    title: given.title ?? '',
    category: given.category ?? null,
    tags: given.tags === undefined ? madeUpTags(random, language) : given.tags,
    broadcast: null,
    banned: false,
    look: given.login,
    popularity,
    schedule: madeUpSchedule(random),
    portraitUrl: null,
    thumbnailUrl: null,
    changedAt: new Date(0),
    askedAt: null,
  };
}

export function accountOfCast([
  login,
  displayName,
  language,
  category,
  popularity,
  title,
  description,
]: CastRow): Account {
  return createAccount({
    login,
    displayName,
    language,
    popularity,
    title,
    description,
    category: category === '' ? null : categories[category],
  });
}

function madeUpTags(random: () => number, language: string): string[] | null {
  if (random() < 0.12) return null;
  const moods = ['Cozy', 'NewHere', 'NoSpoilers', 'BackSeatingAllowed', 'Chill', 'LongStreams', 'Lurkers'];
  const languageName = new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? 'English';
  return [languageName, ...moods.filter(() => random() < 0.3)];
}

function madeUpSchedule(random: () => number): Slot[] {
  if (random() < 0.15) return [];
  const hour = between(random, 8, 22);
  const minutes = between(random, 3, 9) * 30;
  return [0, 1, 2, 3, 4, 5, 6].filter(() => random() < 0.45).map((weekday) => ({ weekday, hour, minutes }));
}
