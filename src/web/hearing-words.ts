import type { HearingStatus } from '../domain/hearing-status.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import { ago, count } from './format.ts';

/** A line of the status page. */
export interface StatusRow {
  label: string;
  value: string;
  state: 'good' | 'warn' | 'bad';
  /** More about it, a sentence each. */
  more?: string[];
}

/** What a listener left, and when. */
export interface HearingReport {
  body: HearingStatus;
  updatedAt: Date;
}

/** By what a favourite is covered, in words. */
export interface CoverageRow {
  streamer: StreamerCard;
  words: string;
  reason: string | null;
  isFull: boolean;
}

/** A listener that says nothing for longer is gone: it reports every ten seconds. */
const silentAfterMs = 60_000;

const transports: Record<HearingStatus['present'], string> = {
  webhook: 'Twitch calls us (webhook)',
  conduit: 'Twitch sends through a conduit, which needs no public address',
  websocket: 'Twitch sends through the sockets of users who are signed in',
  poll: 'Nothing is pushed: Twitch’s lists are compared',
};

/**
 * How hearing is going. `report` as the listener left it; `null`: it never has. `lastEventAt`: when an event was
 * last stored by whatever process.
 */
export function hearingRows(
  report: HearingReport | null,
  now: Date,
  pollIntervalS: number,
  lastEventAt: Date | null,
): StatusRow[] {
  const label = 'How events are heard';
  if (report === null)
    return [{ label, state: 'warn', value: 'No listener has said anything yet. One starts with the app.' }];
  const { body: status, updatedAt } = report;
  if (isSilent(report, now)) {
    const value = `The listener has been silent since ${ago(updatedAt, now)}: nothing new is heard until it runs again.`;
    return [{ label, state: 'bad', value }];
  }
  const isBelow = status.wanted !== 'auto' && status.wanted !== status.present;
  return [
    {
      label,
      state: status.problems.length > 0 || isBelow ? 'warn' : 'good',
      value: `${transports[status.present]}. ${status.why}`,
      more: status.problems,
    },
    { label: 'Last event', state: 'good', value: lastEvent(status, lastEventAt, now) },
    ...countedRows(status),
    coverageRow(status, pollIntervalS),
    ...socketRows(status, now),
    ...shardRows(status),
    ...readerRows(status),
  ];
}

/** By what each of these is covered, those who are not fully so first; nobody while the listener is silent. */
export function coverageOf(
  report: HearingReport | null,
  now: Date,
  favourites: StreamerCard[],
  pollIntervalS: number,
): CoverageRow[] {
  if (report === null || isSilent(report, now)) return [];
  const status = report.body;
  const rows = favourites.map((streamer) => {
    const exception = status.coverage.exceptions[streamer.id];
    const chat = status.chat.exceptions[streamer.id];
    const words =
      exception === undefined
        ? status.present === 'poll'
          ? `Asked about every ${count(pollIntervalS)} seconds`
          : 'Told at once'
        : exception.by === 'part'
          ? 'Some told at once, the rest found by asking'
          : `Asked about every ${count(pollIntervalS)} seconds`;
    const reasons = [exception?.reason, chat === undefined ? undefined : `Subs and gifts: ${chat}`];
    const reason = reasons.filter((each) => each !== undefined && each !== '').join(' · ');
    const isFull = exception === undefined && status.present !== 'poll';
    return { streamer, words, reason: reason === '' ? null : reason, isFull };
  });
  return rows.toSorted((a, b) => Number(a.isFull) - Number(b.isFull));
}

function isSilent({ updatedAt }: HearingReport, now: Date): boolean {
  return now.getTime() - updatedAt.getTime() > silentAfterMs;
}

function lastEvent({ counts }: HearingStatus, lastEventAt: Date | null, now: Date): string {
  const when = lastEventAt === null ? 'None yet' : `Heard ${ago(lastEventAt, now)}`;
  const odd = counts.unknown + counts.unreadable;
  const others = odd === 0 ? '' : `; ${count(odd)} could not be made sense of`;
  return `${when}; ${count(counts.heard)} since the listener started${others}.`;
}

