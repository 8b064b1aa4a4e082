import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventSubClocks } from '../../../src/twitch/index.ts';
import {
  keepalive,
  listen,
  notification,
  reconnect,
  revocation,
  startFakeSockets,
  type Dialled,
  type FakeSockets,
  type Listening,
} from './fake-sockets.ts';

let fake: FakeSockets;
let opened: Listening[];
beforeEach(async () => {
  fake = await startFakeSockets();
  opened = [];
});
afterEach(async () => {
  for (const { socket } of opened) socket.close();
  await fake.close();
});

function dial(clocks: Partial<EventSubClocks> = {}, url = fake.url): Listening {
  const heard = listen(url, clocks);
  opened.push(heard);
  return heard;
}

/** The socket that was dialled as the nth, once it is there and welcome. */
async function dialled(heard: Listening, nth: number): Promise<Dialled> {
  await vi.waitFor(() => expect(heard.sessions.length).toBeGreaterThanOrEqual(nth));
  const found = fake.dialled[nth - 1];
  if (!found) throw new Error('nobody has dialled');
  return found;
}

const ids = (heard: Listening) => heard.messages.map(({ messageId }) => messageId);

describe('openEventSubSocket', () => {
  it('asks for a keepalive and tells of the session', async () => {
    fake.keepaliveS = 12;
    const heard = dial({}, `${fake.url}?shard=1`);
    expect(heard.socket.state()).toMatchObject({
      status: 'connecting',
      sessionId: null,
      lastMessageAt: null,
    });
    const { path } = await dialled(heard, 1);
    expect(path).toBe('/ws?shard=1&keepalive_timeout_seconds=30');
    expect(heard.sessions).toEqual([{ id: 's-1', keepaliveS: 12, isResumed: false }]);
    expect(heard.socket.state()).toMatchObject({
      status: 'open',
      sessionId: 's-1',
      keepaliveS: 12,
      reconnects: 0,
      lastClose: null,
    });
  });

  it('gives messages and revocations on, each once, and sends nothing', async () => {
    const heard = dial();
    const { socket, sent } = await dialled(heard, 1);
    for (const text of [
      notification('a'),
      notification('b'),
      notification('a'),
      revocation('c'),
      revocation('c'),
    ])
      socket.send(text);
    socket.ping();
    await vi.waitFor(() => expect(heard.revocations).toHaveLength(1));
    expect(heard.messages).toMatchObject([
      { messageId: 'a', type: 'stream.online', event: { broadcaster_user_id: '1' }, subscriptionId: 'sub-1' },
      { messageId: 'b' },
    ]);
    expect(heard.revocations).toEqual([
      { subscriptionId: 'sub-1', type: 'stream.online', status: 'user_removed' },
    ]);
    expect(sent).toEqual([]);
  });

  it('remembers the last 2,000 messages', async () => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    for (let index = 0; index < 2001; index += 1) socket.send(notification(`m-${index}`));
    socket.send(notification('m-1'));
    socket.send(notification('m-0'));
    await vi.waitFor(() => expect(ids(heard).slice(2000)).toEqual(['m-2000', 'm-0']));
  });

  it('drops messages older than ten minutes, by the given clock', async () => {
    const now = new Date('2026-11-22T10:00:00Z');
    const heard = dial({ now: () => now });
    const { socket } = await dialled(heard, 1);
    socket.send(notification('old', new Date('2026-11-22T09:49:59Z')));
    socket.send(notification('fresh', new Date('2026-11-22T09:50:00Z')));
    socket.send(notification('ahead', new Date('2026-11-22T10:30:00Z')));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['fresh', 'ahead']));
    expect(heard.socket.state().ignored).toBe(1);
  });

  it.each<[string, string | Buffer]>([
    ['no JSON', '<h1>'],
    ['null', 'null'],
    ['no metadata', '{}'],
    ['a deep array', '['.repeat(20_000)],
    ['a notification without an event', notification('x').replace('"event"', '"evil"')],
    ['an odd message id', notification('a b')],
    ['an odd time', notification('x').replace(/"2\d{3}-/, '"')],
    ['a second welcome', notification('x').replace('"notification"', '"session_welcome"')],
    ['a binary frame', Buffer.from(notification('x'))],
  ])('ignores and counts %s', async (_, garbage) => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    socket.send(garbage);
    socket.send(notification('after'));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['after']));
    expect(heard.socket.state()).toMatchObject({ ignored: 1, status: 'open' });
  });

  it('starts again after a frame of more than a megabyte', async () => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    socket.send('x'.repeat(1_100_000));
    await dialled(heard, 2);
    expect(heard.downs).toHaveLength(1);
    expect(heard.messages).toHaveLength(0);
  });

  it.each([4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 1000, 1011])(
    'starts afresh after the close code %i, with growing pauses',
    async (code) => {
      const heard = dial();
      for (let nth = 1; nth <= 4; nth += 1) {
        const { socket } = await dialled(heard, nth);
        socket.close(code, 'a\nreason');
      }
      await dialled(heard, 5);
      expect(heard.sessions.map(({ isResumed }) => isResumed)).toEqual(Array(5).fill(false));
      expect(heard.downs.map((end) => `${end.code} ${end.reason}`)).toEqual(
        Array(4).fill(`${code} a reason`),
      );
      expect(heard.socket.state()).toMatchObject({ reconnects: 4, lastClose: { code, reason: 'a reason' } });
      expectGrowth(heard.pauses);
    },
  );

  it('starts afresh after a cut connection', async () => {
    const heard = dial();
    (await dialled(heard, 1)).socket.terminate();
    await dialled(heard, 2);
    expect(heard.downs).toMatchObject([{ code: 1006 }]);
  });

  it('is refused with growing, jittered pauses that end at a minute', async () => {
    fake.script(...Array.from({ length: 12 }, (_, index) => (index % 3 === 2 ? 'cut' : 'refuse')));
    const heard = dial();
    await dialled(heard, 1);
    expect(heard.pauses).toHaveLength(12);
    expectGrowth(heard.pauses);
    expect(Math.min(...heard.pauses.slice(8))).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...heard.pauses)).toBeLessThanOrEqual(60_000);
    expect(new Set(heard.pauses).size).toBe(12);
    expect(heard.downs[0]).toEqual({ code: 1006, reason: 'refused with 503' });
    expect(JSON.stringify(heard.log)).not.toContain('127.0.0.1');
  });

  it('pauses shortly again after a session that was stable, and only then', async () => {
    let now = Date.now();
    fake.script('refuse', 'refuse', 'refuse', 'refuse');
    const heard = dial({ now: () => new Date(now) });
    (await dialled(heard, 1)).socket.close(4003);
    now += 59_000;
    await dialled(heard, 2);
    now += 60_000;
    fake.dialled[1]?.socket.close(4000);
    await dialled(heard, 3);
    expect(heard.pauses[4]).toBeGreaterThanOrEqual(4_000);
    expect(heard.pauses[5]).toBeLessThanOrEqual(500);
  });

  it('gives up on a socket that says no welcome', async () => {
    fake.script('mute');
    const heard = dial({ welcomeMs: 50 });
    await vi.waitFor(() => expect(heard.sessions).toHaveLength(1));
    expect(heard.downs).toEqual([{ code: 1006, reason: 'no welcome' }]);
  });

  it('takes silence for the end, pings or not, but not a quiet channel with keepalives', async () => {
    fake.keepaliveS = 0.2;
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    let rounds = 0;
    const quiet = setInterval(() => {
      socket.ping();
      if ((rounds += 1) <= 8) socket.send(keepalive());
    }, 50);
    await dialled(heard, 2);
    clearInterval(quiet);
    expect(rounds).toBeGreaterThan(8);
    expect(heard.downs[0]).toEqual({ code: 1006, reason: 'silence' });
  });

  it('is silent after close, whatever it was doing', async () => {
    const heard = dial();
    const { socket, closed } = await dialled(heard, 1);
    heard.socket.close();
    socket.send(notification('late'));
    expect(await closed).toBe(1000);
    expect(heard.socket.state()).toMatchObject({ status: 'closed', sessionId: null });
    const waiting = dial({
      wait: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    });
    await dialled(waiting, 1);
    fake.dialled[1]?.socket.terminate();
    await vi.waitFor(() => expect(waiting.socket.state().status).toBe('waiting'));
    waiting.socket.close();
    const dialling = dial();
    dialling.socket.close();
    const next = dial();
    await dialled(next, 1);
    expect(waiting.sessions).toHaveLength(1);
    expect(waiting.socket.state().status).toBe('closed');
    expect([...heard.messages, ...dialling.sessions, ...heard.downs, ...dialling.downs]).toEqual([]);
  });
});

