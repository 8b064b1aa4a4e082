import type { Account, Broadcast } from './account.ts';
import { WorldError, type World } from './world.ts';

/** A broadcast as Get Streams names it, which may have ended. */
export interface Listed {
  account: Account;
  broadcast: Broadcast;
}

/** Who is live as Get Streams has it: later than push (twitchdev/issues#558), and not in every answer. */
export interface StreamList {
  /** One answer about these, or about everybody (`null`); most watched first. */
  answer(accounts: ReadonlySet<Account> | null): Listed[];
  /** The list shows who was live so many milliseconds ago. */
  setLag(ms: number): void;
  lagMs(): number;
  /** Is missing from so many of the next answers, although live. */
  blink(login: string, times?: number): void;
  close(): void;
}

export function createStreamList(world: World, now: () => Date, startLagMs: number): StreamList {
  let lagMs = startLagMs;
  const ended = new Map<Account, { broadcast: Broadcast; at: number }>();
  const blinks = new Map<Account, number>();
  const close = world.changes.on((change) => {
    if (change.kind !== 'offline') return;
    ended.set(change.account, { broadcast: change.broadcast, at: now().getTime() });
  });

  const isRecent = (at: number) => now().getTime() - at < lagMs;
  /** The broadcast that ran a lag ago, if any. */
  const listed = (account: Account): Broadcast | null => {
    const last = ended.get(account);
    const shown = last !== undefined && isRecent(last.at) ? last.broadcast : account.broadcast;
    return shown === null || isRecent(shown.startedAt.getTime()) ? null : shown;
  };
  const hasBlinked = (account: Account): boolean => {
    const left = blinks.get(account) ?? 0;
    if (left > 0) blinks.set(account, left - 1);
    return left > 0;
  };

  return {
    answer: (accounts) =>
      [...(accounts ?? world.everybody())]
        .filter(({ banned }) => !banned)
        .flatMap((account) => {
          const broadcast = listed(account);
          return broadcast === null || hasBlinked(account) ? [] : [{ account, broadcast }];
        })
        .toSorted((one, other) => other.broadcast.viewers - one.broadcast.viewers),
    setLag: (ms) => void (lagMs = ms),
    lagMs: () => lagMs,
    blink(login, times = 1) {
      const account = world.find(login);
      if (account === null) throw new WorldError(`There is no account named ${login}.`);
      blinks.set(account, times);
    },
    close,
  };
}
