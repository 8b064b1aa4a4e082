import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventFeed, type EventFeed } from '../../../src/domain/event-feed.ts';
import type { EventBody, ShownEvent } from '../../../src/domain/stream-event.ts';
import type { StreamerCard } from '../../../src/domain/streamer.ts';
import { sendErrorsPlainly } from '../../support/plain-errors.ts';
import { createFrames } from '../../../src/web/live/frames.ts';
import { createLiveStreams } from '../../../src/web/live/streams.ts';
import { type EventStream, openEventStream } from '../../support/event-stream.ts';
import { type GivenEvent, raidOf, shownEvent } from '../../support/events.ts';
import { portOf } from '../../support/port.ts';

const running: { server: Server; feed: EventFeed; streams: EventStream[] }[] = [];

afterEach(async () => {
  for (const { server, feed, streams } of running.splice(0)) {
    for (const stream of streams) stream.close();
    await feed.stop();
    server.closeAllConnections();
    server.close();
  }
});

type Options = Partial<Pick<Parameters<typeof createLiveStreams>[0], 'limits' | 'clocks'>>;

/** The streams over a real socket, with a table, favourites and sessions in memory. */
async function start({ everyMs = 5, ...options }: Options & { everyMs?: number } = {}) {
  const table: ShownEvent[] = [];
  const favourites = new Map([['u', ['1001', '1002']]]);
  const ended = new Set<string>();
  const rendered: string[] = [];
  const world = { isDown: false, delayMs: 1, mostResumed: 1_000, live: new Set<string>() };
  const answer = async <Value>(value: () => Value): Promise<Value> => {
    await wait(world.delayMs);
    if (world.isDown) throw new Error('out of reach');
    return value();
  };
  const store = {
    events: {
      tail: (after: number, limit: number) =>
        answer(() => table.filter(({ sequence }) => sequence > after).slice(0, limit)),
      end: () => answer(() => table.at(-1)?.sequence ?? 0),
      resume: (of: string[] | { userId: string }, after: number, upTo: number, limit: number) => {
        const ids = 'userId' in of ? (favourites.get(of.userId) ?? []) : of;
        const isWanted = ({ sequence, streamer }: ShownEvent) =>
          sequence > after && sequence <= upTo && ids.includes(streamer.id);
        return answer(() => {
          const all = table.filter(isWanted);
          const isCut = all.length > world.mostResumed;
          const found = isCut ? all.slice(-limit) : all.slice(0, limit);
          const isLast = isCut || all.length <= limit;
          return { events: found, reached: isLast ? upTo : (found.at(-1)?.sequence ?? upTo), isCut };
        });
      },
    },
    streamers: { find: (id: string) => answer(() => card(id, world.live.has(id))) },
    favourites: {
      idsOf: (users: string[]) => answer(() => new Map(users.map((id) => [id, favourites.get(id) ?? []]))),
    },
    sessions: { alive: (ids: string[]) => answer(() => new Set(ids.filter((id) => !ended.has(id)))) },
  };
  const log = { info: vi.fn<() => void>(), warn: vi.fn<() => void>() };
  const feed = createEventFeed({ store: store.events, everyMs, log });
  feed.start();
  const part = (partial: string, locals: Record<string, unknown>) => {
    rendered.push(partial);
    return `<li>${partial}\n${nameIn(locals)}</li>`;
  };
  const live = createLiveStreams({ feed, store, frames: createFrames({ part }), log, ...options });
  const app = express();
  app.get('/live/:userId/:sessionId{/:streamerId}', async (request, response) => {
    const { userId, sessionId, streamerId = null } = request.params;
    const after = request.get('Last-Event-ID');
    await live.open(response, {
      userId,
      sessionId,
      streamerId,
      address: request.get('X-Address') ?? null,
      after: after === undefined ? null : Number(after),
    });
  });
  app.get('/slow', async (_request, response) => {
    await wait(100);
    response.end('at last');
  });
  app.use(sendErrorsPlainly);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const streams: EventStream[] = [];
  running.push({ server, feed, streams });
  let sequence = 0;
  return {
    world,
    favourites,
    ended,
    rendered,
    live,
    feed,
    log,
    server,
    listen: async (path = 'u/s', after: number | null = null, address?: string) => {
      const headers: Record<string, string> = after === null ? {} : { 'Last-Event-ID': String(after) };
      if (address !== undefined) headers['X-Address'] = address;
      const stream = await openEventStream(`http://127.0.0.1:${portOf(server)}/live/${path}`, headers);
      streams.push(stream);
      // Its headers are out before it is read for.
      if (stream.status === 200) await stream.begins();
      return stream;
    },
    commit: ({
      of: id = '1001',
      body,
      ...rest
    }: Partial<GivenEvent> & { of?: string; body?: EventBody } = {}) => {
      const streamer = { id, login: `s${id}`, displayName: `S ${id}`, profileImageUrl: null };
      table.push(shownEvent({ streamer, ...rest, sequence: (sequence += 1) }, body));
      feed.wake();
      return sequence;
    },
    /** As another process does: nobody tells the feed. */
    commitElsewhere: () => {
      table.push(shownEvent({ sequence: (sequence += 1) }));
      return sequence;
    },
  };
}

