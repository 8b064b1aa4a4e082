import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HistoryFilter } from '../../src/store/index.ts';
import { rowsOf } from '../../src/store/rows.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { anEvent, aPerson, aRaid, aStart } from './stream-events.ts';
import { aProfile, aUser, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

interface Statement {
  sql: string;
  bindings?: (string | number)[];
}

describeOnEveryDatabase('the queries of pages', (open) => {
  let fixture: StoreFixture;
  let statements: Statement[] = [];
  beforeEach(async () => {
    fixture = await openStore(open);
    const { streamers, users, favourites, events } = fixture.store;
    const ids = Array.from({ length: 40 }, (_, index) => String(900 + index));
    await streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      new Date(start),
    );
    await users.save(aUser());
    for (const id of ids.slice(0, 20)) await favourites.add('501', id);
    const raids = Array.from({ length: 3000 }, (_, index) =>
      aRaid({
        streamerId: ids[index % 40] ?? '',
        at: new Date(start + index * 1000),
        relation: { how: 'same', key: `raid:${index}` },
      }),
    );
    await events.append(raids);
    await events.readUpTo('501', 2900);
    const isSqlite = fixture.database.settings.kind === 'sqlite';
    await fixture.database.knex.raw(isSqlite ? 'ANALYZE' : 'ANALYZE TABLE stream_events');
    fixture.database.knex.on('query', ({ sql, bindings = [] }: Statement) =>
      statements.push({ sql, bindings }),
    );
    statements = [];
  });
  afterEach(() => fixture.close());

  /**
   * What would take longer the more there is: entries that are read one by one, all entries of a streamer, or
   * sorted before a limit has cut them.
   */
  async function faultsOf({ sql, bindings = [] }: Statement): Promise<string[]> {
    const { knex, settings } = fixture.database;
    if (settings.kind === 'sqlite') {
      const lines: { detail: string }[] = await knex.raw(`EXPLAIN QUERY PLAN ${sql}`, bindings);
      const ofEvents = lines
        .map(({ detail }) => detail)
        .filter((line) => /(SCAN|SEARCH) (e|stream_events)\b/.test(line));
      return ofEvents.length === 0 ? ['nothing is read'] : ofEvents.filter((line) => !isSearch(line, sql));
    }
    const steps = await rowsOf<Step>(knex, `EXPLAIN ${sql}`, bindings);
    const ofEvents = steps.filter(({ table }) => table === 'e' || table === 'stream_events');
    if (ofEvents.length === 0) return ['nothing is read'];
    return ofEvents.filter((step) => !isShort(step, sql)).map((step) => JSON.stringify(step));
  }

  /** All that pages, streams and the listener ask, by name. */
  function questions(): Record<string, () => Promise<unknown>> {
    const { events, favourites, users } = fixture.store;
    const all = { userId: '501' };
    const one = { streamerId: '901' };
    const before = { at: new Date(start + 30 * minute), id: 1500 };
    const from = new Date(start + 20 * minute);
    const filters: Record<string, Partial<HistoryFilter>> = {
      plain: {},
      'further back': { before },
      'up to a time': { to: before.at },
      'between times': { from, to: before.at },
      'of kinds': { kinds: ['raid', 'live'] },
      'of kinds, further back': { kinds: ['raid', 'live'], before },
      'with words': { q: 'nova' },
      'with words and names': { q: 'nova', named: ['901', '902'] },
      'with words, of a kind, further back': { q: 'nova', kinds: ['raid'], before },
    };
    const histories = Object.entries(filters).flatMap(([name, filter]) => [
      [`history of all, ${name}`, () => events.history({ scope: all, ...filter }, 10)] as const,
      [`history of one, ${name}`, () => events.history({ scope: one, ...filter }, 10)] as const,
      [`export, ${name}`, () => events.history({ scope: all, ...filter }, 500)] as const,
    ]);
    return {
      ...Object.fromEntries(histories),
      unread: async () => await events.unreadSince(0, await favourites.ofUser('501')),
      'unread of one': async () => await events.unreadSince(0, (await favourites.ofUser('501')).slice(0, 1)),
      latest: async () => await events.latestOf(await favourites.ofUser('501')),
      tail: () => events.tail(2990, 100),
      resume: () => events.resume(all, 2900, 3000, 50),
      'resume one': () => events.resume(['901'], 2900, 3000, 50),
      'resume far behind': () => events.resume(all, 3, 3000, 50),
      find: () => events.find(7),
      append: () => events.append([aStart('71', new Date(start)), aRaid()]),
      'turn a kind off': async () => {
        await users.save(aUser('901'));
        await users.setOwnKinds('901', ['follows']);
        await events.append([aFollow(), aFollow()]);
        await users.setOwnKinds('901', []);
      },
      'remove a user': async () => {
        await users.setOwnKinds('901', ['follows']);
        await events.append([aFollow(), aFollow()]);
        await users.remove('901');
      },
    };
  }

  it('find what they show by an index, and read little more than that', { timeout: 30_000 }, async () => {
    const faults: string[] = [];
    const asked: [string, Statement[]][] = [];
    for (const [name, ask] of Object.entries(questions())) {
      statements = [];
      await ask();
      asked.push([name, statements.filter(({ sql }) => isAboutEvents(sql))]);
    }
    // All is asked before: libsql begins no transaction after it has explained a write.
    for (const [name, ofName] of asked) {
      if (ofName.length === 0) faults.push(`${name}: asks nothing`);
      for (const statement of ofName) {
        for (const fault of await faultsOf(statement)) faults.push(`${name}: ${fault} in ${statement.sql}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('would be found out if they read more than they show', async () => {
    for (const sql of [
      "SELECT e.id FROM stream_events e WHERE e.text = 'x'",
      'SELECT e.id FROM stream_events e ORDER BY e.id DESC',
      'SELECT e.streamer_id, e.sequence FROM stream_events e ORDER BY e.streamer_id, e.sequence',
      `SELECT e.id FROM favourites f JOIN stream_events e ON e.streamer_id = f.streamer_id AND e.is_part = 0
       WHERE f.user_id = '501' ORDER BY e.at DESC LIMIT 10`,
    ]) {
      expect(await faultsOf({ sql })).toHaveLength(1);
    }
  });

  it('name their index to MySQL, whose statistics mistake what a streamer has once there are millions', async () => {
    const unnamed: string[] = [];
    for (const [name, ask] of Object.entries(questions())) {
      if (['tail', 'find', 'append'].includes(name)) continue;
      statements = [];
      await ask();
      const sources = statements.flatMap(({ sql }) => [...sql.matchAll(/stream_events e\b(.{0,20})/g)]);
      // What is joined by its id needs no other index.
      const bare = sources.filter(([, next]) => !/^ (ON|JOIN|\/\*! FORCE INDEX)/.test(next ?? ''));
      unnamed.push(...bare.map(([source]) => `${name}: ${source}`));
    }
    expect(unnamed).toEqual([]);
  });
});

interface Step {
  select_type: string;
  table: string | null;
  type: string;
  key: string | null;
  Extra: string | null;
}

function aFollow() {
  return anEvent('follow', { by: aPerson('Nova') }, { streamerId: '901', type: 'channel.follow' });
}

function isAboutEvents(sql: string): boolean {
  return /^\s*(select|update|delete)/i.test(sql) && sql.includes('stream_events');
}

/**
 * By the whole of what is asked: a streamer alone may have millions, but for who wants the last of them only, or
 * takes back what one broadcaster has lent.
 */
function isSearch(line: string, sql: string): boolean {
  const isWhole = !/\(streamer_id=\?( AND is_part=\?)?\)$/.test(line);
  return line.startsWith('SEARCH') && (isWhole || /UPDATE streamers|e\.type IN/.test(sql));
}

/**
 * The same of MySQL. It can take the last one of each streamer by their id alone; it sorts few rows that have ids, and
 * in a search the few thousand that this looks at.
 */
function isShort({ select_type: place, type, key, Extra: extra }: Step, sql: string): boolean {
  const isLastOfEach = type === 'ref' && place === 'DEPENDENT SUBQUERY';
  const isByKey = ['const', 'eq_ref', 'range'].includes(type) || key === 'stream_events_relation';
  const maySort = key === 'PRIMARY' || sql.includes('LIKE');
  const isSorted = /temporary|filesort/.test(extra ?? '') && !maySort;
  return (isByKey || isLastOfEach) && !isSorted;
}
