import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserToken } from '../../src/domain/user-token.ts';
import { createUserSockets, type UserSockets } from '../../src/domain/user-sockets.ts';
import { chatWatch } from '../../src/domain/watch.ts';
import { fakeEventSub, fakeSockets, quickPace, silent } from './fake-event-sub.ts';

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

const watches = (...userIds: string[]) => new Map(userIds.map((id) => [id, [chatWatch('1', id)]]));
const expiresAt = new Date('2099-01-01');

describe('The sockets of users', () => {
  let fakes: ReturnType<typeof fakeSockets>;
  let sockets: UserSockets;
  let tokens: Map<string, UserToken>;
  let nowMs: number;
  let gone: number;

  beforeEach(() => {
    fakes = fakeSockets();
    tokens = new Map();
    nowMs = 0;
    gone = 0;
    sockets = createUserSockets({
      eventSub: fakeEventSub().eventSub,
      tokens: { fresh: async (userId) => tokens.get(userId) ?? null, refresh: async () => null },
      openSocket: fakes.openSocket,
      hear: () => undefined,
      onGap: () => undefined,
      onGone: () => void (gone += 1),
      now: () => new Date(nowMs),
      scarceForMs: () => 0,
      pace: quickPace,
      log: silent,
    });
    for (const userId of ['a', 'b', 'c'])
      tokens.set(userId, {
        userId,
        accessToken: userId,
        refreshToken: null,
        scopes: [],
        version: 1,
        expiresAt,
      });
  });
  afterEach(async () => await sockets.stop());

  const users = () => sockets.all().map(({ userId }) => userId);
  const closed = () => fakes.open.map((socket) => socket.isClosed());

  it('are open for who has watches, and for nobody else', async () => {
    await sockets.share(watches('a', 'b').set('c', []));
    expect(users()).toEqual(['a', 'b']);
    await sockets.share(watches('b', 'c'));
    expect(users()).toEqual(['b', 'c']);
    expect(closed()).toEqual([true, false, false]);
  });

  it('are not worth opening for five minutes for whose token is gone, or until they allow something', async () => {
    tokens.clear();
    await sockets.share(watches('a'));
    fakes.open[0]?.welcome();
    await soon(() => expect(gone).toBe(1));
    expect([sockets.isAble('a'), sockets.isAble('b')]).toEqual([false, true]);
    nowMs = 5 * 60_000;
    expect(sockets.isAble('a')).toBe(true);
    nowMs = 0;
    sockets.forgive('a');
    expect(sockets.isAble('a')).toBe(true);
  });

  it('open no more once they are stopped, also where some were still leaving', async () => {
    await sockets.share(watches('a'));
    const sharing = sockets.share(watches('b'));
    await Promise.all([sharing, sockets.stop()]);
    await sockets.share(watches('c'));
    expect(closed()).toEqual([true]);
  });
});
