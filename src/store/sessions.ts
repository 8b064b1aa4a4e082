import { createHash } from 'node:crypto';
import type { UserSession } from '../domain/user.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './faults.ts';
import { isKey } from './text.ts';

export interface Sessions {
  /** Where a user is signed in, the latest first. */
  ofUser(userId: string): Promise<UserSession[]>;
  /** The `id` of the `UserSession` that this secret id opens. */
  nameOf(sessionId: string): string;
  /** Which of these `id`s of `UserSession`s are still good. */
  alive(ids: string[]): Promise<Set<string>>;
  /** Uses a sign-in's state. True for the one caller, among all processes, who is the first. */
  spendState(state: string): Promise<boolean>;
  /** `id` is that of a `UserSession`. False when it is not one of this user's. */
  end(id: string, userId: string): Promise<boolean>;
  /** How many ended. */
  endAllOf(userId: string): Promise<number>;
  /** Deletes at most `limit` sessions that are over; how many went. */
  sweep(limit: number): Promise<number>;
}

// Longer than any sign-in may take.
const usedStateLastsMs = 15 * 60_000;

interface SessionRow {
  id_hash: string;
  user_agent: string;
  created_at: number;
  seen_at: number;
}

export function createSessions({ run }: Database, now: () => number): Sessions {
  return {
    async ofUser(userId) {
      if (!isKey(userId)) return [];
      const rows = await run((knex) =>
        knex('sessions')
          .select<SessionRow[]>('id_hash', 'user_agent', 'created_at', 'seen_at')
          .where({ user_id: userId })
          .where('expires_at', '>', now())
          .orderBy([{ column: 'seen_at', order: 'desc' }, { column: 'id_hash' }]),
      );
      return rows.map(toUserSession);
    },
    nameOf: hashOf,
    async alive(ids) {
      const found = new Set<string>();
      for (const some of chunksOf(ids.filter(isKey))) {
        const good = await run((knex) =>
          knex('sessions')
            .whereIn('id_hash', some)
            .where('expires_at', '>', now())
            .pluck<string[]>('id_hash'),
        );
        for (const id of good) found.add(id);
      }
      return found;
    },
    async spendState(state) {
      try {
        await run((knex) => knex('sessions').insert(toUsedState(state, now())));
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
    async end(id, userId) {
      if (!isKey(id) || !isKey(userId)) return false;
      return (await run((knex) => knex('sessions').where({ id_hash: id, user_id: userId }).delete())) > 0;
    },
    async endAllOf(userId) {
      return isKey(userId) ? await run((knex) => knex('sessions').where({ user_id: userId }).delete()) : 0;
    },
    async sweep(limit) {
      const over = await run((knex) =>
        knex('sessions').where('expires_at', '<=', now()).limit(limit).pluck<string[]>('id_hash'),
      );
      if (over.length === 0) return 0;
      return await run((knex) =>
        knex('sessions').whereIn('id_hash', over).where('expires_at', '<=', now()).delete(),
      );
    },
  };
}

/** Kept as a session of nobody: it ends by itself, and no cookie opens it, for no session has such an id. */
function toUsedState(state: string, now: number) {
  const times = { created_at: now, seen_at: now, expires_at: now + usedStateLastsMs };
  return { id_hash: hashOf(`used state ${state}`), user_id: null, data: '{}', user_agent: '', ...times };
}

/** What is stored of a session's secret id. Whoever reads the table cannot become anyone. */
export function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}

function toUserSession(row: SessionRow): UserSession {
  return {
    id: row.id_hash,
    userAgent: row.user_agent,
    createdAt: new Date(row.created_at),
    seenAt: new Date(row.seen_at),
  };
}
