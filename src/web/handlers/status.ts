import type { RequestHandler } from 'express';
import type { HearingStatus } from '../../domain/hearing-status.ts';
import { byName } from '../../domain/live-wall.ts';
import { userOf } from '../current-user.ts';
import { ago, count } from '../format.ts';
import { exceptionsOf, type HearingReport, hearingRows, isSilent, type StatusRow } from '../hearing-words.ts';
import type { HandlerParts, StreamerCounts } from '../parts.ts';
import { statusSummary } from '../status-summary.ts';
import type { TwitchState } from '../../twitch/index.ts';
import { offersOf } from './wishes.ts';

/** What is listened to, by what, how fresh it is, and who of the user's favourites is covered how. */
export function showStatus({ pages, store, twitch, settings, now }: HandlerParts): RequestHandler {
  return async (request, response) => {
    const [counts, report, favourites, lastEventAt] = await Promise.all([
      store.streamers.counts(),
      store.reports.find('hearing'),
      store.favourites.ofUser(userOf(response).id),
      store.events.lastAt(),
    ]);
    const hearing = toHearing(report);
    const rows = [
      ...hearingRows(hearing, now(), settings.pollIntervalS, lastEventAt),
      pollRow(counts, settings.pollIntervalS, now()),
      countsRow(counts),
      ...twitchRows(twitch.state(), toldOf(hearing, now())),
    ];
    const { wishes } = request.session;
    const exceptions = exceptionsOf(hearing, now(), favourites.toSorted(byName), settings.pollIntervalS);
    pages.send(request, response, 'status', {
      title: 'Status',
      summary: statusSummary({
        rows,
        hearing,
        favourites,
        lastEventAt,
        mayReadChat: wishes !== undefined && offersOf(wishes, wishes.scopes).chatEvents.isWorking,
        pollIntervalS: settings.pollIntervalS,
        now: now(),
      }),
      troubles: rows.filter(({ state }) => state !== 'good'),
      details: rows.filter(({ state }) => state === 'good'),
      isHeard: hearing !== null && !isSilent(hearing, now()),
      favouriteCount: favourites.length,
      exceptions,
      others: exceptions.reduce((left, { streamers }) => left - streamers.length, favourites.length),
    });
  };
}

function toHearing(report: { body: unknown; updatedAt: Date } | null): HearingReport | null {
  return report !== null && isHearingStatus(report.body)
    ? { body: report.body, updatedAt: report.updatedAt }
    : null;
}

/** The listener is this program too, perhaps in another process: it is taken at its word. */
function isHearingStatus(body: unknown): body is HearingStatus {
  return typeof body === 'object' && body !== null && 'present' in body && 'coverage' in body;
}

/** How Twitch answers a listener that is a process of its own; `null` where it is not, or is silent. */
function toldOf(hearing: HearingReport | null, now: Date): TwitchState | null {
  if (hearing === null || isSilent(hearing, now)) return null;
  const body: HearingStatus & { twitch?: TwitchState } = hearing.body;
  return body.twitch ?? null;
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
      : `Asked every ${count(pollIntervalS)} seconds; the oldest answer came ${ago(oldestPollAt, now)}.`,
  };
}

function countsRow({ favoured, live, unavailable }: StreamerCounts): StatusRow {
  const missing = unavailable === 0 ? '' : `, ${count(unavailable)} not to be found on Twitch`;
  return {
    label: 'Streamers',
    state: 'good',
    value: `${count(favoured)} followed, ${count(live)} live${missing}.`,
  };
}

/** As this process finds Twitch, and as the listener does, which may be another one. */
function twitchRows(own: TwitchState, told: TwitchState | null): StatusRow[] {
  const isReachable = [own, ...(told === null ? [] : [told])]
    .flatMap(({ api, auth, eventSub }) => [api, auth, eventSub])
    .every(({ circuit }) => circuit === 'closed');
  const rateLimit = told?.rateLimit ?? own.rateLimit;
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
