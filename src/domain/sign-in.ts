import { randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from './errors.ts';
import { askedScopes } from './scopes.ts';
import type { Profile } from './streamer.ts';
import type { TokenPair, UserToken } from './user-token.ts';
import type { User } from './user.ts';

/** A sign-in under way in one browser, kept in its session. */
export interface SignInAttempt {
  /** 256 random bits, base64url. */
  state: string;
  /** Where to go afterwards: a path of this app. */
  returnTo: string;
  /** Epoch milliseconds. */
  startedAt: number;
  /** What more than signing in Twitch was to let the user allow; absent for nothing. */
  scopes?: string[];
  /** Who was signed in and was to allow it. */
  userId?: string;
}

/** Thrown when somebody else answered than who was to allow more. Nothing of them is stored. */
export class OtherAccountError extends AppError {
  /** Who answered. */
  readonly displayName: string;

  constructor(displayName: string) {
    super('conflict', `At Twitch you were ${displayName}. Choose the account that you use here.`);
    this.displayName = displayName;
  }
}

/** What signing in wants of Twitch. `null` means that Twitch refuses. */
export interface SignInTwitch {
  authorizeUrl(request: { redirectUri: string; state: string; scopes: string[] }): string;
  exchangeCode(code: string, redirectUri: string): Promise<TokenPair | null>;
  validate(accessToken: string): Promise<{ clientId: string; userId: string | null } | null>;
  usersByIds(ids: string[]): Promise<Profile[]>;
  revoke(accessToken: string): Promise<void>;
}

/** What signing in wants of the database. */
export interface SignInStore {
  saveUser(user: User): Promise<void>;
  findToken(userId: string): Promise<UserToken | null>;
  /** Refreshes and stores it; `null` when Twitch no longer honours it, and then it stays as it is. */
  reviveToken(token: UserToken): Promise<UserToken | null>;
  saveToken(userId: string, pair: TokenPair): Promise<void>;
}

export type SignIn = ReturnType<typeof createSignIn>;

const attemptLastsMs = 10 * 60_000;
const longestCode = 512;
/** RFC 6749, 4.1.2.1 */
const denied = 'access_denied';

/** The OAuth authorization code flow, apart from its HTTP. */
export function createSignIn(parts: {
  twitch: SignInTwitch;
  store: SignInStore;
  clientId: string;
  redirectUri: string;
  isAllowed: (user: { id: string; login: string }) => boolean;
  now: () => Date;
  /** How long completing may take in all, in milliseconds. */
  deadlineMs?: number;
}) {
  const { twitch, store, clientId, redirectUri, isAllowed, now, deadlineMs = 9_000 } = parts;

  /** Ends with a stored pair, or with none left behind at Twitch. */
  async function finish(code: string, userId: string | null, deadline: AbortSignal): Promise<User> {
    const pair = await twitch.exchangeCode(code, redirectUri);
    if (pair === null) throw refused();
    let former: UserToken | null = null;
    try {
      const user = await identify(pair);
      former = await store.findToken(user.id);
      if (userId !== null && user.id !== userId) throw new OtherAccountError(user.displayName);
      refuseStranger(user);
      const wider = former !== null && isWider(former, pair) ? await alive(former) : null;
      // Whoever waited has been told to try again.
      if (deadline.aborted) throw late();
      await store.saveUser(user);
      if (wider === null) await store.saveToken(user.id, pair);
      const spare = wider === null ? former : pair;
      if (spare !== null && spare.accessToken !== (wider ?? pair).accessToken)
        revokeBehind(spare.accessToken);
      return user;
    } catch (error) {
      if (pair.accessToken !== former?.accessToken) revokeBehind(pair.accessToken);
      throw error;
    }
  }

  /** Access tokens last some hours, and what the user has allowed lasts as long as it can be refreshed. */
  async function alive(token: UserToken): Promise<UserToken | null> {
    return (await twitch.validate(token.accessToken)) === null ? await store.reviveToken(token) : token;
  }

  async function identify(pair: TokenPair): Promise<User> {
    const identity = await twitch.validate(pair.accessToken);
    if (identity === null || identity.userId === null || identity.clientId !== clientId) throw refused();
    const profile = (await twitch.usersByIds([identity.userId])).at(0);
    if (profile === undefined)
      throw new AppError(
        'unavailable',
        'Twitch does not know this account yet. Please try again in a moment.',
        { retryAfterS: 10 },
      );
    const { id, login, displayName, profileImageUrl } = profile;
    return { id, login, displayName, profileImageUrl };
  }

  function refuseStranger(user: User): void {
    if (isAllowed(user)) return;
    throw new AppError(
      'forbidden',
      `${user.displayName} is not on the list of people who may use this Followspot. Ask whoever runs it.`,
    );
  }

  /** Nobody waits for it, and a token that is not revoked ends by itself in some hours. */
  function revokeBehind(accessToken: string): void {
    twitch.revoke(accessToken).catch(() => undefined);
  }

  return {
    /**
     * A new attempt, to be kept in the session, and the address of Twitch's consent page. Signing in needs no
     * scope at all: the token itself names the user. What is asked for beyond is added to what `userId`, who
     * is signed in already, has allowed: a token carries exactly what its sign-in asked for.
     * @throws AppError `invalid` for a scope that is none of ours
     */
    async begin(
      returnTo: string,
      more: { scopes: string[]; userId: string | null } = { scopes: [], userId: null },
    ): Promise<{ attempt: SignInAttempt; url: string }> {
      if (!more.scopes.every((scope) => askedScopes.has(scope)))
        throw new AppError('invalid', 'Followspot does not ask Twitch for that.');
      const state = randomBytes(32).toString('base64url');
      const former =
        more.userId === null || more.scopes.length === 0 ? null : await store.findToken(more.userId);
      const scopes = [...new Set([...(former?.scopes ?? []), ...more.scopes])];
      return {
        attempt: {
          state,
          returnTo,
          startedAt: now().getTime(),
          ...(more.scopes.length > 0 && { scopes: more.scopes }),
          ...(more.scopes.length > 0 && more.userId !== null && { userId: more.userId }),
        },
        url: twitch.authorizeUrl({ redirectUri, state, scopes }),
      };
    },

    /**
     * The attempt to which Twitch's answer belongs.
     * @throws AppError `invalid` when the state is missing, unknown or older than ten minutes.
     */
    recognise(attempts: SignInAttempt[], state: string | null): SignInAttempt {
      const attempt = attempts.find((each) => state !== null && equalInConstantTime(each.state, state));
      if (attempt === undefined || now().getTime() - attempt.startedAt > attemptLastsMs) throw notYours();
      return attempt;
    },

    /**
     * Trades Twitch's code for a token and the token for a user, and stores both. With `userId` nobody else will do.
     * @throws OtherAccountError, AppError `invalid` when Twitch refuses the code, `forbidden` for who is not allowed here,
     * `unavailable` when it takes longer than a browser should wait.
     */
    async complete(code: string | null, userId: string | null = null): Promise<User> {
      if (code === null || code === '' || code.length > longestCode) throw notYours();
      const deadline = AbortSignal.timeout(deadlineMs);
      return await Promise.race([finish(code, userId, deadline), lateAt(deadline)]);
    },

    /** Whether an `error` of Twitch's means that the user did not allow it. */
    isRefusal: (error: string): boolean => error === denied,

    /** The sentence for an `error` with which Twitch sent the browser back. */
    refusal(error: string): AppError {
      return error === denied
        ? new AppError(
            'forbidden',
            'You did not let Followspot sign you in at Twitch. Nothing was stored. You can try again at any time.',
          )
        : new AppError(
            'invalid',
            'Twitch could not sign you in. Please try again. If it keeps happening, tell whoever runs this Followspot.',
          );
    },

    /** The sentence for an attempt that somebody else has already ended. */
    used: notYours,

    isAllowed,
  };
}

/** A new token carries what this sign-in asked for, and an earlier one may have been allowed more. */
function isWider(former: TokenPair, pair: TokenPair): boolean {
  return (
    former.accessToken !== pair.accessToken &&
    former.scopes.some((scope) => !pair.scopes.includes(scope)) &&
    pair.scopes.every((scope) => former.scopes.includes(scope))
  );
}

function notYours(): AppError {
  return new AppError(
    'invalid',
    'This sign-in was not started in this browser, or it has been used or has expired. Please try again.',
  );
}

function refused(): AppError {
  return new AppError(
    'invalid',
    'Twitch did not accept this sign-in: it may have taken too long. Please try again.',
  );
}

function lateAt(deadline: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    deadline.addEventListener('abort', () => reject(late()));
  });
}

function late(): AppError {
  return new AppError('unavailable', 'Twitch took too long to sign you in. Please try again in a moment.', {
    retryAfterS: 10,
  });
}

function equalInConstantTime(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
