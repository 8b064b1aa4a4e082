import { describe, expect, it } from 'vitest';
import { findConduit } from '../../src/domain/conduit-slots.ts';
import { conduitMemory, fakeEventSub, refusal, silent } from './fake-event-sub.ts';

const enabled = (id: string, sessionId: string) => ({ id, sessionId, status: 'enabled' });

describe('the conduit', () => {
  it('is made, and known again by what is remembered', async () => {
    const { eventSub, conduits } = fakeEventSub();
    const memory = conduitMemory();
    await eventSub.createConduit(5);
    const made = await findConduit(eventSub, memory, null, silent);
    expect(await findConduit(eventSub, memory, null, silent)).toEqual(made);
    expect(await memory.find()).toBe(made.id);
    expect(conduits()).toMatchObject([{ shardCount: 5 }, { id: made.id, shardCount: 2 }]);
  });

  it('in use is known without the database', async () => {
    const { eventSub } = fakeEventSub();
    const memory = conduitMemory();
    const { id } = await findConduit(eventSub, memory, null, silent);
    memory.find = async () => {
      throw new Error('away');
    };
    expect(await findConduit(eventSub, memory, id, silent)).toMatchObject({ id });
  });

  it('that Twitch has deleted is replaced by a new one', async () => {
    const { eventSub, dropConduits } = fakeEventSub();
    const memory = conduitMemory();
    const { id } = await findConduit(eventSub, memory, null, silent);
    dropConduits();
    const next = await findConduit(eventSub, memory, id, silent);
    expect(next.id).not.toBe(id);
    expect(await memory.find()).toBe(next.id);
  });

  it('is one for all listeners, also when they make it at the same time', async () => {
    const { eventSub, conduits } = fakeEventSub();
    const memory = conduitMemory();
    const found = await Promise.all([1, 2, 3].map(() => findConduit(eventSub, memory, null, silent)));
    expect(conduits()).toHaveLength(1);
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set([await memory.find()]));
  });

  it('is one that nobody serves when Twitch allows no more, and that is said', async () => {
    const { eventSub, conduits, shards } = fakeEventSub();
    for (let made = 0; made < 5; made += 1) await eventSub.createConduit(1);
    for (const { id } of conduits()) shards.set(id, [enabled('0', `session of ${id}`)]);
    const left = conduits()[3]?.id ?? '';
    shards.set(left, [{ ...enabled('0', 'gone'), status: 'websocket_disconnected' }]);
    const said: object[] = [];
    const log = { ...silent, warn: (details: object) => void said.push(details) };
    const memory = conduitMemory();
    expect(await findConduit(eventSub, memory, null, log)).toMatchObject({ id: left });
    expect(await memory.find()).toBe(left);
    expect(said).toEqual([{ conduitId: left }]);
    expect(conduits()).toHaveLength(5);
  });

  it('is taken from nobody who serves it, nor for the sake of another fault', async () => {
    const { eventSub, conduits, shards } = fakeEventSub();
    for (let made = 0; made < 5; made += 1) await eventSub.createConduit(1);
    for (const { id } of conduits()) shards.set(id, [enabled('0', `session of ${id}`)]);
    await expect(findConduit(eventSub, conduitMemory(), null, silent)).rejects.toThrow('rate-limited');
    shards.clear();
    eventSub.createConduit = async () => {
      throw refusal('unavailable');
    };
    await expect(findConduit(eventSub, conduitMemory(), null, silent)).rejects.toThrow('unavailable');
  });
});
