import type { HearingStatus } from '../domain/hearing-status.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import { ago, count, lasting } from './format.ts';

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

/** Favourites who are not heard fully as it happens, in the same way and for the same reason. */
export interface CoverageException {
  streamers: StreamerCard[];
  words: string;
  reason: string | null;
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
    return [{ label, state: 'warn', value: 'The listener has not reported yet. It starts with the app.' }];
  const { body: status, updatedAt } = report;
  if (isSilent(report, now)) {
    const value = `The listener last reported ${ago(updatedAt, now)}: nothing new is heard until it runs again.`;
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

/** Who of these is not heard fully as it happens, and why; nobody while the listener is silent. */
export function exceptionsOf(
  report: HearingReport | null,
  now: Date,
  favourites: StreamerCard[],
  pollIntervalS: number,
): CoverageException[] {
  if (report === null || isSilent(report, now)) return [];
  const { present, coverage, chat } = report.body;
  const asked = `Asked about every ${count(pollIntervalS)} seconds`;
  const groups = new Map<string, CoverageException>();
  for (const streamer of favourites) {
    const exception = coverage.exceptions[streamer.id];
    const chatProblem = chat.exceptions[streamer.id];
    if (exception === undefined && chatProblem === undefined && present !== 'poll') continue;
    const isAsked = exception?.by === 'poll' || present === 'poll';
    const words = isAsked ? asked : exception === undefined ? 'All but subs and gifts' : 'Only in part';
    const reasons = [exception?.reason, chatProblem && `Subs and gifts: ${chatProblem}`];
    const reason = reasons.filter(Boolean).join(' · ') || null;
    const key = `${words} ${reason}`;
    const group = groups.get(key) ?? { streamers: [], words, reason };
    group.streamers.push(streamer);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A listener that has not reported for a minute is gone. */
export function isSilent({ updatedAt }: HearingReport, now: Date): boolean {
  return now.getTime() - updatedAt.getTime() > silentAfterMs;
}

function lastEvent({ counts }: HearingStatus, lastEventAt: Date | null, now: Date): string {
  const when = lastEventAt === null ? 'None yet' : `Heard ${ago(lastEventAt, now)}`;
  const odd = counts.unknown + counts.unreadable;
  const others = odd === 0 ? '' : `; ${count(odd)} could not be read`;
  return `${when}; ${count(counts.heard)} since the listener started${others}.`;
}

function countedRows({ present, watches, costs, counts }: HearingStatus): StatusRow[] {
  if (present === 'poll') return [];
  const { wished, existing, missing } = watches;
  const rows: StatusRow[] = [
    {
      label: 'Asked of Twitch',
      state: missing > 0 ? 'warn' : 'good',
      value: `${count(existing)} of ${count(wished)} subscriptions to events are in place${missing > 0 ? `, ${count(missing)} are missing` : ''}.`,
    },
  ];
  if (costs.total !== null && costs.max !== null) {
    const isShort = costs.total >= costs.max && missing > 0;
    const value = `${count(costs.total)} of the ${count(costs.max)} points that Twitch allows are used.`;
    rows.push({ label: 'Twitch’s limit', state: isShort ? 'warn' : 'good', value });
  }
  if (counts.failed > 0) {
    const value = `${count(counts.failed)} events could not be stored; streams, titles and names among them are found by asking Twitch.`;
    rows.push({ label: 'Events lost', state: 'warn', value });
  }
  return rows;
}

function coverageRow({ coverage, chat }: HearingStatus, pollIntervalS: number): StatusRow {
  const { push, part, poll } = coverage;
  const words = [
    push > 0 ? `${count(push)} at once` : '',
    part > 0 ? `${count(part)} only in part` : '',
    poll > 0 ? `${count(poll)} asked about every ${count(pollIntervalS)} seconds` : '',
    chat.covered > 0 ? `subs and gifts of ${count(chat.covered)}` : '',
  ].filter((each) => each !== '');
  const value = words.length === 0 ? 'Nobody is followed yet.' : `${words.join(', ')}.`;
  return { label: 'All streamers here', state: part + poll > 0 ? 'warn' : 'good', value };
}

function socketRows({ sockets }: HearingStatus, now: Date): StatusRow[] {
  return sockets.slice(0, 20).map(({ what, status, since, lastMessageAt, reconnects, lastClose }) => {
    const heard = lastMessageAt === null ? '' : `; last message ${ago(new Date(lastMessageAt), now)}`;
    const again =
      reconnects === 0 ? '' : `; reconnected ${count(reconnects)} ${reconnects === 1 ? 'time' : 'times'}`;
    const closed =
      lastClose === null ? '' : `; last closed with ${lastClose.code} ${lastClose.reason}`.trimEnd();
    return {
      label: `Socket: ${what}`,
      state: status === 'open' ? 'good' : 'warn',
      value: `${socketWords[status]} for ${lasting((now.getTime() - Date.parse(since)) / 1_000)}${heard}${again}${closed}.`,
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
  const value = `${count(readers.length)} ${readers.length === 1 ? 'user reads' : 'users read'} the chat of ${count(channels)} ${channels === 1 ? 'streamer' : 'streamers'}.`;
  return [
    {
      label: 'Chat readers',
      state: problems.size > 0 ? 'warn' : 'good',
      value,
      more: [...problems].slice(0, 5),
    },
  ];
}
