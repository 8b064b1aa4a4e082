import { randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from './errors.ts';
import type { Profile } from './streamer.ts';
import type { TokenPair } from './user-token.ts';
import type { User } from './user.ts';

/** A sign-in under way in one browser, kept in its session. */
export interface SignInAttempt {
  /** 256 random bits, base64url. */
  state: string;
  /** Where to go afterwards: a path of this app. */
  returnTo: string;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** What signing in wants of Twitch. `null` means that Twitch refuses. */
export interface SignInTwitch {
  authorizeUrl(request: {
    redirectUri: string;
    state: string;
    scopes: string[];
    forceVerify?: boolean;
  }): string;
  exchangeCode(code: string, redirectUri: string): Promise<TokenPair | null>;
  validate(accessToken: string): Promise<{ clientId: string; userId: string | null } | null>;
  usersByIds(ids: string[]): Promise<Profile[]>;
  revoke(accessToken: string): Promise<void>;
}

/** What signing in wants of the database. */
export interface SignInStore {
  saveUser(user: User): Promise<void>;
  saveToken(userId: string, pair: TokenPair): Promise<void>;
}

export type SignIn = ReturnType<typeof createSignIn>;

const attemptLastsMs = 10 * 60_000;
const longestCode = 512;

/** The OAuth authorization code flow, apart from its HTTP. */
export function createSignIn(parts: {
  twitch: SignInTwitch;
  store: SignInStore;
  clientId: string;
  redirectUri: string;
  isAllowed: (user: { id: string; login: string }) => boolean;
  now: () => Date;
}) {
  const { twitch, store, clientId, redirectUri, isAllowed, now } = parts;

  return {
    /** A new attempt, to be kept in the session, and the address of Twitch's consent page. */
    begin(returnTo: string): { attempt: SignInAttempt; url: string } {
      const state = randomBytes(32).toString('base64url');
      return {
        attempt: { state, returnTo, startedAt: now().getTime() },
        // Signing in needs no scope at all: the token itself names the user.
        url: twitch.authorizeUrl({ redirectUri, state, scopes: [] }),
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
     * Trades Twitch's code for a token and the token for a user, and stores both.
     * @throws AppError `invalid` when Twitch refuses the code, `forbidden` for who is not allowed here.
     */
    async complete(code: string | null): Promise<User> {
      if (code === null || code === '' || code.length > longestCode) throw notYours();
      const pair = await twitch.exchangeCode(code, redirectUri);
      const identity = pair === null ? null : await twitch.validate(pair.accessToken);
      if (pair === null || identity === null || identity.userId === null || identity.clientId !== clientId) {
        throw new AppError(
          'invalid',
          'Twitch did not accept this sign-in: it may have taken too long. Please try again.',
        );
      }
      const profile = (await twitch.usersByIds([identity.userId])).at(0);
      if (profile === undefined)
        throw new AppError(
          'unavailable',
          'Twitch does not know this account yet. Please try again in a moment.',
          { retryAfterS: 10 },
        );

      if (!isAllowed(profile)) {
        await twitch.revoke(pair.accessToken);
        throw new AppError(
          'forbidden',
          `${profile.displayName} is not on the list of people who may use this Followspot. Ask whoever runs it.`,
        );
      }
      const { id, login, displayName, profileImageUrl } = profile;
      const user = { id, login, displayName, profileImageUrl };
      await store.saveUser(user);
      await store.saveToken(id, pair);
      return user;
    },

    /** The sentence for an `error` with which Twitch sent the browser back. */
    refusal(error: string): AppError {
      return error === 'access_denied'
        ? new AppError(
            'forbidden',
            'You did not let Followspot sign you in at Twitch. Nothing was stored. You can try again at any time.',
          )
        : new AppError(
            'invalid',
            'Twitch could not sign you in. Please try again; if it stays like this, tell whoever runs this Followspot.',
          );
    },

    /** The sentence for an attempt that somebody else has already ended. */
    used: notYours,

    isAllowed,
  };
}

function notYours(): AppError {
  return new AppError(
    'invalid',
    'This sign-in was not started in this browser, or it has been used or has expired. Please try again.',
  );
}

function equalInConstantTime(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
