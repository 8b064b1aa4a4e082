import type { Knex } from 'knex';
import type { LiveStream } from '../domain/streamer.ts';
import type { Database } from './database.ts';
import { chunksOf } from './chunks.ts';
import { recordLogins } from './renames.ts';
import { toLiveRow } from './streamer-rows.ts';
import type { RoundRow, StreamerRow } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** One answer of Get Streams: who was asked about, and who of them was live. */
export interface Round {
  asked: string[];
  live: LiveStream[];
  at: Date;
}

/**
 * What a round changed. `changed`: title, category, language or display name. The number of viewers is
 * no change. One streamer may come twice, as renamed and as live.
 */
export interface StreamerChange {
  streamerId: string;
  kind: 'live' | 'offline' | 'changed' | 'renamed';
}

/**
 * Writes what a round has shown about the streamers that are known; others are passed over. A broadcast
 * ends when it is absent from two rounds in a row, since Twitch's list blinks; it then ended at the first.
 */
export async function saveRound(database: Database, { asked, live, at }: Round): Promise<StreamerChange[]> {
  const liveById = new Map(live.map((stream) => [stream.streamerId, stream]));
  const changes: StreamerChange[] = [];
  // In one order for everybody: rounds of several processes then wait for each other instead of deadlocking.
  for (const ids of chunksOf([...new Set(asked)].filter(isKey).toSorted())) {
    changes.push(
      ...(await database.transact((transaction) => saveChunk(transaction, ids, liveById, at.getTime()))),
    );
  }
  return changes;
}

type SeenRow = RoundRow & Pick<StreamerRow, 'unavailable_since'>;

const columns = [
  'id',
  'login',
  'display_name',
  'title',
  'category',
  'language',
  'broadcast_id',
  'broadcast_started_at',
  'viewers',
  'thumbnail_url',
  'last_live_at',
  'absent_since',
  'unavailable_since',
] as const satisfies (keyof SeenRow)[];

async function saveChunk(
  transaction: Knex.Transaction,
  ids: string[],
  liveById: Map<string, LiveStream>,
  at: number,
): Promise<StreamerChange[]> {
  const before = await transaction('streamers')
    .select<SeenRow[]>(columns)
    .whereIn('id', ids)
    .orderBy('id')
    .forUpdate();
  const pairs = before.map((row) => ({ before: row, after: afterRound(row, liveById.get(row.id), at) }));
  const different = pairs.filter((pair) =>
    columns.some((column) => pair.before[column] !== pair.after[column]),
  );
  if (different.length > 0) {
    await transaction('streamers')
      .insert(different.map(({ after }) => after))
      .onConflict('id')
      .merge(columns.filter((column) => column !== 'id'));
  }
  const sightings = pairs.map((pair) => ({
    id: pair.after.id,
    login: pair.after.login,
    formerLogin: pair.before.login,
  }));
  await recordLogins(transaction, sightings, at);
  await transaction('streamers').whereIn('id', ids).update({ polled_at: at });
  return different.flatMap((pair) => changesBetween(pair.before, pair.after));
}

function afterRound(row: SeenRow, live: LiveStream | undefined, at: number): SeenRow {
  if (live !== undefined) return { ...toLiveRow(live, at), unavailable_since: null };
  if (row.broadcast_id === null) return row;
  if (row.absent_since === null) return { ...row, absent_since: at };
  if (row.absent_since >= at) return row;
  return {
    ...row,
    broadcast_id: null,
    broadcast_started_at: null,
    viewers: null,
    thumbnail_url: null,
    last_live_at: row.absent_since,
    absent_since: null,
  };
}

function changesBetween(before: RoundRow, after: RoundRow): StreamerChange[] {
  const streamerId = after.id;
  const changes: StreamerChange[] = [];
  if (before.login !== after.login) changes.push({ streamerId, kind: 'renamed' });
  if (after.broadcast_id !== before.broadcast_id) {
    changes.push({ streamerId, kind: after.broadcast_id === null ? 'offline' : 'live' });
  } else if (
    before.title !== after.title ||
    before.category !== after.category ||
    before.language !== after.language ||
    before.display_name !== after.display_name
  ) {
    changes.push({ streamerId, kind: 'changed' });
  }
  return changes;
}
