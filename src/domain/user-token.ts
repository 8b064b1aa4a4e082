/** The pair that Twitch issues. `expiresAt` belongs to the access token. */
export interface TokenPair {
  accessToken: string;
  /** `null` when Twitch issued none. */
  refreshToken: string | null;
  scopes: string[];
  expiresAt: Date;
}

/** A stored pair. `version` grows by one each time the pair is replaced. */
export interface UserToken extends TokenPair {
  userId: string;
  version: number;
}
