import type { Knex } from 'knex';
import type { ChannelInfo, Profile, Streamer, StreamerCard } from '../domain/streamer.ts';
import { chunksOf } from './chunks.ts';
import type { Database } from './database.ts';
import { transactFinding } from './found-events.ts';
import type { EnterFound } from './found-events.ts';
import { recordLogins } from './renames.ts';
import { available, renamed } from './round-events.ts';
import { saveRound } from './rounds.ts';
import type { Round, StreamerChange } from './rounds.ts';
import { createStreamerPages } from './streamer-pages.ts';
import type { FindPage } from './streamer-pages.ts';
import { cardColumns, toCard, toChannelRow, toProfileRow, toStreamer } from './streamer-rows.ts';
import type { CardRow, StreamerRow } from './streamer-rows.ts';
import { isKey, toLogin } from './text.ts';
import { createWatchlist } from './watchlist.ts';
import type { Watchlist } from './watchlist.ts';

export interface Streamers extends Watchlist {
  find(id: string): Promise<Streamer | null>;
  /** In any case. When two rows claim a login, the one that Twitch named last is right. */
  findByLogin(login: string): Promise<Streamer | null>;
  /** Who had this login before; the latest to give it up when several did. */
  findByFormerLogin(login: string): Promise<Streamer | null>;
  /** Of those who are there, so many whose logins come next in the alphabet, half of them on either side. */
  neighbours(login: string, most: number): Promise<StreamerCard[]>;
  pageOf: FindPage;
  /** Who was on air when last asked about, since then; the most watched first. */
  onAir(since: Date, most: number): Promise<StreamerCard[]>;
  /** Adds streamers or brings them up to date, renames included. */
  saveProfiles(profiles: Profile[], at: Date): Promise<void>;
  /** Of known streamers; others are passed over. */
  saveChannels(channels: ChannelInfo[], at: Date): Promise<void>;
  /** See `saveRound` in `rounds.ts`. */
  saveRound(round: Round): Promise<StreamerChange[]>;
}

export function createStreamers(database: Database): Streamers {
  const { run, transact } = database;
  const pageOf = createStreamerPages(database);

  async function first(query: (knex: Knex) => Knex.QueryBuilder): Promise<Streamer | null> {
    const row: StreamerRow | undefined = await run(async (knex) => await query(knex));
    return row === undefined ? null : toStreamer(row);
  }

  return {
    find: async (id) => (isKey(id) ? await first((knex) => knex('streamers').first().where({ id })) : null),

    async findByLogin(login) {
      const page = await pageOf(login, null);
      return page === null ? null : page.streamer;
    },

    async findByFormerLogin(login) {
      if (!isKey(login)) return null;
      return await first((knex) =>
        knex('former_logins as f')
          .join('streamers as s', 's.id', 'f.streamer_id')
          .first('s.*')
          .where('f.login', toLogin(login))
          .orderBy([{ column: 'f.renamed_at', order: 'desc' }, { column: 's.id' }]),
      );
    },

    async neighbours(login, most) {
      if (!isKey(login)) return [];
      const side = (operator: string, order: string) =>
        run((knex) =>
          knex('streamers')
            .select<CardRow[]>(...cardColumns)
            .where('login', operator, login)
            .whereNull('unavailable_since')
            .orderBy('login', order)
            .limit(most / 2),
        );
      return (await Promise.all([side('<', 'desc'), side('>=', 'asc')])).flat().map(toCard);
    },

    pageOf,

    async onAir(since, most) {
      const rows = await run((knex) =>
        knex('streamers')
          .select<CardRow[]>(...cardColumns)
          .whereNotNull('broadcast_id')
          .whereNull('unavailable_since')
          .where('polled_at', '>=', since.getTime())
          .orderBy([{ column: 'viewers', order: 'desc' }, { column: 'id' }])
          .limit(most),
      );
      return rows.map(toCard);
    },

    async saveProfiles(profiles, at) {
      const rows = lastOfEach(profiles).map(toProfileRow);
      for (const chunk of chunksOf(rows)) {
        await transactFinding(database, at.getTime(), (transaction, enter) =>
          saveProfileRows(transaction, enter, chunk, at.getTime()),
        );
      }
    },

    async saveChannels(channels) {
      for (const chunk of chunksOf(lastOfEach(channels).map(toChannelRow))) {
        await transact(async (transaction) => {
          const known = await knownOf(
            transaction,
            chunk.map(({ id }) => id),
          );
          const rows = chunk.flatMap((row) => {
            const login = known.get(row.id)?.login;
            return login === undefined ? [] : [{ ...row, login }];
          });
          if (rows.length === 0) return;
          await transaction('streamers')
            .insert(rows)
            .onConflict('id')
            .merge(['title', 'category', 'language']);
        });
      }
    },

    saveRound: (round) => saveRound(database, round),

    ...createWatchlist(database),
  };
}

async function saveProfileRows(
  transaction: Knex.Transaction,
  enter: EnterFound,
  rows: ReturnType<typeof toProfileRow>[],
  at: number,
): Promise<void> {
  const known = await knownOf(
    transaction,
    rows.map(({ id }) => id),
  );
  await enter(
    rows.flatMap(({ id, login }) => {
      const before = known.get(id);
      if (before === undefined) return [];
      return [
        ...(before.login === login ? [] : [renamed(id, before.login, login, at)]),
        ...(before.unavailable_since === null ? [] : [available(id, at)]),
      ];
    }),
  );
  await transaction('streamers')
    .insert(rows.map((row) => ({ ...row, profiled_at: at, unavailable_since: null })))
    .onConflict('id')
    .merge();
  const sightings = rows.map(({ id, login }) => ({ id, login, formerLogin: known.get(id)?.login ?? null }));
  await recordLogins(transaction, sightings, at);
}

async function knownOf(
  transaction: Knex.Transaction,
  ids: string[],
): Promise<Map<string, Pick<StreamerRow, 'id' | 'login' | 'unavailable_since'>>> {
  const rows = await transaction('streamers')
    .select<Pick<StreamerRow, 'id' | 'login' | 'unavailable_since'>[]>('id', 'login', 'unavailable_since')
    .whereIn('id', ids)
    .orderBy('id')
    .forUpdate();
  return new Map(rows.map((row) => [row.id, row]));
}

/** One of each id, in the order of ids, which keeps concurrent writers from deadlocking. */
function lastOfEach<Item extends { id: string }>(items: Item[]): Item[] {
  const byId = new Map(items.filter(({ id }) => isKey(id)).map((item) => [item.id, item]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
