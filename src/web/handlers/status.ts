import type { RequestHandler } from 'express';
import { ago, count } from '../format.ts';
import type { HandlerParts, StreamerCounts } from '../parts.ts';
import type { TwitchState } from '../../twitch/index.ts';

interface StatusRow {
  label: string;
  value: string;
  state: 'good' | 'warn' | 'bad';
}

/** What is listened to and how fresh it is, in words for people. */
export function showStatus({ pages, store, twitch, settings, now }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const counts = await store.streamers.counts();
    const rows = [
      pollRow(counts, settings.pollIntervalS, now()),
      coverageRow(counts),
      ...twitchRows(twitch.state()),
    ];
    const isGood = rows.every((row) => row.state === 'good');
    pages.send(request, response, 'status', {
      title: 'Status',
      summary: isGood ? 'The light is on everybody.' : 'Something needs a look; what is shown may be old.',
      rows,
    });
  };
}

function pollRow({ favoured, oldestPollAt }: StreamerCounts, pollIntervalS: number, now: Date): StatusRow {
  const label = 'Who is live';
  if (favoured === 0)
    return { label, state: 'good', value: 'Nobody has a favourite yet, so nothing is asked.' };
  if (oldestPollAt === null)
    return { label, state: 'warn', value: 'Not everybody has been asked about yet.' };
  const isLate = now.getTime() - oldestPollAt.getTime() > 3 * pollIntervalS * 1_000;
  return {
    label,
    state: isLate ? 'bad' : 'good',
    value: isLate
      ? `Twitch last answered for everybody ${ago(oldestPollAt, now)}.`
      : `Asked every ${count(pollIntervalS)} seconds; the longest wait began ${ago(oldestPollAt, now)}.`,
  };
}

function coverageRow({ favoured, live, unavailable }: StreamerCounts): StatusRow {
  const missing = unavailable === 0 ? '' : `, ${count(unavailable)} not to be found on Twitch`;
  return {
    label: 'Streamers',
    state: 'good',
    value: `${count(favoured)} followed, ${count(live)} live${missing}.`,
  };
}

function twitchRows({ api, auth, rateLimit }: TwitchState): StatusRow[] {
  const isReachable = api.circuit === 'closed' && auth.circuit === 'closed';
  const reach: StatusRow = {
    label: 'Twitch',
    state: isReachable ? 'good' : 'bad',
    value: isReachable ? 'Answers.' : 'Does not answer; it is asked again every few seconds.',
  };
  if (rateLimit === null) return [reach];
  const isLow = rateLimit.remaining < rateLimit.limit / 4;
  const left = `${count(rateLimit.remaining)} of ${count(rateLimit.limit)} calls left this minute.`;
  return [reach, { label: 'Rate limit', state: isLow ? 'warn' : 'good', value: left }];
}
