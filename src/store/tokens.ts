import type { TokenPair, UserToken } from '../domain/user-token.ts';
import type { Database } from './database.ts';
import { isMissingParent, toSignedOut } from './faults.ts';
import { isKey } from './text.ts';
import type { TokenCipher } from './token-cipher.ts';

export interface Tokens {
  /** `null` also when the stored pair cannot be opened any more: it is then as good as lost. */
  find(userId: string): Promise<UserToken | null>;
  /**
   * Replaces the pair, raises its version and ends a refresh that was claimed.
   * @throws AppError `unauthenticated` when the user does not exist any more.
   */
  save(userId: string, pair: TokenPair): Promise<void>;
  /**
   * Asks to be the one who refreshes this version, among all processes. The claim ends with `save`,
   * with `releaseRefresh`, or by itself at `until`.
   */
  claimRefresh(userId: string, version: number, until: Date): Promise<boolean>;
  /** Gives a claim back after a refresh that failed for the time being. */
  releaseRefresh(userId: string, version: number): Promise<void>;
  /** Users whose token was not validated since `before`, those longest ago first. */
  dueForValidation(before: Date, limit: number): Promise<string[]>;
  markValidated(userId: string, at: Date): Promise<void>;
  /** With a version: only if the pair has not been replaced since. False when there was none to remove. */
  remove(userId: string, version?: number): Promise<boolean>;
}

interface TokenRow {
  user_id: string;
  access_ciphertext: string;
  refresh_ciphertext: string | null;
  key_id: string;
  scopes: string;
  expires_at: number;
  version: number;
}

export function createTokens({ run }: Database, cipher: TokenCipher, now: () => number): Tokens {
  return {
    async find(userId) {
      if (!isKey(userId)) return null;
      const row = await run((knex) =>
        knex('tokens').first<TokenRow | undefined>().where({ user_id: userId }),
      );
      return row === undefined ? null : toUserToken(row, cipher);
    },
    save: (userId, pair) =>
      run(async (knex) => {
        const row = { ...toTokenRow(userId, pair, cipher), validated_at: now(), refreshing_until: null };
        await knex('tokens')
          .insert(row)
          .onConflict('user_id')
          .merge({ ...row, version: knex.raw('?? + 1', ['tokens.version']) });
      }).catch((error: unknown) => {
        throw isMissingParent(error) ? toSignedOut(error) : error;
      }),
    claimRefresh: (userId, version, until) =>
      run(async (knex) => {
        const claimed = await knex('tokens')
          .where({ user_id: userId, version })
          .where((free) => void free.whereNull('refreshing_until').orWhere('refreshing_until', '<=', now()))
          .update({ refreshing_until: until.getTime() });
        return claimed === 1;
      }),
    releaseRefresh: (userId, version) =>
      run(async (knex) => {
        await knex('tokens').where({ user_id: userId, version }).update({ refreshing_until: null });
      }),
    dueForValidation: (before, limit) =>
      run((knex) =>
        knex('tokens')
          .where('validated_at', '<', before.getTime())
          .orWhereNull('validated_at')
          .orderBy([{ column: 'validated_at' }, { column: 'user_id' }])
          .limit(limit)
          .pluck('user_id'),
      ),
    markValidated: (userId, at) =>
      run(async (knex) => {
        await knex('tokens').where({ user_id: userId }).update({ validated_at: at.getTime() });
      }),
    async remove(userId, version) {
      const pair = { user_id: userId, ...(version === undefined ? {} : { version }) };
      return (await run((knex) => knex('tokens').where(pair).delete())) > 0;
    },
  };
}

function toUserToken(row: TokenRow, cipher: TokenCipher): UserToken | null {
  const accessToken = cipher.open(row.access_ciphertext, row.key_id, `${row.user_id} access`);
  if (accessToken === null) return null;
  let refreshToken: string | null = null;
  if (row.refresh_ciphertext !== null) {
    refreshToken = cipher.open(row.refresh_ciphertext, row.key_id, `${row.user_id} refresh`);
    if (refreshToken === null) return null;
  }
  return {
    userId: row.user_id,
    accessToken,
    refreshToken,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    expiresAt: new Date(row.expires_at),
    version: row.version,
  };
}

function toTokenRow(userId: string, pair: TokenPair, cipher: TokenCipher): TokenRow {
  return {
    user_id: userId,
    access_ciphertext: cipher.seal(pair.accessToken, `${userId} access`),
    refresh_ciphertext:
      pair.refreshToken === null ? null : cipher.seal(pair.refreshToken, `${userId} refresh`),
    key_id: cipher.keyId,
    scopes: pair.scopes.join(' '),
    expires_at: pair.expiresAt.getTime(),
    version: 1,
  };
}
