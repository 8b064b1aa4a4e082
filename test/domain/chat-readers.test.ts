import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openChatReaders, type ChatReaders } from '../../src/domain/chat-readers.ts';
import type { Reader } from '../../src/domain/reader-assignment.ts';
import { keyOf } from '../../src/domain/watch.ts';
import { fakeEventSub, fakeSockets, quickPace, refusal, silent } from './fake-event-sub.ts';

/** Generous, since other work may hold the processor. */
const soon = <Result>(check: () => Result) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

describe('The readers of chats', () => {
  let twitch: ReturnType<typeof fakeEventSub>;
  let sockets: ReturnType<typeof fakeSockets>;
  let chat: ChatReaders;
  let live: string[];
  let clock: number;
  let favouredCalls: number;

  beforeEach(() => {
    twitch = fakeEventSub();
    sockets = fakeSockets();
    live = [];
    favouredCalls = 0;
    clock = Date.parse('2026-11-22T10:00:00Z');
  });
  afterEach(async () => await chat.stop());

  function read(readers: Reader[], capacity?: number): void {
    const streamerIds = [...new Set(readers.flatMap((reader) => reader.streamerIds))];
    chat = openChatReaders({
      readers: async () => readers,
      async favoured() {
        favouredCalls += 1;
        return streamerIds.map((streamerId) => ({
          streamerId,
          favouredBy: 1,
          isLive: live.includes(streamerId),
          lastLiveAt: null,
        }));
      },
      eventSub: twitch.eventSub,
      tokens: { fresh: async (userId) => tokenOf(userId), refresh: async () => null },
      openSocket: sockets.openSocket,
      hear: () => undefined,
      onGap: () => undefined,
      now: () => new Date(clock),
      scarceForMs: () => 0,
      pace: quickPace,
      log: silent,
      ...(capacity === undefined ? {} : { capacity }),
    });
  }

  /** The socket that was opened as the so-manieth, from 0. */
  async function socket(index: number): Promise<(typeof sockets.open)[number]> {
    return await soon(() => {
      const opened = sockets.open[index];
      if (opened === undefined) throw new Error('not open yet');
      return opened;
    });
  }

  const refuse = (streamerId: string, userId: string) =>
    twitch.refused.set(chatKey(streamerId, userId), refusal('rejected', { status: 403 }));
  const asked = (streamerId: string, userId: string) =>
    twitch.calls.filter((call) => call === `create ${chatKey(streamerId, userId)}`).length;

  it('stand in for each other in a chat that refuses one of them', async () => {
    refuse('1', 'u');
    read([
      { userId: 'u', streamerIds: ['1'] },
      { userId: 'v', streamerIds: ['1'] },
    ]);
    const first = await socket(0);
    first.welcome();
    const second = await socket(1);
    expect(first.isClosed()).toBe(true);
    second.welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
    expect(asked('1', 'u')).toBe(1);
  });

  it('go on with their other chats when one refuses them, and ask that one no more, however often they reconnect', async () => {
    refuse('1', 'u');
    read([{ userId: 'u', streamerIds: ['1', '2'] }]);
    const only = await socket(0);
    for (let turn = 0; turn < 5; turn += 1) {
      only.welcome();
      // oxlint-disable-next-line no-await-in-loop -- One session after the other.
      await soon(() => expect(chat.covers('2')).toBe(true));
      only.drop();
    }
    expect(asked('1', 'u')).toBe(1);
    expect(asked('2', 'u')).toBe(5);
  });

  it('are let go when no chat lets them in, and asked again an hour later', async () => {
    refuse('1', 'u');
    read([{ userId: 'u', streamerIds: ['1'] }]);
    const only = await socket(0);
    only.welcome();
    await soon(() => expect(only.isClosed()).toBe(true));
    await soon(() => expect(chat.report().readers).toEqual([]));
    expect(Object.values(chat.report().chat.exceptions)).toEqual([expect.stringContaining('let in')]);
    twitch.refused.clear();
    clock += 60 * 60_000;
    chat.refresh();
    (await socket(1)).welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
  });

  it('are asked again when somebody has allowed something anew', async () => {
    refuse('1', 'u');
    read([{ userId: 'u', streamerIds: ['1'] }]);
    (await socket(0)).welcome();
    await soon(() => expect(chat.report().readers).toEqual([]));
    twitch.refused.clear();
    chat.forgive('another');
    chat.refresh();
    await soon(() => expect(chat.report().readers).toEqual([]));
    chat.forgive('u');
    chat.refresh();
    (await socket(1)).welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
  });

  it('stand in for one whom a chat has banned', async () => {
    read([
      { userId: 'u', streamerIds: ['1'] },
      { userId: 'v', streamerIds: ['1'] },
    ]);
    const first = await socket(0);
    first.welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
    const [subscription] = twitch.all();
    twitch.setStatus(chatKey('1', 'u'), 'chat_user_banned');
    first.handlers.onRevocation({
      subscriptionId: subscription?.id ?? '',
      type: 'channel.chat.notification',
      status: 'chat_user_banned',
    });
    (await socket(1)).welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
    expect(asked('1', 'v')).toBe(1);
  });

  it('read the chat of who goes live rather than of who is offline, and go on when that ends', async () => {
    read([{ userId: 'u', streamerIds: ['1', '2'] }], 1);
    (await socket(0)).welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
    live = ['2'];
    chat.liveChanged(0);
    await soon(() => expect([chat.covers('1'), chat.covers('2')]).toEqual([false, true]));
    live = [];
    chat.liveChanged(0);
    live = ['2'];
    chat.liveChanged(0);
    live = ['1', '2'];
    chat.refresh();
    await soon(() => expect(chat.report().chat.covered).toBe(1));
    expect(asked('1', 'u')).toBe(1);
    expect(asked('2', 'u')).toBe(1);
  });

  it('are left in peace by who goes live while there is room for all', async () => {
    read([{ userId: 'u', streamerIds: ['1', '2'] }]);
    (await socket(0)).welcome();
    await soon(() => expect(chat.report().chat.covered).toBe(2));
    const before = favouredCalls;
    chat.liveChanged(0);
    // Timers end in their order: whatever was begun has begun by then.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(favouredCalls).toBe(before);
  });

  it('ask again for what was refused for the sake of a session', async () => {
    twitch.refused.set(chatKey('1', 'u'), refusal('rejected', { status: 400 }));
    read([{ userId: 'u', streamerIds: ['1'] }]);
    const only = await socket(0);
    only.welcome();
    await soon(() => expect(asked('1', 'u')).toBe(1));
    twitch.refused.clear();
    only.drop();
    only.welcome();
    await soon(() => expect(chat.covers('1')).toBe(true));
  });
});

function chatKey(streamerId: string, userId: string): string {
  return keyOf('channel.chat.notification', { broadcaster_user_id: streamerId, user_id: userId });
}

function tokenOf(userId: string) {
  const expiresAt = new Date('2099-01-01');
  return { userId, accessToken: `of-${userId}`, refreshToken: null, scopes: [], version: 1, expiresAt };
}