/** As it is, line ends and all; names of raiders are long where bytes matter. */
function nameIn({ event, streamer }: Record<string, unknown>): string {
  const shown = event ?? streamer;
  if (typeof shown !== 'object' || shown === null) return '';
  const raider = 'payload' in shown ? JSON.stringify(shown.payload) : '';
  const about = 'streamer' in shown ? shown.streamer : shown;
  const name = typeof about === 'object' && about !== null && 'displayName' in about ? about.displayName : '';
  return `${String(name)} ${raider}`;
}

function card(id: string, isLive: boolean): StreamerCard {
  const broadcast = { id: '9', startedAt: new Date(0), viewers: 1, thumbnailUrl: null };
  return {
    id,
    login: `s${id}`,
    displayName: `S ${id}`,
    profileImageUrl: null,
    title: '',
    category: '',
    broadcast: isLive ? broadcast : null,
    lastLiveAt: null,
    polledAt: null,
    unavailableSince: null,
    lastEvent: null,
  };
}

const goesLive: EventBody = {
  kind: 'live',
  payload: { broadcastId: '9', startedAt: null, title: null, category: null, isRestart: false },
};

describe('a live stream', () => {
  it('has headers that keep proxies from holding it back or changing it', async () => {
    const { listen } = await start();
    const { headers, retryMs } = await listen();
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    expect(headers['cache-control']).toBe('no-store, no-transform');
    expect(headers['x-accel-buffering']).toBe('no');
    expect(retryMs()).toBeGreaterThanOrEqual(1_000);
    expect(retryMs()).toBeLessThanOrEqual(4_000);
  });

  it('tells what happens to favourites, and nothing of others', async () => {
    const { listen, commit } = await start();
    const all = await listen();
    const one = await listen('u/s/1002');
    commit();
    commit({ of: '1003' });
    commit({ of: '1002' });
    await vi.waitFor(() => expect(all.ids()).toEqual([1, 3]));
    await vi.waitFor(() => expect(one.ids()).toEqual([3]));
  });

  it('renders each entry once for all who listen and who come back', async () => {
    const { listen, commit, rendered } = await start({ limits: { aUser: 60 } });
    const streams = await Promise.all(Array.from({ length: 50 }, () => listen()));
    commit();
    for (const stream of streams) await vi.waitFor(() => expect(stream.ids()).toEqual([1]));
    const back = await listen('u/s', 0);
    await vi.waitFor(() => expect(back.ids()).toEqual([1]));
    expect(rendered).toEqual(['stream-event']);
  });

  it('lets no text forge an event', async () => {
    const { listen, commit } = await start();
    const stream = await listen();
    const name = 'a\nid: 99\r\ndata: b\revent: forged\n\ndata: c';
    const streamer = { id: '1001', login: 'nova', displayName: name, profileImageUrl: null };
    commit({ streamer });
    commit();
    await vi.waitFor(() => expect(stream.ids()).toEqual([1, 2]));
    expect(stream.received.map(({ event }) => event)).toEqual(['stream-event', 'stream-event']);
  });

  it('sends the card after what changes it', async () => {
    const { listen, commit, world } = await start();
    const stream = await listen();
    world.live.add('1001');
    commit({ body: goesLive });
    commit({ of: '1002', body: { kind: 'renamed', payload: { from: 'a', to: 'b' } } });
    await vi.waitFor(() => expect(stream.received.length).toBe(4));
    const cards = stream.received.filter(({ event }) => event === 'streamer-card');
    expect(cards.map(({ id, data }) => [id, data.split('\n')[0]])).toEqual([
      [null, '<li>live-card'],
      [null, '<li>offline-card'],
    ]);
    expect(stream.received[0]?.event).toBe('stream-event');
  });

  it('goes on after the last id that the browser names, and with the card as it is now', async () => {
    const { listen, commit } = await start();
    const seen = commit();
    commit({ body: goesLive });
    for (let count = 0; count < 120; count += 1) commit();
    const stream = await listen('u/s', seen);
    await vi.waitFor(() =>
      expect(stream.ids()).toEqual(Array.from({ length: 121 }, (_, index) => index + 2)),
    );
    await vi.waitFor(() => expect(stream.ids('streamer-card')).toHaveLength(1));
  });

  it('tells who is too far behind of the gap, and goes on with the newest and the card', async () => {
    const { commit, listen, feed, world } = await start();
    const first = await listen('u/s/1001');
    for (let count = 0; count < 130; count += 1) commit();
    await vi.waitFor(() => expect(feed.position()).toBe(130));
    first.close();
    world.mostResumed = 100;
    const back = await listen('u/s/1001', 3);
    await vi.waitFor(() => expect(back.received.at(-1)?.event).toBe('streamer-card'));
    expect(back.received[0]?.event).toBe('gap');
    expect(back.ids()).toEqual(Array.from({ length: 50 }, (_, index) => 81 + index));
    const closer = await listen('u/s/1001', 30);
    await vi.waitFor(() => expect(closer.ids()).toHaveLength(100));
    expect(closer.received.map(({ event }) => event)).not.toContain('gap');
  });

  it('does not repeat to a page what that knew before the feed', async () => {
    const { listen, commit, commitElsewhere } = await start({ everyMs: 60_000 });
    await listen('u/other');
    const known = commitElsewhere();
    const stream = await listen('u/s', known);
    const next = commit();
    await vi.waitFor(() => expect(stream.ids()).toEqual([next]));
  });

  it('begins at the present end when the id is of the future', async () => {
    const { listen, commit } = await start();
    commit();
    const stream = await listen('u/s', 999_999);
    commit();
    await vi.waitFor(() => expect(stream.ids()).toEqual([2]));
  });

  it('neither misses nor repeats one of 400 events over 90 reconnects', async () => {
    const { listen, commit } = await start();
    const seen: number[] = [];
    const writing = (async () => {
      for (let count = 0; count < 400; count += 1) {
        commit();
        await wait(count % 4);
      }
    })();
    for (let connection = 0; connection <= 90; connection += 1) {
      const stream = await listen('u/s', seen.at(-1) ?? 0);
      await wait(connection % 7);
      stream.close();
      await stream.ended;
      seen.push(...stream.ids());
    }
    await writing;
    const last = await listen('u/s', seen.at(-1) ?? 0);
    await vi.waitFor(() => expect([...seen, ...last.ids()].at(-1)).toBe(400));
    expect([...seen, ...last.ids()]).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
  });

  it('follows a favourite that is added and forgets one that is removed, at once', async () => {
    const { listen, commit, favourites, live } = await start();
    const stream = await listen();
    favourites.set('u', ['1001', '1003']);
    live.favouritesChanged('u');
    await wait(10);
    commit({ of: '1003' });
    commit({ of: '1002' });
    const last = commit();
    await vi.waitFor(() => expect(stream.ids()).toEqual([1, last]));
  });

  it('learns of favourites and sign-outs in other processes by looking', async () => {
    const { listen, commit, favourites, ended, live } = await start({ clocks: { lookMs: 20 } });
    const stays = await listen('u/s');
    const goes = await listen('u/gone');
    favourites.set('u', ['1003']);
    ended.add('gone');
    await goes.ended;
    await vi.waitFor(() => expect(live.size()).toBe(1));
    await wait(30);
    commit({ of: '1003' });
    await vi.waitFor(() => expect(stays.ids()).toEqual([1]));
  });

  it('ends with its session, and all of a user’s with the user', async () => {
    const { listen, live } = await start();
    const [one, other, stranger] = [await listen('u/a'), await listen('u/b'), await listen('v/c')];
    live.endSession('a');
    await one.ended;
    await vi.waitFor(() => expect(live.size()).toBe(2));
    live.endUser('u');
    await other.ended;
    await vi.waitFor(() => expect(live.size()).toBe(1));
    expect(stranger.received).toEqual([]);
  });

  it('is refused to who has twelve, until one is closed', async () => {
    const { listen, live, world } = await start();
    // All of them are being opened at the same time.
    world.delayMs = 500;
    const streams = await Promise.all(Array.from({ length: 13 }, () => listen()));
    world.delayMs = 1;
    const [refused, ...others] = streams.filter(({ status }) => status !== 200);
    expect(refused?.status).toBe(429);
    expect(others).toEqual([]);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await listen('v/s')).status).toBe(200);
    streams.find(({ status }) => status === 200)?.close();
    await vi.waitFor(() => expect(live.size()).toBe(12));
    expect((await listen()).status).toBe(200);
  });

  const inside = [
    '127.0.0.1',
    '::ffff:127.0.0.1',
    '::1',
    '10.0.0.1',
    '172.31.0.1',
    '::ffff:172.18.0.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.127.0.1',
    'fd00::1',
    'fe80::1%eth0',
  ];

  it('is refused to an address that has its share, unless it may be everybody’s', async () => {
    const { listen, live } = await start({ limits: { anAddress: 2 } });
    const from = (address: string, user: string) => listen(`${user}/s`, null, address);
    const first = await from('203.0.113.7', 'a');
    await from('203.0.113.7', 'b');
    for (const odd of ['unknown', '172.32.0.1', '100.128.0.1', 'fec0::1'])
      expect(
        await Promise.all(['g', 'h', 'i'].map(async (user) => (await from(odd, user)).status)),
      ).toContain(429);
    const { status, headers } = await from('203.0.113.7', 'c');
    expect([status, Number(headers['retry-after'])]).toEqual([429, 30]);
    expect((await from('203.0.113.8', 'c')).status).toBe(200);
    for (const user of ['d', 'e', 'f'])
      for (const address of inside) expect((await from(address, user)).status).toBe(200);
    first.close();
    await vi.waitFor(() => expect(live.size()).toBe(43));
    expect((await from('203.0.113.7', 'c')).status).toBe(200);
  });

  it('is refused on a connection on which other answers come first', async () => {
    const { live, server } = await start();
    const socket = connect(portOf(server), '127.0.0.1');
    for (const path of ['slow', 'live/u/s']) socket.write(`GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1.1 200 .*HTTP\/1.1 503 /s));
    expect(live.size()).toBe(0);
    socket.destroy();
  });

  it('is refused when the process has as many as it can carry', async () => {
    const { listen } = await start({ limits: { inAll: 2 } });
    await listen('a/s');
    await listen('b/s');
    const { status, headers } = await listen('c/s');
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is refused while the database does not answer', async () => {
    const { listen, world, live } = await start();
    world.isDown = true;
    expect((await listen()).status).toBe(503);
    world.isDown = false;
    expect((await listen()).status).toBe(200);
    expect(live.size()).toBe(1);
  });

  it('is cut when it cannot be read for, and resumes', async () => {
    const { listen, world, commit } = await start();
    await listen('v/s');
    commit();
    await wait(20);
    world.isDown = true;
    const cut = await listen('u/s/1001', 0);
    await cut.ended;
    expect(cut.retryMs()).toBeGreaterThanOrEqual(1_000);
    world.isDown = false;
    const back = await listen('u/s/1001', 0);
    await vi.waitFor(() => expect(back.ids()).toEqual([1]));
  });

  it('is cut when nobody reads it, and resumes without a gap', async () => {
    const { listen, commit, live } = await start();
    const fast = await listen('u/fast');
    const slow = await listen('u/slow');
    slow.pause();
    const body = raidOf('x'.repeat(20_000));
    let count = 0;
    await vi.waitFor(
      () => {
        for (let more = 0; more < 20; more += 1) count = commit({ body });
        expect(live.size()).toBe(1);
      },
      { timeout: 10_000, interval: 20 },
    );
    slow.resume();
    await slow.ended;
    const back = await listen('u/slow', slow.ids().at(-1));
    await vi.waitFor(() => expect([...slow.ids(), ...back.ids()].at(-1)).toBe(count), { timeout: 5_000 });
    const all = Array.from({ length: count }, (_, index) => index + 1);
    expect([...slow.ids(), ...back.ids()]).toEqual(all);
    await vi.waitFor(() => expect(fast.ids()).toEqual(all));
  });

  it('waits for who reads slowly what came meanwhile', async () => {
    const { listen, commit, live } = await start();
    const body = raidOf('x'.repeat(20_000));
    for (let count = 0; count < 400; count += 1) commit({ body });
    const slow = await listen('u/slow', 0);
    slow.pause();
    await wait(200);
    expect(live.size()).toBe(1);
    slow.resume();
    await vi.waitFor(() => expect(slow.ids().length).toBe(400), { timeout: 5_000 });
  });

  it('gives a sign of life', async () => {
    const { listen } = await start({ clocks: { heartbeatMs: 10 } });
    const stream = await listen();
    await vi.waitFor(() => expect(stream.text()).toContain('\n\n:\n\n'));
    expect(stream.received).toEqual([]);
  });

  it('ends at the drain with a moment of its own to come back at', async () => {
    const { listen, live } = await start();
    const streams = await Promise.all(Array.from({ length: 10 }, () => listen()));
    live.drain();
    await Promise.all(streams.map(({ ended }) => ended));
    const pauses = streams.map(({ retryMs }) => Number(retryMs()));
    for (const pause of pauses) {
      expect(pause).toBeGreaterThanOrEqual(1_000);
      expect(pause).toBeLessThanOrEqual(6_000);
    }
    expect(new Set(pauses).size).toBeGreaterThan(3);
    await vi.waitFor(() => expect(live.size()).toBe(0));
  });
});
