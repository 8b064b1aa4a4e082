import type { Knex } from 'knex';
import type { LiveStream } from '../domain/streamer.ts';
import type { Database } from './database.ts';
import { chunksOf } from './chunks.ts';
import { transactFinding } from './found-events.ts';
import type { EnterFound } from './found-events.ts';
import { recordLogins } from './renames.ts';
import { saveRoundBroadcasts } from './round-broadcasts.ts';
import { eventsBetween } from './round-events.ts';
import { toLiveRow } from './streamer-rows.ts';
import type { RoundRow, StreamerRow } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** One answer of Get Streams: who was asked about, and who of them was live. */
export interface Round {
  asked: string[];
  live: LiveStream[];
  at: Date;
  /** Whom push tells about: what the round finds of them comes late. By default, nobody. */
  pushCovers?: ((streamerId: string) => boolean) | undefined;
  /** Two absences count as two when they are so many milliseconds apart; half a minute unless said. */
  absencesApartMs?: number | undefined;
}

/**
 * What a round changed. `changed`: title, category, language or display name. The number of viewers is
 * no change. One streamer may come twice, as renamed and as live.
 */
export interface StreamerChange {
  streamerId: string;
  kind: 'live' | 'offline' | 'changed' | 'renamed';
}

/** A streamer before and after a round. */
export interface SightedPair {
  before: SeenRow;
  after: SeenRow;
}

/**
 * Writes what a round has shown about the streamers that are known, and stores as entries what push has not
 * told; streamers that are unknown are passed over. A broadcast ends when it is absent from two rounds in a
 * row, since Twitch's list blinks, and these are not about the same moment; it then ended at the first.
 */
export async function saveRound(database: Database, round: Round): Promise<StreamerChange[]> {
  const changes: StreamerChange[] = [];
  // In one order for everybody: rounds of several processes then wait for each other instead of deadlocking.
  for (const ids of chunksOf([...new Set(round.asked)].filter(isKey).toSorted())) {
    changes.push(
      ...(await transactFinding(database, round.at.getTime(), (transaction, enter) =>
        saveChunk(transaction, enter, ids, round),
      )),
    );
  }
  return changes;
}

type SeenRow = RoundRow &
  Pick<StreamerRow, 'unavailable_since' | 'ended_broadcast_id' | 'polled_at' | 'heard_at' | 'retitled_at'>;

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
  'ended_broadcast_id',
] as const satisfies (keyof SeenRow)[];

async function saveChunk(
  transaction: Knex.Transaction,
  enter: EnterFound,
  ids: string[],
  { live, at: date, pushCovers = () => false, absencesApartMs = 30_000 }: Round,
): Promise<StreamerChange[]> {
  const at = date.getTime();
  const liveById = new Map(live.map((stream) => [stream.streamerId, stream]));
  const rows = await transaction('streamers')
    .select<SeenRow[]>([...columns, 'polled_at', 'heard_at', 'retitled_at'])
    .whereIn('id', ids)
    .orderBy('id')
    .forUpdate();
  const pairs = rows.map((row) => ({
    before: row,
    after: afterRound(row, liveById.get(row.id), { at, absencesApartMs }),
  }));
  const { restarted, broadcastIds } = await saveRoundBroadcasts(transaction, pairs, at);
  await enter(eventsBetween(pairs, { at, restarted, broadcastIds, pushCovers }));
  const different = pairs.filter((pair) =>
    columns.some((column) => pair.before[column] !== pair.after[column]),
  );
  if (different.length > 0) {
    await transaction('streamers')
      .insert(different.map(({ after }) => Object.fromEntries(columns.map((name) => [name, after[name]]))))
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

/** Twitch's lists lag behind push by up to some minutes: for so long push is right. */
const startShowsWithinMs = 3 * 60_000;
const endShowsWithinMs = 5 * 60_000;
const titleShowsWithinMs = 3 * 60_000;

function afterRound(
  row: SeenRow,
  live: LiveStream | undefined,
  { at, absencesApartMs }: { at: number; absencesApartMs: number },
): SeenRow {
  if (live !== undefined) return isGhost(row, live, at) ? row : { ...row, ...sighting(row, live, at) };
  if (row.broadcast_id === null) return row;
  if (row.heard_at !== null && at - row.heard_at < startShowsWithinMs) return row;
  if (row.absent_since === null) return { ...row, absent_since: at };
  if (at - row.absent_since < absencesApartMs) return row;
  return {
    ...row,
    broadcast_id: null,
    broadcast_started_at: null,
    viewers: null,
    thumbnail_url: null,
    last_live_at: row.absent_since,
    absent_since: null,
    ended_broadcast_id: row.broadcast_id,
  };
}

/** True for a broadcast that is still in the list although push has told that it ended, or of the next one. */
function isGhost(row: SeenRow, live: LiveStream, at: number): boolean {
  if (row.heard_at === null || at - row.heard_at >= endShowsWithinMs) return false;
  if (row.broadcast_id === null) return live.id === row.ended_broadcast_id;
  return live.id !== row.broadcast_id && live.startedAt.getTime() < (row.broadcast_started_at ?? 0);
}

function sighting(row: SeenRow, live: LiveStream, at: number): Partial<SeenRow> {
  const seen = toLiveRow(live, at);
  const isRetitled = row.retitled_at !== null && at - row.retitled_at < titleShowsWithinMs;
  const { title, category, language } = isRetitled ? row : seen;
  const isNext = row.broadcast_id !== null && row.broadcast_id !== live.id;
  return {
    ...seen,
    title,
    category,
    language,
    unavailable_since: null,
    ended_broadcast_id: isNext ? row.broadcast_id : row.ended_broadcast_id,
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
