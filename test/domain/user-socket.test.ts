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
  const sessions = () =>
    twitch.all().map(({ transport }) => (transport.method === 'websocket' ? transport.sessionId : null));

  /** Twitch does the next of these at once, and answers only when it is let. */
  function holdNext(call: 'create' | 'list', then: () => void = () => undefined) {
    const answers: (() => void)[] = [];
    const { create, list } = twitch.eventSub;
    const hold = async <Answer>(answer: Answer): Promise<Answer> => {
      Object.assign(twitch.eventSub, { create, list });
      await new Promise<void>((resolve) => void answers.push(resolve));
      then();
      return answer;
    };
    if (call === 'create')
      twitch.eventSub.create = async (auth, wanted) => await hold(await create(auth, wanted));
    else twitch.eventSub.list = async (auth) => await hold(await list(auth));
    return answers;
  }

  /** It has another session before Twitch answers. */
  async function reconnectBefore(answers: (() => void)[]): Promise<string | undefined> {
    await soon(() => expect(answers).toHaveLength(1));
    sockets.open[0]?.drop();
    const session = welcome();
    for (const answer of answers) answer();
    await soon(() => expect(socket.isHeld(watch.key)).toBe(true));
    return session;
  }

  it('asks again for what was refused to a session that was gone before the answer came', async () => {
    const held = holdNext('create', () => {
      throw refusal('rejected', { status: 400 });
    });
    welcome();
    expect(sessions()).toEqual([]);
    const session = await reconnectBefore(held);
    expect(sessions()).toContain(session);
  });

  it('removes what was made for a session that was gone before the answer came', async () => {
    const held = holdNext('create');
    welcome();
    const session = await reconnectBefore(held);
    expect(sessions()).toEqual([session]);
  });

  it('keeps what was made for the session that it has', async () => {
    const lists = () => twitch.calls.filter((call) => call === 'list').length;
    welcome();
    await soon(() => expect(socket.isHeld(watch.key)).toBe(true));
    const [made] = twitch.all();
    const before = lists();
    socket.refresh();
    await soon(() => expect(lists()).toBeGreaterThan(before));
    expect(twitch.all()).toEqual([made]);
    expect(twitch.calls.filter((call) => call.startsWith('remove'))).toEqual([]);
  });

  it('removes what it held when it went down while Twitch was asked what there is', async () => {
    welcome();
    await soon(() => expect(socket.isHeld(watch.key)).toBe(true));
    const held = holdNext('list');
    socket.refresh();
    const session = await reconnectBefore(held);
    expect(sessions()).toEqual([session]);
  });
});
