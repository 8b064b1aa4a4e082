import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { EventIntake } from '../../src/domain/event-intake.ts';
import type { EventSubMessage, Heard, ReadMessage } from '../../src/domain/event-sub.ts';
import { createMessageHearer } from '../../src/domain/message-hearer.ts';
import type { EventOutcome } from '../../src/domain/stream-event.ts';
import { newEvent } from '../support/stream-events.ts';

const noon = new Date('2026-11-23T12:00:00Z');
const message: EventSubMessage = {
  messageId: 'm',
  sentAt: noon,
  type: 'stream.online',
  version: '1',
  condition: {},
  subscriptionId: null,
  event: null,
};

const live: Heard = {
  what: 'event',
  event: newEvent({
    kind: 'live',
    payload: { broadcastId: '9', startedAt: null, title: null, category: null, isRestart: false },
  }),
};
const available: Heard = { what: 'event', event: newEvent({ kind: 'available', payload: {} }) };

/** A hearer to whom every message means the same; it takes events as `take` does. */
function hearing(
  meaning: Heard,
  take: () => Promise<EventOutcome> = async () => 'stored',
  takeAgainMs: number[] = [2, 4],
) {
  const taking = vi.fn<EventIntake['take']>(take);
  const read = vi.fn<ReadMessage>(() => meaning);
  const onLive = vi.fn<(streamerId: string) => void>();
  const onAuthorizationRevoked = vi.fn<(userId: string, at: Date) => Promise<void>>();
  const onShardDisabled = vi.fn<() => void>();
  const onLost = vi.fn<() => void>();
  const warn = vi.fn<(details: object, text: string) => void>();
  const hearer = createMessageHearer({
    readMessage: read,
    intake: { take: taking, pending: () => 0 },
    onLive,
    onAuthorizationRevoked,
    onShardDisabled,
    onLost,
    takeAgainMs,
    now: () => noon,
    log: { info: () => undefined, warn },
  });
  return { hearer, taking, read, onLive, onAuthorizationRevoked, onShardDisabled, onLost, warn };
}

const away = async (): Promise<EventOutcome> => await Promise.reject(new Error('away'));

/** Fails so many times, then stores. */
function awayFor(times: number): () => Promise<EventOutcome> {
  let left = times;
  return async () => {
    left -= 1;
    return left < 0 ? 'stored' : await away();
  };
}

/** Takes an event when the test says so. */
function held() {
  const commits: (() => void)[] = [];
  const take = () => new Promise<EventOutcome>((resolve) => commits.push(() => resolve('stored')));
  return { take, commit: () => commits.shift()?.() };
}

describe('a message that tells of an event', () => {
  it.each<EventOutcome>(['stored', 'merged', 'known', 'unknown-streamer', 'withdrawn', 'refused'])(
    'is answered with what became of it: %s',
    async (outcome) => {
      const { hearer, read, taking } = hearing(available, async () => outcome);
      expect(await hearer.hear(message, 'conduit')).toBe(outcome);
      expect(read).toHaveBeenCalledWith(message, 'conduit');
      expect(taking).toHaveBeenCalledWith(available.what === 'event' ? available.event : null);
      expect(hearer.counts()).toEqual({ heard: 1, unknown: 0, unreadable: 0, failed: 0 });
      expect(hearer.lastEventAt()).toEqual(noon);
    },
  );

  it('is answered after it was taken', async () => {
    const { take, commit } = held();
    const { hearer, onLive } = hearing(live, take);
    const hear = hearer.hear(message, 'webhook');
    let isAnswered = false;
    void hear.then(() => (isAnswered = true));
    await turn();
    expect([isAnswered, hearer.counts().heard, onLive.mock.calls.length]).toEqual([false, 0, 0]);
    commit();
    expect(await hear).toBe('stored');
    expect(onLive).toHaveBeenCalledOnce();
  });

  it('rejects when it could not be taken, and counts as not heard', async () => {
    const { hearer, onLive } = hearing(live, away);
    await expect(hearer.hear(message, 'webhook')).rejects.toThrow('away');
    expect(hearer.counts().heard).toBe(0);
    expect(hearer.lastEventAt()).toBeNull();
    expect(onLive).not.toHaveBeenCalled();
  });

  it.each<[EventOutcome, number]>([
    ['stored', 1],
    ['merged', 1],
    ['known', 0],
    ['unknown-streamer', 0],
    ['refused', 0],
  ])('has whoever went live looked at when that is news (%s)', async (outcome, times) => {
    const { hearer, onLive } = hearing(live, async () => outcome);
    await hearer.hear(message, 'webhook');
    expect(onLive.mock.calls).toEqual(Array.from({ length: times }, () => ['1001']));
  });

  it('has nobody looked at for other news', async () => {
    const { hearer, onLive } = hearing(available);
    await hearer.hear(message, 'webhook');
    expect(onLive).not.toHaveBeenCalled();
  });
});

