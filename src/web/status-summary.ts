import type { StreamerCard } from '../domain/streamer.ts';
import { ago, count } from './format.ts';
import { type HearingReport, isSilent, type StatusRow } from './hearing-words.ts';

/** What the first sentences of the status page rest on. */
export interface SummaryParts {
  rows: StatusRow[];
  hearing: HearingReport | null;
  /** The user's own. */
  favourites: StreamerCard[];
  lastEventAt: Date | null;
  /** Whether the user has turned on subs and gifts, and Twitch allows it. */
  mayReadChat: boolean;
  pollIntervalS: number;
  now: Date;
}

/** How all of it goes, in a few plain sentences. */
export function statusSummary(parts: SummaryParts): string[] {
  const { lastEventAt, now } = parts;
  const last =
    lastEventAt === null ? 'No event has come yet.' : `The last event came ${ago(lastEventAt, now)}.`;
  return [stateOf(parts), last, ...chatOf(parts)];
}

function stateOf({ rows, hearing, pollIntervalS }: SummaryParts): string {
  if (rows.some(({ state }) => state === 'bad'))
    return 'Something is wrong, and what you see may be out of date.';
  if (hearing?.body.present === 'poll')
    return `Events arrive late: Twitch is asked every ${count(pollIntervalS)} seconds.`;
  if (rows.some(({ state }) => state === 'warn')) return 'Most of it works; what does not is listed below.';
  return 'Events arrive as they happen.';
}

function chatOf({ hearing, favourites, mayReadChat, now }: SummaryParts): string[] {
  if (hearing === null || isSilent(hearing, now) || favourites.length === 0) return [];
  if (!mayReadChat) return ['You have not turned on subs and gifts.'];
  const { covered, exceptions } = hearing.body.chat;
  const heard = favourites.filter(({ id }) => exceptions[id] === undefined).length;
  // A report may be older than the wish.
  const least = Math.min(heard, covered);
  return [`Subs and gifts are heard for ${count(least)} of your ${count(favourites.length)} favourites.`];
}
