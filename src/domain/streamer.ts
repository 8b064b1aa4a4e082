/** What Twitch tells of an account. Ids are opaque strings of digits; `''` means "wrote none". */
export interface Profile {
  id: string;
  /** Lower case, at most 25 of `[a-z0-9_]`; changes when the account is renamed. */
  login: string;
  displayName: string;
  description: string;
  profileImageUrl: string | null;
  offlineImageUrl: string | null;
}

/** What a channel last announced. It outlives the broadcast. */
export interface ChannelInfo {
  /** The id of the channel's owner. */
  id: string;
  title: string;
  /** `''` when none is set. */
  category: string;
  language: string;
}

/** A broadcast that Twitch reports as running. */
export interface LiveStream {
  /** The id of the broadcast, not of the streamer. */
  id: string;
  streamerId: string;
  login: string;
  displayName: string;
  title: string;
  category: string;
  language: string;
  viewers: number;
  startedAt: Date;
  /** Holds the literal placeholders `{width}` and `{height}`. */
  thumbnailUrl: string | null;
}

/** One line of Twitch's channel search. */
export interface ChannelMatch {
  id: string;
  login: string;
  displayName: string;
  title: string;
  category: string;
  profileImageUrl: string | null;
  isLive: boolean;
}

/** The broadcast that a stored streamer has on air. */
export interface Broadcast {
  id: string;
  startedAt: Date;
  /** `null` until Twitch's list has told: push does not. */
  viewers: number | null;
  thumbnailUrl: string | null;
}

/** How far the history of a streamer has come. */
export interface LastEvent {
  /** The time of the newest entry. */
  at: Date;
  /** The sequence of the entry that was written last. */
  sequence: number;
}

/** What a card of a streamer shows: all but the long texts, of which a wall reads a thousand. */
export type StreamerCard = Omit<Streamer, 'description' | 'offlineImageUrl' | 'language'>;

/** A streamer as the database knows them. */
export interface Streamer extends Profile, ChannelInfo {
  /** `null` while offline. */
  broadcast: Broadcast | null;
  /** When a broadcast was last seen on air; `null` when none ever was. */
  lastLiveAt: Date | null;
  /** When Twitch last said whether they are live; `null` when it never did. */
  polledAt: Date | null;
  /** Since when Twitch leaves them out of its answers; `null` while it names them. */
  unavailableSince: Date | null;
  /** `null` while there is no entry. */
  lastEvent: LastEvent | null;
}
