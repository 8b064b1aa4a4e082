import { describe, expect, it, vi } from 'vitest';
import { createEventIntake } from '../../src/domain/event-intake.ts';
import type { EventOutcome, NewStreamEvent } from '../../src/domain/stream-event.ts';

describe('the intake of events', () => {
  it('resolves only after the commit', async () => {
    const database = heldDatabase();
    const intake = createEventIntake({ store: database, onStored: () => undefined });
    let isTaken = false;
    const taking = intake.take(event('1')).then(() => (isTaken = true));
    await vi.waitFor(() => expect(database.batches).toHaveLength(1));
    expect(isTaken).toBe(false);
    expect(intake.pending()).toBe(1);
    database.commit();
    await taking;
    expect(intake.pending()).toBe(0);
  });

  it('gathers the next batch while one is being written', async () => {
    const database = heldDatabase();
    const intake = createEventIntake({ store: database, onStored: () => undefined, most: 3 });
    const first = intake.take(event('1'));
    await vi.waitFor(() => expect(database.batches).toHaveLength(1));
    const rest = ['2', '3', '4', '5'].map((id) => intake.take(event(id)));
    database.commit();
    await first;
    await vi.waitFor(() => expect(database.batches).toHaveLength(2));
    database.commit();
    await vi.waitFor(() => expect(database.batches).toHaveLength(3));
    database.commit();
    await Promise.all(rest);
    expect(database.batches).toEqual([['1'], ['2', '3', '4'], ['5']]);
  });

  it('puts those who come in one go into one batch', async () => {
    const { store, batches } = databaseThat();
    const intake = createEventIntake({ store, onStored: () => undefined });
    await Promise.all(['1', '2', '3'].map((id) => intake.take(event(id))));
    expect(batches).toEqual([['1', '2', '3']]);
  });

  it('rejects those of a failed batch, and takes the next', async () => {
    let isAway = true;
    const { store } = databaseThat(() => {
      if (isAway) throw new Error('away');
      return 'stored';
    });
    const intake = createEventIntake({ store, onStored: () => undefined });
    const both = await Promise.allSettled([intake.take(event('1')), intake.take(event('2'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isAway = false;
    await expect(intake.take(event('1'))).resolves.toBe('stored');
  });

  it('rejects an event of which the database says nothing', async () => {
    const intake = createEventIntake({ store: { append: async () => [] }, onStored: () => undefined });
    await expect(intake.take(event('1'))).rejects.toThrow('did not say');
  });

  it('sends whoever comes away while too many wait', async () => {
    const database = heldDatabase();
    const intake = createEventIntake({ store: database, onStored: () => undefined, mostWaiting: 2 });
    const first = intake.take(event('1'));
    await vi.waitFor(() => expect(database.batches).toHaveLength(1));
    const waiting = [intake.take(event('2')), intake.take(event('3'))];
    await expect(intake.take(event('4'))).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 1 });
    database.commit();
    await first;
    await vi.waitFor(() => expect(database.batches).toHaveLength(2));
    database.commit();
    await Promise.all(waiting);
  });

  it('tells of what is new, and not of repeats', async () => {
    let told = 0;
    const { store } = databaseThat((id) => (id === 'new' ? 'stored' : 'known'));
    const intake = createEventIntake({ store, onStored: () => (told += 1) });
    await intake.take(event('old'));
    expect(told).toBe(0);
    await intake.take(event('new'));
    expect(told).toBe(1);
  });
});

function databaseThat(outcomeOf: (messageId: string) => EventOutcome = () => 'stored') {
  const batches: string[][] = [];
  const store = {
    async append(events: NewStreamEvent[]) {
      batches.push(events.map(({ messageId }) => messageId));
      return events.map(({ messageId }) => ({ outcome: outcomeOf(messageId) }));
    },
  };
  return { store, batches };
}

/** Commits a batch only when it is told to. */
function heldDatabase() {
  const batches: string[][] = [];
  let commit: (() => void) | null = null;
  return {
    batches,
    commit: () => commit?.(),
    append(events: NewStreamEvent[]) {
      batches.push(events.map(({ messageId }) => messageId));
      return new Promise<{ outcome: EventOutcome }[]>((resolve) => {
        commit = () => resolve(events.map(() => ({ outcome: 'stored' })));
      });
    },
  };
}

function event(messageId: string): NewStreamEvent {
  return {
    messageId,
    streamerId: '7',
    type: 'found',
    source: 'poll',
    at: new Date('2026-11-23T12:00:00Z'),
    isLate: false,
    amount: null,
    relation: null,
    kind: 'available',
    payload: {},
  };
}
