/** A person who signed in. The id is the one Twitch gave the account. */
export interface User {
  id: string;
  login: string;
  displayName: string;
  profileImageUrl: string | null;
}

/** A browser in which a user is signed in. `id` names the row, it opens nothing. */
export interface UserSession {
  id: string;
  userAgent: string;
  createdAt: Date;
  /** Accurate to a few minutes: it is written back rarely. */
  seenAt: Date;
}
