import type { Knex } from 'knex';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { transactFinding } from './found-events.ts';
import { unavailable } from './round-events.ts';
import { toDate } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** What is listened to. */
export interface StreamerCounts {
  known: number;
  /** Somebody's favourite. */
  favoured: number;
  /** Of the favoured ones, as all that follows. */
  live: number;
  unavailable: number;
  /** The most and the least recently polled. */
  newestPollAt: Date | null;
  oldestPollAt: Date | null;
}

/** Whom to ask Twitch about, and when. */
export interface Watchlist {
  /** Twitch left them out of Get Users. Since when stays as it was first said. */
  markUnavailable(ids: string[], at: Date): Promise<void>;
  /** Somebody looks at the page. Written at most every five minutes. */
  request(id: string, at: Date): Promise<void>;
  /** Everybody's favourites and who was requested after `since`, each once, longest ago polled first. */
  toPoll(since: Date): Promise<string[]>;
  /**
   * Of these: not profiled since `before`; unavailable and not asked since `unavailableBefore`; or whose
   * login was taken.
   */
  toProfile(before: Date, limit: number, unavailableBefore?: Date): Promise<string[]>;
  counts(): Promise<StreamerCounts>;
}

export function createWatchlist(database: Database): Watchlist {
  const { run } = database;

  return {
    async markUnavailable(ids, at) {
      const time = at.getTime();
      for (const chunk of chunksOf(ids.filter(isKey).toSorted())) {
        await transactFinding(database, time, async (transaction, enter) => {
          const missed = await transaction('streamers')
            .whereIn('id', chunk)
            .whereNull('unavailable_since')
            .orderBy('id')
            .forUpdate()
            .pluck<string[]>('id');
          await enter(missed.map((id) => unavailable(id, time)));
          await transaction('streamers').whereIn('id', missed).update({ unavailable_since: time });
          await transaction('streamers').whereIn('id', chunk).update({ profiled_at: time });
        });
      }
    },

    async request(id, at) {
      if (!isKey(id)) return;
      await run((knex) =>
        knex('streamers')
          .where({ id })
          .where(
            (old) =>
              void old.whereNull('requested_at').orWhere('requested_at', '<=', at.getTime() - 5 * 60_000),
          )
          .update({ requested_at: at.getTime() }),
      );
    },

    toPoll: (since) =>
      run((knex) =>
        knex('streamers as s')
          .where(wantedSince(since))
          .orderBy([{ column: 's.polled_at' }, { column: 's.id' }])
          .pluck('s.id'),
      ),

    toProfile: (before, limit, unavailableBefore = before) =>
      run((knex) =>
        knex('streamers as s')
          .whereNull('s.profiled_at')
          .orWhere(
            (old) =>
              void old
                .where(
                  (due) =>
                    void due
                      .where('s.profiled_at', '<', before.getTime())
                      .orWhere(
                        (lost) =>
                          void lost
                            .whereNotNull('s.unavailable_since')
                            .where('s.profiled_at', '<', unavailableBefore.getTime()),
                      ),
                )
                .where(wantedSince(before)),
          )
          .orderBy([{ column: 's.profiled_at' }, { column: 's.id' }])
          .limit(limit)
          .pluck('s.id'),
      ),

    async counts() {
      const row = await run((knex) =>
        knex
          .from(
            knex
              .select('s.*', knex.raw(`${isFavoured} AS is_favoured`))
              .from('streamers as s')
              .as('s'),
          )
          .first<CountsRow | undefined>(countColumns.map((column) => knex.raw(column))),
      );
      return {
        known: Number(row?.known ?? 0),
        favoured: Number(row?.favoured ?? 0),
        live: Number(row?.live ?? 0),
        unavailable: Number(row?.unavailable ?? 0),
        newestPollAt: toDate(row?.newest_poll_at ?? null),
        oldestPollAt: toDate(row?.oldest_poll_at ?? null),
      };
    },
  };
}

interface CountsRow {
  known: number | string;
  favoured: number | string | null;
  live: number | string;
  unavailable: number | string;
  newest_poll_at: number | null;
  oldest_poll_at: number | null;
}

const isFavoured = 'EXISTS (SELECT 1 FROM favourites f WHERE f.streamer_id = s.id)';

const countColumns = [
  'COUNT(*) AS known',
  'SUM(is_favoured) AS favoured',
  'COUNT(CASE WHEN is_favoured THEN broadcast_id END) AS live',
  'COUNT(CASE WHEN is_favoured THEN unavailable_since END) AS unavailable',
  'MAX(CASE WHEN is_favoured THEN polled_at END) AS newest_poll_at',
  'MIN(CASE WHEN is_favoured THEN polled_at END) AS oldest_poll_at',
];

function wantedSince(time: Date): (query: Knex.QueryBuilder) => void {
  return (query) => void query.where('s.requested_at', '>', time.getTime()).orWhereRaw(isFavoured);
}