describe('a message that tells of something else', () => {
  it('ends a user who has taken the authorisation back, and is answered after that', async () => {
    const all = hearing({ what: 'authorization-revoked', userId: '7' });
    let isDone = false;
    all.onAuthorizationRevoked.mockImplementation(async () => {
      await turn();
      isDone = true;
    });
    expect(await all.hearer.hear(message, 'webhook')).toBe('ignored');
    expect(all.onAuthorizationRevoked).toHaveBeenCalledWith('7', message.sentAt);
    expect(isDone).toBe(true);
    expect(all.taking).not.toHaveBeenCalled();
  });

  it('is not answered when the user could not be ended: Twitch sends it again', async () => {
    const { hearer, onAuthorizationRevoked } = hearing({ what: 'authorization-revoked', userId: '7' });
    onAuthorizationRevoked.mockRejectedValue(new Error('away'));
    await expect(hearer.hear(message, 'webhook')).rejects.toThrow('away');
  });

  it('has a disabled shard looked after', async () => {
    const meaning = { what: 'shard-disabled', conduitId: 'c', shardId: '0', status: 'x' } as const;
    const { hearer, onShardDisabled } = hearing(meaning);
    expect(await hearer.hear(message, 'conduit')).toBe('ignored');
    expect(onShardDisabled).toHaveBeenCalledOnce();
  });

  it.each(['unknown', 'unreadable'] as const)('is counted when it is %s', async (what) => {
    const { hearer, taking } = hearing({ what, type: 'channel.cake' });
    expect(await hearer.hear(message, 'webhook')).toBe('ignored');
    expect(hearer.counts()).toEqual({ heard: 0, unknown: 0, unreadable: 0, failed: 0, [what]: 1 });
    expect(hearer.lastEventAt()).toBeNull();
    expect(taking).not.toHaveBeenCalled();
  });

  it('is counted for nobody to change', async () => {
    const { hearer } = hearing({ what: 'unknown', type: 'channel.cake' });
    hearer.counts().unknown = 5;
    expect(hearer.counts().unknown).toBe(0);
  });
});

describe('a message from a socket', () => {
  it('is read as what came that way', async () => {
    const { hearer, read } = hearing(available);
    hearer.hearFrom('websocket')(message);
    await hearer.stop();
    expect(read).toHaveBeenCalledWith(message, 'websocket');
  });

  it('is taken again a few times, and then it is not lost', async () => {
    const { hearer, taking, onLost, warn } = hearing(live, awayFor(2));
    hearer.hearFrom('conduit')(message);
    await vi.waitFor(() => expect(hearer.counts().heard).toBe(1));
    expect(taking).toHaveBeenCalledTimes(3);
    expect([hearer.counts().failed, onLost.mock.calls.length, warn.mock.calls.length]).toEqual([0, 0, 0]);
  });

  it('is given up after the last time, and said to be lost', async () => {
    const { hearer, taking, onLost, warn } = hearing(live, away);
    hearer.hearFrom('conduit')(message);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
    expect(taking).toHaveBeenCalledTimes(3);
    expect(hearer.counts()).toMatchObject({ heard: 0, failed: 1 });
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ err: { message: 'away' }, type: 'stream.online' });
  });

  it('that takes an authorisation back is tried until it is done', async () => {
    const { hearer, onAuthorizationRevoked, onLost, warn } = hearing({
      what: 'authorization-revoked',
      userId: '7',
    });
    for (let times = 0; times < 9; times += 1)
      onAuthorizationRevoked.mockRejectedValueOnce(new Error('away'));
    hearer.hearFrom('conduit')({ ...message, type: 'user.authorization.revoke' });
    await vi.waitFor(() => expect(onAuthorizationRevoked).toHaveBeenCalledTimes(10));
    await hearer.stop();
    expect([hearer.counts().failed, onLost.mock.calls.length]).toEqual([0, 0]);
    expect(warn).toHaveBeenCalledOnce();
  });

  it('that takes an authorisation back keeps nobody from stopping', async () => {
    const { hearer, onAuthorizationRevoked } = hearing({ what: 'authorization-revoked', userId: '7' });
    onAuthorizationRevoked.mockRejectedValue(new Error('away'));
    hearer.hearFrom('conduit')({ ...message, type: 'user.authorization.revoke' });
    await vi.waitFor(() => expect(onAuthorizationRevoked.mock.calls.length).toBeGreaterThan(4));
    await hearer.stop();
    expect(hearer.counts().failed).toBe(1);
  });

  it('is taken once when the database will never take it', async () => {
    const { hearer, taking, onLost } = hearing(live, async () => 'refused');
    hearer.hearFrom('conduit')(message);
    await hearer.stop();
    expect(taking).toHaveBeenCalledOnce();
    expect(onLost).not.toHaveBeenCalled();
  });

  it('is waited for at the end', async () => {
    const { take, commit } = held();
    const { hearer } = hearing(live, take);
    hearer.hearFrom('conduit')(message);
    let isStopped = false;
    const stopping = hearer.stop().then(() => (isStopped = true));
    await turn();
    expect(isStopped).toBe(false);
    commit();
    await stopping;
    expect(hearer.counts().heard).toBe(1);
  });

  it('that waits is taken once more at the end, and at once', async () => {
    const { hearer, taking } = hearing(live, awayFor(1), [60_000, 60_000]);
    hearer.hearFrom('conduit')(message);
    await turn();
    expect(taking).toHaveBeenCalledOnce();
    await hearer.stop();
    expect(hearer.counts()).toMatchObject({ heard: 1, failed: 0 });
  });

  it('that cannot be taken at the end either is lost after that one time', async () => {
    const { hearer, taking, onLost } = hearing(live, away, [60_000, 60_000, 60_000]);
    hearer.hearFrom('conduit')(message);
    await turn();
    expect(taking).toHaveBeenCalledOnce();
    await hearer.stop();
    expect(taking).toHaveBeenCalledTimes(2);
    expect(onLost).toHaveBeenCalledOnce();
  });
});
