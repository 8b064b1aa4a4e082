import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** What a token stands for. `userId` is `null` for an app's own token. */
export interface Grant {
  userId: string | null;
  scopes: readonly string[];
}

export interface LiveGrant extends Grant {
  expiresInS: number;
}

/** A token answer before it is written as JSON; `refreshToken` is `null` for an app. */
export interface Issued extends LiveGrant {
  accessToken: string;
  refreshToken: string | null;
}

export interface TokenSettings {
  /** Lifetimes in seconds; Twitch's are about four hours and about two months. */
  userTokenS: number;
  appTokenS: number;
  codeS: number;
  /** Whether each refresh brings a new refresh token and kills the old one. */
  rotating: boolean;
}

/** A user has let the app in or has disconnected it. */
export interface TokenChange {
  kind: 'granted' | 'revoked';
  userId: string;
}

/**
 * Codes and tokens, in memory. What is unknown, dead or too old answers `null`. A refresh token is signed and
 * says whom it is for, so that one from before a restart still works: who tries the demo stays signed in.
 */
export interface Tokens {
  settings: TokenSettings;
  issueCode(userId: string, scopes: readonly string[], redirectUri: string): string;
  /** A code works once, also when the redirect URI does not match it. */
  redeemCode(code: string, redirectUri: string): Issued | 'invalid' | 'redirect-mismatch';
  issueAppToken(): Issued;
  /** `revoked`: it once worked; `invalid`: it never did, or a rotation replaced it. */
  refresh(refreshToken: string): Issued | 'invalid' | 'revoked';
  /** What a usable access token stands for. */
  check(accessToken: string): LiveGrant | null;
  /** Ends one access token; says whether there was one. */
  revoke(accessToken: string): boolean;
  /** Every access token of the user (`null`: of the app) is too old from now on; refresh tokens still work. */
  expireAccess(userId: string | null): void;
  /** As if the user had disconnected the app: every token dead, the consent forgotten. */
  revokeUser(userId: string): void;
  /** Whether the user allowed all these scopes before. */
  hasConsented(userId: string, scopes: readonly string[]): boolean;
  /** Who consented last, of those whose consent stands. */
  lastConsent(): string | null;
  /** How many codes and access tokens are in memory, those that expired a while ago aside. */
  kept(): number;
  /** Tells when a user has let the app in, and when the user has disconnected it. Returns the way to stop. */
  on(listener: (change: TokenChange) => void): () => void;
  /** How many refresh tokens of the user still work. */
  refreshTokensOf(userId: string): number;
}

