/** Twitch's limits and clocks. Tests make the clocks shorter. Milliseconds unless the name says otherwise. */
export interface EventSubSettings {
  /** The budget of the application; a user has 10 on sockets. */
  maxTotalCost: number;
  /** Announced and kept instead of what the client asks for; may be a fraction. `null`: as Twitch, 10 to 600. */
  keepaliveS: number | null;
  /** How long a socket may have neither a subscription nor a shard (4003). */
  unusedMs: number;
  /** How long after `session_reconnect` the old socket stays (4004). */
  reconnectMs: number;
  pingMs: number;
  /** How long Twitch takes a socket for open that broke without a word. Its subscriptions are enabled until then. */
  lostSocketMs: number;
  /** How long subscriptions of a dead socket stay in the list. */
  deadSocketMs: number;
  /** Whether a webhook may be plain http on this machine. Any other callback must be https on port 443. */
  allowsPlainCallbacks: boolean;
  /** Waits before a webhook message is sent again; after the last it is given up. */
  retryMs: readonly number[];
  /** How long a webhook may take to answer. */
  answerMs: number;
  /** So many given-up messages in a row end the subscription. */
  mostFailures: number;
  /** A conduit with every shard down for so long is deleted. */
  conduitDownMs: number;
  /** Since 2026-06-26 `stream.offline` names the broadcast; before it did not. */
  offlineHasId: boolean;
}

export const twitchSettings: EventSubSettings = {
  maxTotalCost: 10_000,
  keepaliveS: null,
  unusedMs: 10_000,
  reconnectMs: 30_000,
  pingMs: 30_000,
  lostSocketMs: 10_000,
  deadSocketMs: 60_000,
  allowsPlainCallbacks: false,
  retryMs: [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 60_000],
  answerMs: 5_000,
  mostFailures: 10,
  conduitDownMs: 72 * 3_600_000,
  offlineHasId: true,
};
