import type { ErrandPace } from './errand.ts';

/** The clocks of hearing, in milliseconds; tests have shorter ones. */
export interface HearingPace {
  /** For watches, shards and readers: hourly, and the pauses after failures. */
  errand: ErrandPace;
  /** How often what the app has at Twitch is looked at: what ended there without a word is made anew. */
  inspectEveryMs: number;
  /** How often we look whether Twitch has confirmed a webhook. */
  confirmEveryMs: number;
  /** How long changes are gathered before watches follow. */
  debounceMs: number;
  /** How often the database is asked whether another process has changed what is wished. */
  wishesEveryMs: number;
  /** How soon those who went live get the watches of others when there are too few: it costs many calls. */
  liveFirstMs: number;
  /** How often we look whether the present way works. */
  lookEveryMs: number;
  /** How long a way may fail, or not begin to work, before another is taken. */
  patienceMs: number;
  retryBetterMs: number;
  /** When to look at somebody who went live; the first of them gathers others for `gatherMs`. */
  freshenAfterMs: number[];
  gatherMs: number;
  /** When to try again to store an event from a socket. */
  takeAgainMs: number[];
  /** How soon the report follows a change, and how often it is written anyway. */
  reportSoonMs: number;
  reportEveryMs: number;
}

export const usualPace: HearingPace = {
  errand: { everyMs: 60 * 60_000, firstRetryMs: 1_000, longestRetryMs: 60_000 },
  inspectEveryMs: 5 * 60_000,
  confirmEveryMs: 2_000,
  debounceMs: 1_000,
  wishesEveryMs: 15_000,
  liveFirstMs: 60_000,
  lookEveryMs: 1_000,
  patienceMs: 60_000,
  retryBetterMs: 5 * 60_000,
  freshenAfterMs: [5_000, 20_000, 60_000],
  gatherMs: 500,
  takeAgainMs: [200, 1_000, 3_000, 8_000],
  reportSoonMs: 1_000,
  reportEveryMs: 10_000,
};
