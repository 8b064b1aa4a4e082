import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect, createStore, createTokenCipher } from '../../src/store/index.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newestOf } from '../support/events.ts';
import { aGift, appendAtLast, aRaid } from './stream-events.ts';
import { aProfile, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

describeOnEveryDatabase('the order of events', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901'), aProfile('902')], new Date(start));
  });
  afterEach(() => fixture.close());

  it('shows a reader everything, once, while four write at the same time', { timeout: 60_000 }, async () => {
    const pools = Array.from({ length: 4 }, () => connect(fixture.database.settings));
    const stores = pools.map((knex) => createStore({ knex, tokenCipher: createTokenCipher(['a secret']) }));
    const perWriter = 60;
    let isOver = false;
    const seen: { sequence: number; messageId: string }[] = [];
    const reading = (async () => {
      for (let last = false; !last;) {
        last = isOver;
        const events = await fixture.store.events.tail(seen.at(-1)?.sequence ?? 0, 7);
        seen.push(...events);
        if (events.length === 7) last = false;
        await wait(1);
      }
    })();
    await Promise.all(
      stores.map(async ({ events }, writer) => {
        for (let turn = 0; turn < perWriter; turn += 2) {
          const streamerId = turn % 4 === 0 ? '901' : '902';
          await appendAtLast(events, [aRaid({ streamerId }), aRaid({ messageId: `w${writer}-${turn}` })]);
        }
      }),
    );
    isOver = true;
    await reading;
    await Promise.all(pools.map((knex) => knex.destroy()));
    expect(seen).toHaveLength(4 * perWriter);
    expect(new Set(seen.map(({ messageId }) => messageId)).size).toBe(4 * perWriter);
    const sequences = seen.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });

  it('makes one entry of one event that several processes hear', async () => {
    const pools = Array.from({ length: 3 }, () => connect(fixture.database.settings));
    const stores = pools.map((knex) => createStore({ knex, tokenCipher: createTokenCipher(['a secret']) }));
    const gifts = ['Ana', 'Ben', 'Cleo', 'Dora'].map((to) => aGift('bomb:1', to, new Date(start)));
    const results = await Promise.all(stores.map(({ events }) => appendAtLast(events, gifts)));
    await Promise.all(pools.map((knex) => knex.destroy()));
    const outcomes = results.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(8);
    expect(await newestOf(fixture.store, '901')).toHaveLength(1);
  });

  it('leaves nothing half when a process is killed in the middle', { timeout: 60_000 }, async () => {
    const writer = new URL('event-writer.ts', import.meta.url);
    for (const killAfterMs of [0, 7, 20]) {
      const child = fork(writer, [JSON.stringify(fixture.database.settings)], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const acknowledged: string[] = [];
      child.on('message', (ids: string[]) => acknowledged.push(...ids));
      await once(child, 'message');
      await wait(killAfterMs);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const stored = new Set(await fixture.database.knex('stream_events').pluck<string[]>('message_id'));
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    }
    const ids = await fixture.database.knex('stream_events').orderBy('id').pluck<number[]>('id');
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(ids.length % 25).toBe(0);
    expect(await fixture.store.events.end()).toBe(ids.length);
  });
});
