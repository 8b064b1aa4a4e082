import { describe, expect, it } from 'vitest';
import { attachSlots, findConduit, lowestVacancy, type Slot } from '../../src/domain/conduit-slots.ts';
import { conduitMemory, fakeEventSub, refusal, silent } from './fake-event-sub.ts';

const enabled = (id: string, sessionId: string) => ({ id, sessionId, status: 'enabled' });

const slot = (sessionId: string): Slot => ({
  socket: null,
  sessionId,
  shardId: null,
  attachedAs: null,
  isAttached: false,
});

const at = (shardId: string): Slot => ({ ...slot(`s${shardId}`), shardId });

/** A conduit, and what its listeners do. */
async function serving() {
  const twitch = fakeEventSub();
  const conduit = await twitch.eventSub.createConduit(2);
  async function attach(slots: Slot[]): Promise<(string | null)[]> {
    const [present = conduit] = await twitch.eventSub.conduits();
    await attachSlots(twitch.eventSub, present, slots);
    return slots.map(({ shardId, isAttached }) => (isAttached ? shardId : null));
  }
  const goDown = (...ids: string[]) => {
    for (const shard of twitch.shards.get(conduit.id) ?? [])
      if (ids.includes(shard.id)) shard.status = 'websocket_disconnected';
  };
  const attachments = () => twitch.calls.filter((call) => call.startsWith('attach')).length;
  return { twitch, attach, goDown, attachments, count: () => twitch.conduits()[0]?.shardCount };
}

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

describe('the shards', () => {
  it('of another listener are not touched: the conduit grows', async () => {
    const { attach, count } = await serving();
    expect(await attach([slot('a'), slot('b')])).toEqual(['0', '1']);
    expect(await attach([slot('c'), slot('d')])).toEqual(['2', '3']);
    expect(count()).toBe(4);
  });

  it('are those of before after all sockets were down, whoever comes back first', async () => {
    const { attach, goDown, attachments } = await serving();
    const [first, second] = [
      [slot('a'), slot('b')],
      [slot('c'), slot('d')],
    ] as const;
    await attach([...first]);
    await attach([...second]);
    goDown('0', '1', '2', '3');
    for (const each of [...second, ...first]) each.sessionId += ' again';
    expect(await attach([...second])).toEqual(['2', '3']);
    expect(await attach([...first])).toEqual(['0', '1']);
    const before = attachments();
    for (let round = 0; round < 5; round += 1) for (const each of [second, first]) await attach([...each]);
    expect(attachments()).toBe(before);
  });

  it('that another listener has taken meanwhile are left to it', async () => {
    const { attach, goDown, attachments } = await serving();
    const first = [slot('a'), slot('b')];
    await attach(first);
    goDown('0', '1');
    const second = [slot('c'), slot('d')];
    expect(await attach(second)).toEqual(['0', '1']);
    for (const each of first) each.sessionId += ' again';
    expect(await attach(first)).toEqual(['2', '3']);
    const before = attachments();
    for (let round = 0; round < 5; round += 1) for (const each of [second, first]) await attach(each);
    expect(attachments()).toBe(before);
  });

  it('are taken back from a session of ours that Twitch still believes in', async () => {
    const { attach, count } = await serving();
    const slots = [slot('a'), slot('b')];
    await attach(slots);
    for (const each of slots) each.sessionId += ' again';
    expect(await attach(slots)).toEqual(['0', '1']);
    expect(count()).toBe(2);
  });

  it('are cut off neither below two, nor where one of ours was, nor when there is nothing to cut', async () => {
    const { twitch, attach, goDown, count } = await serving();
    const [first, second] = [
      [slot('a'), slot('b')],
      [slot('c'), slot('d')],
    ] as const;
    await attach([...first]);
    await attach([...second]);
    goDown('2', '3');
    for (const each of second) each.sessionId = null;
    await attach([...second]);
    expect(count()).toBe(4);
    goDown('0', '1');
    await attach([]);
    expect(count()).toBe(2);
    await attach([]);
    expect(twitch.calls.filter((call) => call.startsWith('resize'))).toEqual(['resize 4', 'resize 2']);
  });

  it('that two listeners take at the same moment are of one, and the other takes the next', async () => {
    const { attach, attachments } = await serving();
    const slots = [slot('a'), slot('b')];
    const both = () => Promise.all(slots.map((each) => attach([each])));
    expect(await both()).toEqual([[null], ['0']]);
    expect(await both()).toEqual([['1'], ['0']]);
    const before = attachments();
    await both();
    expect(attachments()).toBe(before);
  });

  it('are attached once more when Twitch did not say whose they are', async () => {
    const { twitch, attach } = await serving();
    const slots = [slot('a'), slot('b')];
    const { shards, attachShards } = twitch.eventSub;
    twitch.eventSub.attachShards = async (...asked) => {
      twitch.eventSub.shards = async () => {
        throw refusal('unavailable');
      };
      return await attachShards(...asked);
    };
    await expect(attach(slots)).rejects.toThrow('unavailable');
    Object.assign(twitch.eventSub, { shards, attachShards });
    expect(await attach(slots)).toEqual(['0', '1']);
  });

  it('are not ours when Twitch refuses them, or the session is gone before it answers', async () => {
    const { twitch, attach } = await serving();
    const [refused, gone] = [slot('a'), slot('b')];
    const { attachShards, shards } = twitch.eventSub;
    twitch.eventSub.attachShards = async (conduitId, wanted) => {
      await attachShards(conduitId, wanted.slice(1));
      gone.sessionId = null;
      return [{ id: '0', message: 'The session is not connected', code: 'error' }];
    };
    twitch.eventSub.shards = async (conduitId) =>
      (await shards(conduitId)).map((shard) => ({ ...shard, sessionId: null }));
    expect(await attach([refused, gone])).toEqual([null, null]);
    expect([refused.shardId, gone.shardId]).toEqual([null, '1']);
  });

  it('that another listener has left below ours are vacant, and those of our own are not', () => {
    const served = [enabled('0', 's0'), { ...enabled('2', 's2'), status: 'websocket_disconnected' }];
    expect(lowestVacancy(served, [at('2'), at('3')])).toBe('1');
    expect(lowestVacancy(served, [at('1'), at('2')])).toBeNull();
    expect(lowestVacancy(served, [at('0')])).toBeNull();
  });

  it('of a listener that is gone are cut off at the end', async () => {
    const { attach, goDown, count } = await serving();
    const slots = [slot('a'), slot('b')];
    await attach(slots);
    await attach([slot('c'), slot('d')]);
    goDown('2', '3');
    await attach(slots);
    expect(count()).toBe(2);
  });
});
