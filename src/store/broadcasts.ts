import type { Knex } from 'knex';
import { chunksOf } from './chunks.ts';

/** A row of `broadcasts`. */
export interface BroadcastRow {
  /** The first id that Twitch gave it. */
  id: string;
  streamer_id: string;
  /** The id that it goes on under after a restart. */
  stream_id: string;
  started_at: number;
  ended_at: number | null;
  peak_viewers: number | null;
}

/** What is new about broadcasts and not written yet. */
export interface BroadcastChanges {
  broadcasts: Map<string, BroadcastRow>;
  titles: { broadcast_id: string; at: number; title: string; category: string }[];
  viewers: { broadcast_id: string; at: number; viewers: number }[];
  /** Broadcasts that turned out to be the rest of another. */
  joined: { from: string; into: string }[];
}

/** Back on air after at most so many milliseconds is a restart: the broadcast of before goes on. */
export const restartWithinMs = 90_000;

/** The broadcast of a stream that has begun, and the one before it when that had not ended yet. */
export function beginBroadcast(
  stream: { id: string; streamerId: string; startedAt: number },
  before: BroadcastRow | null,
  lastSeenAt: number | null,
): { broadcast: BroadcastRow; isRestart: boolean; cut: BroadcastRow | null } {
  const quietSince = before === null ? null : (before.ended_at ?? lastSeenAt ?? before.started_at);
  if (before !== null && quietSince !== null && stream.startedAt - quietSince <= restartWithinMs) {
    return { broadcast: { ...before, stream_id: stream.id, ended_at: null }, isRestart: true, cut: null };
  }
  const isOpen = before !== null && before.ended_at === null;
  return {
    broadcast: {
      id: stream.id,
      streamer_id: stream.streamerId,
      stream_id: stream.id,
      started_at: stream.startedAt,
      ended_at: null,
      peak_viewers: null,
    },
    isRestart: false,
    cut: isOpen ? { ...before, ended_at: quietSince } : null,
  };
}

/** By the ids of their present streams. */
export async function findBroadcasts(
  transaction: Knex.Transaction,
  streamIds: string[],
): Promise<Map<string, BroadcastRow>> {
  const found = new Map<string, BroadcastRow>();
  for (const ids of chunksOf([...new Set(streamIds)])) {
    const rows = await transaction('broadcasts').select<BroadcastRow[]>().whereIn('stream_id', ids);
    for (const row of rows) found.set(row.stream_id, row);
  }
  return found;
}

/** Nothing to write. */
export function noBroadcastChanges(): BroadcastChanges {
  return { broadcasts: new Map(), titles: [], viewers: [], joined: [] };
}

/** Of two titles of one moment the latter stays, of two samples the former. */
export async function saveBroadcastChanges(
  transaction: Knex.Transaction,
  { broadcasts, titles, viewers, joined }: BroadcastChanges,
): Promise<void> {
  const rows = [...broadcasts.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const chunk of chunksOf(rows)) {
    await transaction('broadcasts')
      .insert(chunk)
      .onConflict('id')
      .merge(['stream_id', 'ended_at', 'peak_viewers']);
  }
  for (const { from, into } of joined) await join(transaction, from, into);
  for (const chunk of chunksOf(titles)) {
    await transaction('broadcast_titles').insert(chunk).onConflict(['broadcast_id', 'at']).merge();
  }
  for (const chunk of chunksOf(viewers)) {
    await transaction('broadcast_viewers').insert(chunk).onConflict(['broadcast_id', 'at']).ignore();
  }
}

async function join(transaction: Knex.Transaction, from: string, into: string): Promise<void> {
  for (const table of ['broadcast_titles', 'broadcast_viewers']) {
    const rows = await transaction(table).select<{ at: number }[]>().where({ broadcast_id: from });
    for (const chunk of chunksOf(rows.map((row) => ({ ...row, broadcast_id: into })))) {
      await transaction(table).insert(chunk).onConflict(['broadcast_id', 'at']).ignore();
    }
  }
  await transaction('broadcasts').where({ id: from }).delete();
}
