import { restartWithinMs } from './broadcasts.ts';
import type { BroadcastRow } from './broadcasts.ts';
import type { Channel } from './event-state.ts';

/** What entries tell of a streamer's streams, and a way to correct them. */
export interface ToldStreams {
  /** When push has told that a stream ended, in milliseconds; `null` when it has not. */
  endedAt(streamerId: string, streamId: string | null): number | null;
  /** Adds to the payloads of the entries under a key. */
  amend(streamerId: string, key: string, changes: { payload: object; amount?: number }): void;
}

/** The end of the stream before the present one, told after the present one began. */
export function endPrevious(channel: Channel, at: number, told: ToldStreams): BroadcastRow | null {
  const { row, previous, broadcast: present } = channel;
  if (previous === null || present === null) return null;
  if (told.endedAt(row.id, row.ended_broadcast_id) !== null) return null;
  // Twitch names no time of the end: an end that lags tells the time of the message.
  const endedAt = Math.max(Math.min(at, present.started_at), previous.started_at);
  const ended = { ...previous, ended_at: endedAt };
  placeBefore(channel, ended, present, told);
  return ended;
}

/** The start of a stream that was over, or had been followed by another, before it was told. */
export function recallStart(
  channel: Channel,
  stream: { id: string; startedAt: number },
  told: ToldStreams,
): void {
  const { row, broadcast: latest, previous } = channel;
  const { id, startedAt } = stream;
  const endedAt = told.endedAt(row.id, id);
  const isPresent = row.broadcast_id !== null;
  const before = isPresent ? previous : latest;
  const isOlder = startedAt < (before?.ended_at ?? 0);
  if (id === row.ended_broadcast_id || isOlder || (endedAt === null && !isPresent)) return;
  if (isPresent && startedAt >= (latest?.started_at ?? 0)) return;
  const recalled: BroadcastRow = {
    id,
    streamer_id: row.id,
    stream_id: id,
    started_at: startedAt,
    ended_at: Math.max(startedAt, endedAt ?? startedAt),
    peak_viewers: null,
  };
  row.ended_broadcast_id = id;
  channel.isChanged = true;
  const { title, category } = row;
  if (title !== '' || category !== '') {
    channel.changes.titles.push({ broadcast_id: id, at: startedAt, title, category });
  }
  if (isPresent && latest !== null) placeBefore(channel, recalled, latest, told);
  else {
    channel.broadcast = recalled;
    channel.changes.broadcasts.set(id, recalled);
  }
  const payload = { ...endOf(recalled), title: title || null, category: category || null };
  told.amend(row.id, `offline:${id}`, { payload });
}

/** What an entry says of a broadcast that has ended. */
export function endOf(ended: BroadcastRow | null): { broadcastId: string | null; durationS: number | null } {
  if (ended === null || ended.ended_at === null) return { broadcastId: null, durationS: null };
  return { broadcastId: ended.id, durationS: Math.round((ended.ended_at - ended.started_at) / 1000) };
}

/** The present broadcast is the same one when it began soon enough after the end of the one before. */
function placeBefore(channel: Channel, before: BroadcastRow, present: BroadcastRow, told: ToldStreams): void {
  const { row, changes } = channel;
  channel.isChanged = true;
  changes.broadcasts.set(before.id, before);
  channel.previous = before;
  if (present.started_at - (before.ended_at ?? 0) > restartWithinMs) return;
  const peaks = [before.peak_viewers, present.peak_viewers].filter((peak) => peak !== null);
  const joined = {
    ...before,
    stream_id: present.stream_id,
    ended_at: present.ended_at,
    peak_viewers: peaks.length > 0 ? Math.max(...peaks) : null,
  };
  changes.broadcasts.delete(present.id);
  changes.broadcasts.set(joined.id, joined);
  changes.joined.push({ from: present.id, into: joined.id });
  for (const pending of [...changes.titles, ...changes.viewers]) {
    if (pending.broadcast_id === present.id) pending.broadcast_id = joined.id;
  }
  channel.broadcast = joined;
  channel.previous = null;
  told.amend(row.id, `live:${row.broadcast_id}`, { payload: { broadcastId: joined.id } });
  told.amend(row.id, `live:${present.id}`, {
    payload: { broadcastId: joined.id, isRestart: true },
    amount: 0,
  });
}