export function createTokens(
  now: () => Date,
  signingKey: string,
  settings: Partial<TokenSettings> = {},
): Tokens {
  const chosen = { userTokenS: 14_400, appTokenS: 5_000_000, codeS: 600, rotating: false, ...settings };
  const codes = new Map<string, Grant & { userId: string; redirectUri: string; expiresAt: number }>();
  const access = new Map<string, Grant & { expiresAt: number }>();
  const refresh = new Map<string, RefreshGrant>();
  const consents = new Map<string, Set<string>>();
  const listeners = new Set<(change: TokenChange) => void>();
  const tell = (kind: TokenChange['kind'], userId: string) => {
    for (const listener of listeners) listener({ kind, userId });
  };
  const allow = (userId: string, scopes: readonly string[]) => {
    const allowed = new Set([...(consents.get(userId) ?? []), ...scopes]);
    consents.delete(userId);
    consents.set(userId, allowed);
  };
  const after = (seconds: number) => now().getTime() + seconds * 1000;

  const forgetExpired = (kept: Map<string, { expiresAt: number }>) => {
    for (const [token, { expiresAt }] of kept) if (expiresAt <= now().getTime()) kept.delete(token);
  };
  const issueAccess = ({ userId, scopes }: Grant, refreshToken: string | null): Issued => {
    const expiresInS = userId === null ? chosen.appTokenS : chosen.userTokenS;
    const accessToken = randomBytes(15).toString('hex');
    forgetExpired(access);
    access.set(accessToken, { userId, scopes, expiresAt: after(expiresInS) });
    return { accessToken, refreshToken, userId, scopes, expiresInS };
  };
  const issuePair = (userId: string, scopes: readonly string[]) => {
    const refreshToken = signed({ userId, scopes }, signingKey);
    refresh.set(refreshToken, { userId, scopes, state: 'alive' });
    return issueAccess({ userId, scopes }, refreshToken);
  };
  const expireAccess = (userId: string | null) => {
    for (const [token, grant] of access) if (grant.userId === userId) access.delete(token);
  };

  return {
    settings: chosen,
    issueCode(userId, scopes, redirectUri) {
      const code = randomBytes(15).toString('hex');
      forgetExpired(codes);
      codes.set(code, { userId, scopes, redirectUri, expiresAt: after(chosen.codeS) });
      allow(userId, scopes);
      return code;
    },
    redeemCode(code, redirectUri) {
      const found = codes.get(code);
      codes.delete(code);
      if (found === undefined || found.expiresAt <= now().getTime()) return 'invalid';
      if (found.redirectUri !== redirectUri) return 'redirect-mismatch';
      tell('granted', found.userId);
      return issuePair(found.userId, found.scopes);
    },
    issueAppToken: () => issueAccess({ userId: null, scopes: [] }, null),
    refresh(refreshToken) {
      const found = refresh.get(refreshToken) ?? opened(refreshToken, signingKey);
      if (found === null || found.state === 'replaced') return 'invalid';
      if (found.state === 'revoked') return 'revoked';
      // One from before a restart: whoever has it has consented once.
      if (!refresh.has(refreshToken)) allow(found.userId, found.scopes);
      refresh.set(refreshToken, found);
      if (!chosen.rotating) return issueAccess(found, refreshToken);
      found.state = 'replaced';
      return issuePair(found.userId, found.scopes);
    },
    check(accessToken) {
      const found = access.get(accessToken);
      const leftMs = (found?.expiresAt ?? 0) - now().getTime();
      if (found === undefined || leftMs <= 0) return null;
      return { userId: found.userId, scopes: found.scopes, expiresInS: Math.ceil(leftMs / 1000) };
    },
    revoke: (accessToken) => access.delete(accessToken),
    expireAccess,
    revokeUser(userId) {
      expireAccess(userId);
      for (const grant of refresh.values()) if (grant.userId === userId) grant.state = 'revoked';
      for (const [code, grant] of codes) if (grant.userId === userId) codes.delete(code);
      consents.delete(userId);
      tell('revoked', userId);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hasConsented(userId, scopes) {
      const allowed = consents.get(userId);
      return allowed !== undefined && scopes.every((scope) => allowed.has(scope));
    },
    lastConsent: () => [...consents.keys()].at(-1) ?? null,
    kept: () => codes.size + access.size,
    refreshTokensOf: (userId) =>
      [...refresh.values()].filter((grant) => grant.userId === userId && grant.state === 'alive').length,
  };
}

interface RefreshGrant extends Grant {
  userId: string;
  state: 'alive' | 'replaced' | 'revoked';
}

const grantSchema = z.object({ userId: z.string(), scopes: z.array(z.string()) });

function signed(grant: { userId: string; scopes: readonly string[] }, key: string): string {
  const body = Buffer.from(JSON.stringify({ ...grant, random: randomBytes(12).toString('hex') })).toString(
    'base64url',
  );
  return `${body}.${signatureOf(body, key)}`;
}

function opened(token: string, key: string): RefreshGrant | null {
  const [body = '', signature = ''] = token.split('.');
  if (signature !== signatureOf(body, key)) return null;
  const grant = grantSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  return { ...grant, state: 'alive' };
}

function signatureOf(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('base64url');
}
