import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openUserSocket, type UserSocket } from '../../src/domain/user-socket.ts';
import { chatWatch } from '../../src/domain/watch.ts';
import { fakeEventSub, fakeSockets, quickPace, refusal, silent } from './fake-event-sub.ts';

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

const watch = chatWatch('1', 'u');
const expiresAt = new Date('2099-01-01');
const token = { userId: 'u', accessToken: 'a', refreshToken: null, scopes: [], version: 1, expiresAt };

describe('The socket of a user', () => {
  let twitch: ReturnType<typeof fakeEventSub>;
  let sockets: ReturnType<typeof fakeSockets>;
  let socket: UserSocket;

  beforeEach(() => {
    twitch = fakeEventSub();
    sockets = fakeSockets();
    socket = openUserSocket({
      userId: 'u',
      eventSub: twitch.eventSub,
      tokens: { fresh: async () => token, refresh: async () => null },
      openSocket: sockets.openSocket,
      hear: () => undefined,
      onGap: () => undefined,
      onGone: () => undefined,
      now: () => new Date(),
      scarceForMs: () => 0,
      pace: quickPace,
      log: silent,
    });
    socket.wish([watch]);
  });
  afterEach(async () => await socket.stop());

  const welcome = () => sockets.open[0]?.welcome();

  /** Twitch does the next creation at once, and answers only when it is let. */
  function holdCreate(then: () => void) {
    const answers: (() => void)[] = [];
    const { create } = twitch.eventSub;
    twitch.eventSub.create = async (auth, wanted) => {
      Object.assign(twitch.eventSub, { create });
      const answer = await create(auth, wanted);
      await new Promise<void>((resolve) => void answers.push(resolve));
      then();
      return answer;
    };
    return answers;
  }

  /** It has another session before Twitch answers. */
  async function reconnectBefore(answers: (() => void)[]): Promise<void> {
    await soon(() => expect(answers).toHaveLength(1));
    sockets.open[0]?.drop();
    welcome();
    for (const answer of answers) answer();
    await soon(() => expect(socket.isHeld(watch.key)).toBe(true));
  }

  it('asks again for what was refused to a session that was gone before the answer came', async () => {
    const held = holdCreate(() => {
      throw refusal('rejected', { status: 400 });
    });
    welcome();
    await reconnectBefore(held);
    expect(twitch.all()).toHaveLength(2);
  });
});