function countedRows({ present, watches, costs, counts }: HearingStatus): StatusRow[] {
  if (present === 'poll') return [];
  const { wished, existing, missing } = watches;
  const rows: StatusRow[] = [
    {
      label: 'Watches',
      state: missing > 0 ? 'warn' : 'good',
      value: `${count(existing)} of ${count(wished)} stand at Twitch${missing > 0 ? `, ${count(missing)} are missing` : ''}.`,
    },
  ];
  if (costs.total !== null && costs.max !== null) {
    const isShort = costs.total >= costs.max && missing > 0;
    const value = `${count(costs.total)} of ${count(costs.max)} that Twitch lets watches cost.`;
    rows.push({ label: 'Costs', state: isShort ? 'warn' : 'good', value });
  }
  if (counts.failed > 0) {
    const value = `${count(counts.failed)} from sockets could not be kept; of what they told, asking finds who is live, titles and names.`;
    rows.push({ label: 'Kept', state: 'warn', value });
  }
  return rows;
}

function coverageRow({ coverage, chat }: HearingStatus, pollIntervalS: number): StatusRow {
  const { push, part, poll } = coverage;
  const words = [
    push > 0 ? `${count(push)} told at once` : '',
    part > 0 ? `${count(part)} in part` : '',
    poll > 0 ? `${count(poll)} asked about every ${count(pollIntervalS)} seconds` : '',
    chat.covered > 0 ? `subs and gifts of ${count(chat.covered)}` : '',
  ].filter((each) => each !== '');
  const value = words.length === 0 ? 'Nobody is followed yet.' : `${words.join(', ')}.`;
  return { label: 'Coverage of all streamers', state: part + poll > 0 ? 'warn' : 'good', value };
}

function socketRows({ sockets }: HearingStatus, now: Date): StatusRow[] {
  return sockets.slice(0, 20).map(({ what, status, since, lastMessageAt, reconnects, lastClose }) => {
    const heard = lastMessageAt === null ? '' : `; last word ${ago(new Date(lastMessageAt), now)}`;
    const again = reconnects === 0 ? '' : `; connected anew ${count(reconnects)} times`;
    const closed =
      lastClose === null ? '' : `; last closed with ${lastClose.code} ${lastClose.reason}`.trimEnd();
    return {
      label: `Socket: ${what}`,
      state: status === 'open' ? 'good' : 'warn',
      value: `${socketWords[status]} since ${ago(new Date(since), now)}${heard}${again}${closed}.`,
    };
  });
}

const socketWords: Record<HearingStatus['sockets'][number]['status'], string> = {
  open: 'Open',
  connecting: 'Connecting',
  waiting: 'Waiting to connect again',
  closed: 'Closed',
};

function shardRows({ shards }: HearingStatus): StatusRow[] {
  if (shards.length === 0) return [];
  const up = shards.filter(({ status }) => status === 'enabled').length;
  const others = shards.filter(({ status }) => status !== 'enabled');
  const more = others.map(({ id, status }) => `Shard ${id}: ${status.replaceAll('_', ' ')}`);
  const value = `${count(up)} of ${count(shards.length)} shards of the conduit are up.`;
  return [{ label: 'Shards', state: others.length > 0 ? 'warn' : 'good', value, more }];
}

function readerRows({ readers }: HearingStatus): StatusRow[] {
  if (readers.length === 0) return [];
  const channels = readers.reduce((sum, reader) => sum + reader.channels, 0);
  const problems = new Set(readers.flatMap(({ problem }) => (problem === null ? [] : [problem])));
  const value = `${count(readers.length)} ${readers.length === 1 ? 'user reads' : 'users read'} the chat of ${count(channels)}.`;
  return [
    {
      label: 'Chat readers',
      state: problems.size > 0 ? 'warn' : 'good',
      value,
      more: [...problems].slice(0, 5),
    },
  ];
}