describe('a socket that takes leave', () => {
  it('brings what is under way, and neither moves nor dials again', async () => {
    const heard = dial();
    const { socket, closed } = await dialled(heard, 1);
    heard.socket.retire();
    socket.send(notification('under-way'));
    socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['under-way']));
    expect(await closed).toBe(1000);
    await dialled(dial(), 1);
    expect(fake.dialled).toHaveLength(2);
    expect([...heard.downs, ...heard.pauses]).toEqual([]);
    expect(heard.socket.state()).toMatchObject({ status: 'closed', sessionId: null });
  });

  it('is silent when it is closed after all', async () => {
    const heard = dial();
    const { socket, closed } = await dialled(heard, 1);
    heard.socket.retire();
    heard.socket.close();
    socket.send(notification('late'));
    await closed;
    expect(ids(heard)).toEqual([]);
  });

  it('leaves both sockets of a move, and takes no welcome any more', async () => {
    const heard = dial();
    const { socket, closed } = await dialled(heard, 1);
    fake.script('mute');
    socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(fake.dialled).toHaveLength(2));
    heard.socket.retire();
    fake.dialled[1]?.socket.send(
      notification('w').replace('"notification"', '"session_welcome"').replace('"subscription"', '"session"'),
    );
    await Promise.all([closed, fake.dialled[1]?.closed]);
    expect(heard.sessions).toHaveLength(1);
    expect(heard.socket.state().status).toBe('closed');
  });
});

