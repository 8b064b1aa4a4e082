import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventFeed, type EventFeed, type FeedStore } from '../../src/domain/event-feed.ts';
import type { ShownEvent } from '../../src/domain/stream-event.ts';
import { shownEvent } from '../support/events.ts';

const feeds: EventFeed[] = [];
const log = { info: vi.fn<() => void>(), warn: vi.fn<() => void>() };

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
  vi.clearAllMocks();
});

/** A table in memory, which can be out of reach. */
function createTable() {
  const events: ShownEvent[] = [];
  const table = {
    isDown: false,
    reads: 0,
    /** Called when a read has its rows and before it gives them. */
    beforeAnswer: async (): Promise<void> => {},
    commit(...sequences: number[]) {
      events.push(...sequences.map((sequence) => shownEvent({ sequence })));
    },
    async tail(after: number, limit: number) {
      table.reads += 1;
      await wait(1);
      if (table.isDown) throw new Error('out of reach');
      const rows = events.filter(({ sequence }) => sequence > after).slice(0, limit);
      await table.beforeAnswer();
      return rows;
    },
    async end() {
      await wait(1);
      if (table.isDown) throw new Error('out of reach');
      return events.at(-1)?.sequence ?? 0;
    },
  };
  return table;
}

function started(store: FeedStore, everyMs = 60_000): EventFeed {
  const feed = createEventFeed({ store, everyMs, log });
  feed.start();
  feeds.push(feed);
  return feed;
}

/** A listener that remembers what it was given. */
async function listenTo(feed: EventFeed): Promise<{ heard: number[]; leave: () => void }> {
  const heard: number[] = [];
  const leave = await feed.subscribe((events) => void heard.push(...events.map((event) => event.sequence)));
  return { heard, leave };
}

function upTo(count: number, from = 1): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

describe('the feed of events', () => {
  it('gives every listener what is stored from now on, in order', async () => {
    const table = createTable();
    table.commit(1, 2);
    const feed = started(table);
    const [one, other] = await Promise.all([listenTo(feed), listenTo(feed)]);
    table.commit(...upTo(1_700, 3));
    feed.wake();
    await vi.waitFor(() => expect(one.heard.length).toBe(1_700));
    expect(one.heard).toEqual(upTo(1_700, 3));
    expect(other.heard).toEqual(one.heard);
    expect(feed.position()).toBe(1_702);
  });

  it('finds by itself what another process has stored', async () => {
    const table = createTable();
    const feed = started(table, 5);
    const { heard } = await listenTo(feed);
    table.commit(1);
    await vi.waitFor(() => expect(heard).toEqual([1]));
  });

  it('reads again when woken while it reads', async () => {
    const table = createTable();
    const feed = started(table);
    const { heard } = await listenTo(feed);
    table.beforeAnswer = async () => {
      table.beforeAnswer = async () => {};
      table.commit(2);
      feed.wake();
    };
    table.commit(1);
    feed.wake();
    await vi.waitFor(() => expect(heard).toEqual([1, 2]));
  });

  it('does not tell who comes while it reads what was before', async () => {
    const table = createTable();
    const feed = started(table);
    const first = await listenTo(feed);
    let second: { heard: number[] } = { heard: [] };
    table.beforeAnswer = async () => {
      table.beforeAnswer = async () => {};
      first.leave();
      table.commit(2, 3);
      second = await listenTo(feed);
    };
    table.commit(1);
    feed.wake();
    await vi.waitFor(() => expect(feed.position()).toBe(3));
    table.commit(4);
    await vi.waitFor(() => {
      feed.wake();
      expect(second.heard).toEqual([4]);
    });
  });

  it('asks nothing of the database while nobody listens', async () => {
    const table = createTable();
    const feed = started(table, 1);
    const { leave, heard } = await listenTo(feed);
    leave();
    await wait(5);
    const { reads } = table;
    table.commit(1);
    feed.wake();
    await wait(20);
    expect(table.reads).toBe(reads);
    expect(heard).toEqual([]);
  });

  it('does not tell a newcomer what happened while nobody listened', async () => {
    const table = createTable();
    const feed = started(table);
    (await listenTo(feed)).leave();
    table.commit(1, 2, 3);
    const { heard } = await listenTo(feed);
    expect(feed.position()).toBe(3);
    table.commit(4);
    feed.wake();
    await vi.waitFor(() => expect(heard).toEqual([4]));
  });

  it('survives an outage of the database and loses nothing', async () => {
    const table = createTable();
    const feed = started(table, 5);
    const { heard } = await listenTo(feed);
    table.commit(1);
    await vi.waitFor(() => expect(heard).toEqual([1]));
    table.isDown = true;
    table.commit(2, 3);
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledOnce());
    table.isDown = false;
    await vi.waitFor(() => expect(heard).toEqual([1, 2, 3]));
    expect(log.info).toHaveBeenCalledOnce();
  });

  it('refuses a listener whom it cannot tell where now is', async () => {
    const table = createTable();
    table.isDown = true;
    const feed = started(table);
    await expect(listenTo(feed)).rejects.toThrow('out of reach');
    table.isDown = false;
    await expect(listenTo(feed)).resolves.toBeDefined();
  });

  it('does not let one listener that fails keep events from the others', async () => {
    const table = createTable();
    const feed = started(table);
    await feed.subscribe(() => Promise.reject(new Error('broken')));
    const { heard } = await listenTo(feed);
    table.commit(1, 2);
    feed.wake();
    await vi.waitFor(() => expect(heard).toEqual([1, 2]));
  });

  it('neither skips nor repeats for listeners who come and go while events are stored', async () => {
    const table = createTable();
    const feed = started(table, 1);
    let sequence = 0;
    const stays = await listenTo(feed);
    const visits: { from: number; heard: number[] }[] = [];
    for (let visit = 0; visit < 40; visit += 1) {
      const { heard, leave } = await listenTo(feed);
      visits.push({ from: feed.position(), heard });
      table.commit((sequence += 1), (sequence += 1));
      feed.wake();
      if (visit % 2 === 0) await wait(2);
      leave();
    }
    await vi.waitFor(() => expect(stays.heard).toEqual(upTo(sequence)));
    for (const { from, heard } of visits) expect(heard).toEqual(upTo(heard.length, from + 1));
  });
});
