import { afterEach, describe, expect, it, vi } from 'vitest';
import { openConduit } from '../../src/domain/conduit-transport.ts';
import type { Transport } from '../../src/domain/transport.ts';
import { conduitMemory, fakeEventSub, fakeSockets, quickPace, silent } from './fake-event-sub.ts';

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

describe('A conduit beside another listener, who had the lower shards', () => {
  let twitch: ReturnType<typeof fakeEventSub>;
  let sockets: ReturnType<typeof fakeSockets>;
  let transport: Transport;
  let conduitId: string;
  let nowMs: number;

  /** Both of ours stand above the other's. */
  async function begin(): Promise<void> {
    twitch = fakeEventSub();
    sockets = fakeSockets();
    nowMs = 0;
    ({ id: conduitId } = await twitch.eventSub.createConduit(2));
    const others = ['0', '1'].map((id) => ({ id, sessionId: `other-${id}`, status: 'enabled' }));
    twitch.shards.set(conduitId, others);
    transport = openConduit({
      eventSub: twitch.eventSub,
      memory: conduitMemory(conduitId),
      clientId: 'me',
      wishes: { favoured: async () => [], broadcasters: async () => [], tokenHolders: async () => [] },
      openSocket: sockets.openSocket,
      hear: () => undefined,
      onGap: () => undefined,
      now: () => new Date(nowMs),
      scarceForMs: () => 0,
      pace: quickPace,
      inspectEveryMs: 60_000,
      confirmEveryMs: 60_000,
      log: silent,
    });
    await soon(() => expect(sockets.open).toHaveLength(2));
    for (const socket of sockets.open) socket.welcome();
    await soon(() => expect(ourShards()).toEqual(['2', '3']));
  }
  afterEach(async () => await transport.stop('paused'));

  const shards = () => twitch.shards.get(conduitId) ?? [];
  const looks = () => twitch.calls.filter((call) => call === 'shards').length;
  const ourShards = () =>
    transport
      .report()
      .sockets.map(({ what }) => what.replace('shard ', ''))
      .toSorted();

  /** The other listener serves these shards alone, and we look at them `afterMs` later. */
  async function look(served: string[], afterMs: number): Promise<void> {
    for (const shard of shards())
      if (shard.sessionId?.startsWith('other'))
        shard.status = served.includes(shard.id) ? 'enabled' : 'websocket_disconnected';
    nowMs += afterMs;
    const before = looks();
    transport.refresh();
    await soon(() => expect(looks()).toBeGreaterThan(before));
  }

  it('waits a minute for whoever left a shard, and anew when it is another shard', async () => {
    await begin();
    await look(['1'], 0);
    await look(['0'], 59_999);
    await look(['0'], 59_999);
    expect(sockets.open).toHaveLength(2);
    await look(['0'], 1);
    expect(sockets.open).toHaveLength(3);
    sockets.open[2]?.welcome();
    await soon(() => expect(ourShards()).toEqual(['1', '2']));
  });

  it('waits a minute again for whoever came back before it had moved down', async () => {
    await begin();
    await look(['0'], 0);
    await look(['0'], 60_000);
    expect(sockets.open).toHaveLength(3);
    await look(['0', '1'], 0);
    sockets.open[2]?.welcome();
    await soon(() => expect(sockets.open[2]?.isLeaving()).toBe(true));
    expect(ourShards()).toEqual(['2', '3']);
    await look(['0'], 0);
    expect(sockets.open).toHaveLength(3);
    await look(['0'], 60_000);
    expect(sockets.open).toHaveLength(4);
  });
});