describe('a session that moves', () => {
  it('goes to the given address unmodified, hears both sockets meanwhile, and resumes', async () => {
    const heard = dial();
    const old = await dialled(heard, 1);
    fake.script('mute');
    old.socket.send(reconnect(`${fake.url}/moved?challenge=opaque%2F1`));
    await vi.waitFor(() => expect(fake.dialled).toHaveLength(2));
    old.socket.send(notification('on-the-old'));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['on-the-old']));
    const next = fake.dialled[1];
    next?.socket.send(
      JSON.stringify({
        metadata: {
          message_id: 'w',
          message_type: 'session_welcome',
          message_timestamp: new Date().toISOString(),
        },
        payload: { session: { id: 's-1', keepalive_timeout_seconds: 30 } },
      }),
    );
    next?.socket.send(notification('on-both'));
    old.socket.send(notification('on-both'));
    old.socket.send(notification('under-way'));
    next?.socket.send(notification('on-the-new'));
    expect(await old.closed).toBe(1000);
    await vi.waitFor(() =>
      expect(ids(heard).toSorted()).toEqual(['on-both', 'on-the-new', 'on-the-old', 'under-way']),
    );
    expect(next?.path).toBe('/ws/moved?challenge=opaque%2F1');
    expect(heard.sessions).toEqual([
      { id: 's-1', keepaliveS: 30, isResumed: false },
      { id: 's-1', keepaliveS: 30, isResumed: true },
    ]);
    expect(heard.downs).toEqual([]);
    expect(heard.socket.state()).toMatchObject({ status: 'open', reconnects: 1 });
    next?.socket.send(notification('later'));
    await vi.waitFor(() => expect(ids(heard)).toContain('later'));
  });

  it.each([
    ['no address', 'nowhere'],
    ['another protocol', 'http://127.0.0.1:9/'],
    ['a number', 7],
  ])('stays with the old socket when it is sent to %s, until that dies', async (_, address) => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    socket.send(reconnect(address));
    socket.send(notification('still-here'));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['still-here']));
    expect(heard.downs).toEqual([]);
    socket.close(4004);
    await dialled(heard, 2);
    expect(heard.sessions[1]?.isResumed).toBe(false);
    expect(fake.dialled[1]?.path).toContain('keepalive_timeout_seconds=30');
  });

  it('stays with the old socket when nobody answers at the new address', async () => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    socket.send(reconnect('ws://127.0.0.1:9/ws'));
    await vi.waitFor(() =>
      expect(heard.log).toContainEqual({ event: 'socket-move-failed', reason: '1006 ECONNREFUSED' }),
    );
    socket.send(notification('still-here'));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['still-here']));
    expect([heard.downs, heard.pauses]).toEqual([[], []]);
    socket.close(4004);
    await dialled(heard, 2);
    expect(heard.sessions[1]?.isResumed).toBe(false);
  });

  it('tells nothing of an old socket that is taking leave when it is closed', async () => {
    const heard = dial();
    const old = await dialled(heard, 1);
    // It does not read the farewell yet.
    old.socket.pause();
    old.socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(heard.sessions).toHaveLength(2));
    old.socket.send(notification('under-way'));
    await vi.waitFor(() => expect(ids(heard)).toEqual(['under-way']));
    heard.socket.close();
    old.socket.send(notification('late'));
    old.socket.resume();
    await old.closed;
    expect(ids(heard)).toEqual(['under-way']);
  });

  it('starts afresh when the old socket says that it came too late', async () => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    fake.script('mute');
    socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(fake.dialled).toHaveLength(2));
    socket.close(4004);
    await vi.waitFor(() => expect(heard.sessions).toHaveLength(2));
    expect(heard.sessions[1]).toMatchObject({ id: 's-3', isResumed: false });
    await fake.dialled[1]?.closed;
  });

  it('resumes although the old socket breaks first', async () => {
    const heard = dial();
    const { socket } = await dialled(heard, 1);
    fake.script('mute');
    socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(fake.dialled).toHaveLength(2));
    socket.terminate();
    await vi.waitFor(() => expect(heard.socket.state().status).toBe('connecting'));
    fake.dialled[1]?.socket.send(
      notification('w').replace('"notification"', '"session_welcome"').replace('"subscription"', '"session"'),
    );
    await vi.waitFor(() => expect(heard.sessions).toHaveLength(2));
    expect(heard.sessions[1]?.isResumed).toBe(true);
    expect(heard.downs).toEqual([]);
  });

  it('gives up on a new socket that says no welcome, and starts afresh if the old one is gone too', async () => {
    const heard = dial({ moveMs: 50 });
    const { socket } = await dialled(heard, 1);
    fake.script('mute');
    socket.send(reconnect(`${fake.url}?a=1`));
    await vi.waitFor(() => expect(heard.log.some(({ event }) => event === 'socket-move-failed')).toBe(true));
    expect(heard.socket.state().status).toBe('open');
    fake.script('mute');
    socket.send(reconnect(`${fake.url}?a=2`));
    await vi.waitFor(() => expect(fake.dialled).toHaveLength(3));
    socket.terminate();
    await vi.waitFor(() => expect(heard.sessions).toHaveLength(2));
    expect(heard.sessions[1]?.isResumed).toBe(false);
    expect(heard.downs).toHaveLength(1);
  });

  it('never leaves encryption for it', async () => {
    const { isTrusted } = await import('../../../src/twitch/eventsub/socket.ts');
    expect(isTrusted('ws://eventsub.example/ws', 'wss://eventsub.example/ws')).toBe(false);
    expect(isTrusted('wss://cell-b.eventsub.example/ws?x', 'wss://eventsub.example/ws')).toBe(true);
    expect(isTrusted('https://eventsub.example/ws', 'wss://eventsub.example/ws')).toBe(false);
  });
});

function expectGrowth(pauses: number[]): void {
  for (const [index, pause] of pauses.entries()) {
    const longest = Math.min(60_000, 500 * 2 ** index);
    expect(pause).toBeLessThanOrEqual(longest);
    expect(pause).toBeGreaterThanOrEqual(longest / 2);
  }
}
