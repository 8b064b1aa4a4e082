import { accountOfCast, createAccount, type Account, type Broadcast, type NewAccount } from './account.ts';
import { categoryNamed, type Category } from './categories.ts';
import { streamers, viewers } from './cast.ts';
import { createChanges, type Changes } from './changes.ts';
import { nastyText } from './nasty-text.ts';
import { seedOf } from './random.ts';

/** What a broadcast begins or goes on with; what is left out stays as it was. `category` is a name, `''` for none. */
export interface OnAir {
  title?: string;
  category?: string;
  language?: string;
  tags?: string[] | null;
  viewers?: number;
  startedAt?: Date;
}

/** The simulated world. Each command takes a login in any case, and throws `WorldError` for one that nobody has. */
export interface World {
  changes: Changes;
  everybody(): Account[];
  /** Those on air, most watched first. */
  live(): Account[];
  /** `null` for an unknown login; banned accounts are found. */
  find(login: string): Account | null;
  findById(id: string): Account | null;
  addStreamer(streamer: NewAccount): Account;
  /** Starts a broadcast; one that runs goes on with the new values. */
  goLive(login: string, onAir?: OnAir): Broadcast;
  goOffline(login: string): void;
  /** Title, category, language and tags of the channel, live or not. */
  describeChannel(login: string, channel: Omit<OnAir, 'viewers' | 'startedAt'>): void;
  setTitle(login: string, title: string): void;
  setViewers(login: string, viewers: number): void;
  setProfile(login: string, profile: { displayName?: string; description?: string }): void;
  /** The old login belongs to nobody afterwards. */
  rename(login: string, to: string): void;
  /** Ends the broadcast and leaves the account out of every answer. */
  ban(login: string): void;
  unban(login: string): void;
  /** Puts `text` (default: a nasty mixture) into every field that a person at Twitch can write, addresses included. */
  makeHostile(login: string, text?: string): void;
  /** Remembers that the API was asked about them: the demo's life prefers them. */
  noteAsked(ids: Iterable<string>): void;
}

export class WorldError extends Error {
  override readonly name = 'WorldError';
}

/** Everybody of the cast, all offline. */
export function createWorld(now: () => Date): World {
  const changes = createChanges();
  const accounts = new Map<string, Account>();
  let broadcasts = 0;

  const find = (login: string) => {
    const wanted = login.toLowerCase();
    for (const account of accounts.values()) if (account.login === wanted) return account;
    return null;
  };
  const known = (login: string) => {
    const account = find(login);
    if (account === null) throw new WorldError(`There is no account named ${login}.`);
    return account;
  };
  const add = (account: Account) => {
    if (accounts.has(account.id)) throw new WorldError(`The id ${account.id} is taken.`);
    if (find(account.login) !== null) throw new WorldError(`The login ${account.login} is taken.`);
    accounts.set(account.id, account);
    return account;
  };

  const describeChannel: World['describeChannel'] = (login, channel) => {
    const account = known(login);
    describe(account, channel);
    changes.emit({ kind: 'updated', account });
  };
  const end = (account: Account) => {
    const { broadcast } = account;
    if (broadcast === null) return;
    account.broadcast = null;
    account.changedAt = now();
    changes.emit({ kind: 'offline', account, broadcast });
  };

  for (const row of streamers) add(accountOfCast(row));
  for (const [login, displayName, language, description] of viewers) {
    add(createAccount({ login, displayName, language, description, kind: 'viewer', popularity: 3 }));
  }

  return {
    changes,
    everybody: () => [...accounts.values()],
    live: () =>
      [...accounts.values()]
        .filter(({ broadcast, banned }) => broadcast !== null && !banned)
        .toSorted((one, other) => (other.broadcast?.viewers ?? 0) - (one.broadcast?.viewers ?? 0)),
    find,
    findById: (id) => accounts.get(id) ?? null,
    addStreamer(streamer) {
      const account = add(createAccount({ ...streamer, login: checkedLogin(streamer.login) }));
      changes.emit({ kind: 'added', account });
      return account;
    },
    goLive(login, onAir = {}) {
      const account = known(login);
      if (account.banned) throw new WorldError(`${account.login} is banned.`);
      const starts = account.broadcast === null;
      broadcasts += starts ? 1 : 0;
      const broadcast = account.broadcast ?? {
        // Never the same twice, also after a restart.
        id: String(now().getTime() * 100 + (broadcasts % 100)),
        startedAt: now(),
        viewers: account.popularity,
      };
      broadcast.viewers = onAir.viewers ?? broadcast.viewers;
      broadcast.startedAt = onAir.startedAt ?? broadcast.startedAt;
      if (starts) account.changedAt = now();
      account.broadcast = broadcast;
      describe(account, onAir);
      changes.emit({ kind: starts ? 'online' : 'updated', account });
      return broadcast;
    },
    goOffline: (login) => end(known(login)),
    describeChannel,
    setTitle: (login, title) => describeChannel(login, { title }),
    setViewers(login, viewerCount) {
      const account = known(login);
      if (account.broadcast === null) throw new WorldError(`${account.login} is offline: nobody can watch.`);
      account.broadcast.viewers = viewerCount;
      changes.emit({ kind: 'viewers', account });
    },
    setProfile(login, profile) {
      const account = known(login);
      account.displayName = profile.displayName ?? account.displayName;
      account.description = profile.description ?? account.description;
      changes.emit({ kind: 'profile', account });
    },
    rename(login, to) {
      const account = known(login);
      const formerLogin = account.login;
      const newLogin = checkedLogin(to);
      const owner = find(newLogin);
      if (owner !== null && owner !== account) throw new WorldError(`The login ${newLogin} is taken.`);
      if (account.displayName.toLowerCase() === formerLogin) account.displayName = to;
      account.login = newLogin;
      changes.emit({ kind: 'renamed', account, formerLogin });
    },
    ban(login) {
      const account = known(login);
      end(account);
      account.banned = true;
      changes.emit({ kind: 'banned', account });
    },
    unban(login) {
      const account = known(login);
      account.banned = false;
      changes.emit({ kind: 'unbanned', account });
    },
    makeHostile(login, text = nastyText) {
      const account = known(login);
      const category: Category = { id: '666', name: text, scene: 'studio', titles: [] };
      Object.assign(account, {
        displayName: text,
        description: text,
        title: text,
        language: text,
        tags: [text],
        category,
      });
      Object.assign(account, {
        portraitUrl: `javascript:alert('${text}')`,
        thumbnailUrl: `${text}{width}x{height}`,
      });
      changes.emit({ kind: 'updated', account });
    },
    noteAsked(ids) {
      for (const id of ids) {
        const account = accounts.get(id);
        if (account !== undefined) account.askedAt = now();
      }
    },
  };
}

function describe(account: Account, { title, category, language, tags }: OnAir): void {
  if (title !== undefined) account.title = title;
  if (category !== undefined) account.category = category === '' ? null : categoryOf(category);
  if (language !== undefined) account.language = language;
  if (tags !== undefined) account.tags = tags;
}

function categoryOf(name: string): Category {
  return (
    categoryNamed(name) ?? {
      id: String(700_000 + (seedOf(name) % 100_000)),
      name,
      scene: 'studio',
      titles: [],
    }
  );
}

function checkedLogin(login: string): string {
  const lower = login.toLowerCase();
  if (!/^[a-z0-9_]{1,25}$/.test(lower))
    throw new WorldError(`A login has 1 to 25 of a-z, 0-9 and _: ${login}`);
  return lower;
}
