import type { Knex } from 'knex';
import { beginBroadcast, findBroadcasts, noBroadcastChanges, saveBroadcastChanges } from './broadcasts.ts';
import type { BroadcastRow } from './broadcasts.ts';
import type { SightedPair } from './rounds.ts';

const sampleEveryMs = 5 * 60_000;

/** Writes starts, ends, titles and viewers of broadcasts as a round has shown them. `at` in milliseconds. */
export async function saveRoundBroadcasts(
  transaction: Knex.Transaction,
  pairs: SightedPair[],
  at: number,
): Promise<{ restarted: Set<string>; broadcastIds: Map<string, { id: string; startedAt: number }> }> {
  const streamIds = pairs.flatMap(({ before, after }) =>
    [before.broadcast_id, before.ended_broadcast_id, after.broadcast_id].filter((id) => id !== null),
  );
  const known = await findBroadcasts(transaction, streamIds);
  const changes = noBroadcastChanges();
  const restarted = new Set<string>();
  const write = (row: BroadcastRow) => {
    known.set(row.stream_id, row);
    changes.broadcasts.set(row.id, row);
  };

  for (const { before, after } of pairs) {
    const last = known.get(before.broadcast_id ?? before.ended_broadcast_id ?? '') ?? null;
    if (after.broadcast_id === null) {
      if (before.broadcast_id !== null && last !== null) write({ ...last, ended_at: after.last_live_at });
      continue;
    }
    // What push has told of between two rounds is in no answer yet, and who is absent has no viewers now.
    if (after === before || after.absent_since !== null) continue;
    let present = known.get(after.broadcast_id);
    const isFirstSight = present === undefined;
    if (present === undefined) {
      const stream = {
        id: after.broadcast_id,
        streamerId: after.id,
        startedAt: after.broadcast_started_at ?? at,
      };
      const begun = beginBroadcast(stream, last, before.last_live_at);
      if (begun.cut !== null) write(begun.cut);
      if (begun.isRestart) restarted.add(stream.id);
      present = begun.broadcast;
      write(present);
    }
    const peak = Math.max(present.peak_viewers ?? 0, after.viewers ?? 0);
    if (present.ended_at !== null || peak !== present.peak_viewers) {
      present = { ...present, ended_at: null, peak_viewers: peak };
      write(present);
    }
    const { title, category } = after;
    if (isFirstSight || title !== before.title || category !== before.category) {
      const since = isFirstSight ? Math.max(present.started_at, after.broadcast_started_at ?? 0) : at;
      changes.titles.push({ broadcast_id: present.id, at: since, title, category });
    }
    const isSampleDue = stretchOf(before.polled_at ?? 0) !== stretchOf(at) || isFirstSight;
    if (isSampleDue && after.viewers !== null) {
      const sampledAt = stretchOf(at) * sampleEveryMs;
      changes.viewers.push({ broadcast_id: present.id, at: sampledAt, viewers: after.viewers });
    }
  }
  await saveBroadcastChanges(transaction, changes);
  const ids = [...known.values()].map(
    (row) => [row.stream_id, { id: row.id, startedAt: row.started_at }] as const,
  );
  return { restarted, broadcastIds: new Map(ids) };
}

function stretchOf(time: number): number {
  return Math.floor(time / sampleEveryMs);
}
