import type { Account, Broadcast } from './account.ts';

/** What happened in the simulated world, told after it happened. */
export type Change =
  | {
      kind: 'online' | 'updated' | 'viewers' | 'profile' | 'banned' | 'unbanned' | 'added';
      account: Account;
    }
  /** With the broadcast that ended. */
  | { kind: 'offline'; account: Account; broadcast: Broadcast }
  | { kind: 'renamed'; account: Account; formerLogin: string };

export interface Changes {
  /** Returns the way to stop listening. */
  on(listener: (change: Change) => void): () => void;
  emit(change: Change): void;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(change) {
      for (const listener of listeners) listener(change);
    },
  };
}
