import { afterEach, beforeEach, expect, it } from 'vitest';
import { rowsOf } from '../../src/store/rows.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aRaid } from './stream-events.ts';
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
    const ids = Array.from({ length: 20 }, (_, index) => String(900 + index));
    await streamers.saveProfiles(
      ids.map((id) => aProfile(id)),
      new Date(start),
    );
    await users.save(aUser());
    for (const id of ids) await favourites.add('501', id);
    const raids = Array.from({ length: 3000 }, (_, index) =>
      aRaid({ streamerId: ids[index % 20] ?? '', at: new Date(start + index * 1000) }),
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

  /** How the database would go about it: one line for each table. */
  async function planOf({ sql, bindings = [] }: Statement): Promise<string[]> {
    if (fixture.database.settings.kind === 'sqlite') {
      const lines: { detail: string }[] = await fixture.database.knex.raw(
        `EXPLAIN QUERY PLAN ${sql}`,
        bindings,
      );
      return lines.map(({ detail }) => detail).filter((detail) => / e( |$)|stream_events/.test(detail));
    }
    const lines = await rowsOf<{ table: string | null; type: string; key: string | null }>(
      fixture.database.knex,
      `EXPLAIN ${sql}`,
      bindings,
    );
    return lines
      .filter(({ table }) => table === 'e' || table === 'stream_events')
      .map(({ type, key }) => (type === 'ALL' ? 'SCAN' : `SEARCH ${key}`));
  }

  it('each find what they show by an index', async () => {
    const { events } = fixture.store;
    const before = { at: new Date(start + 30 * minute), id: 1500 };
    await events.unread('501');
    await events.unread('501', '901');
    const { favourites } = await fixture.store.favourites.wallOf('501');
    await events.latestOf(favourites);
    await events.tail(2990, 100);
    await events.resume({ userId: '501' }, 2900, 3000, 100);
    for (const filter of [
      {},
      { before },
      { to: before.at },
      { kinds: ['raid', 'live'] },
      { q: 'nova' },
    ] as const) {
      await events.history(
        { scope: { userId: '501' }, ...filter, kinds: [...(filter.kinds ?? ['raid'])] },
        50,
      );
      await events.history({ scope: { streamerId: '901' }, ...('before' in filter ? { before } : {}) }, 50);
    }
    await events.find(7);
    await events.purge(new Date(start), 10);
    const asked = statements.filter(({ sql }) => sql.includes('stream_events'));
    expect(asked.length).toBeGreaterThan(15);
    const plans = await Promise.all(asked.map(planOf));
    expect(plans.filter((plan) => plan.length === 0)).toEqual([]);
    // The purge reads the first few by their key and stops; so do questions for what has a number.
    const scans = plans
      .flat()
      .filter((line) => line.startsWith('SCAN') && !/USING (COVERING )?INDEX/.test(line));
    expect(scans.length).toBeLessThanOrEqual(1);
  });

  it('name their index to MySQL, whose statistics mistake what a streamer has once there are millions', async () => {
    const { events, favourites } = fixture.store;
    await events.latestOf((await favourites.wallOf('501')).favourites);
    await events.history({ scope: { userId: '501' } }, 10);
    await events.history({ scope: { userId: '501' }, kinds: ['raid'] }, 10);
    const sources = statements.flatMap(({ sql }) => [...sql.matchAll(/FROM stream_events e(.{0,20})/g)]);
    expect(sources.length).toBeGreaterThan(5);
    for (const [, next] of sources) expect(next).toMatch(/^ \/\*! FORCE INDEX/);
  });

  it('would be found out if they read the whole table', async () => {
    expect(await planOf({ sql: "SELECT e.id FROM stream_events e WHERE e.text = 'x'" })).toContainEqual(
      expect.stringMatching(/^SCAN/),
    );
  });
});
