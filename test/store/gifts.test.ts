import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NewStreamEvent } from '../../src/domain/stream-event.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { newestOf } from '../support/events.ts';
import { aBomb, aGift, aGiftedSub, anOwnGift, aPerson, aSingleGift } from './stream-events.ts';
import { aProfile, minute, openStore, start, unreadOf } from './support.ts';
import type { StoreFixture } from './support.ts';

const at = new Date(start);
const later = (ms: number) => new Date(start + ms);

describeOnEveryDatabase('gifts on the own channel', (open) => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.streamers.saveProfiles([aProfile('901'), aProfile('902')], at);
  });
  afterEach(() => fixture.close());

  async function entriesAfter(...events: NewStreamEvent[]): Promise<object[]> {
    for (const event of events) await fixture.store.events.append([event]);
    return await shown();
  }

  async function shown(): Promise<object[]> {
    return (await newestOf(fixture.store, '901', 50)).map(({ kind, amount, payload }) => ({
      kind,
      amount,
      to: 'to' in payload && Array.isArray(payload.to) ? payload.to.map(({ name }) => name).toSorted() : [],
    }));
  }

  const names = ['Ana', 'Ben', 'Cleo'];
  const chat = () => [aBomb('bomb:1', 3, at), ...names.map((to) => aGift('bomb:1', to, later(20)))];
  const own = () => [anOwnGift(3, later(10)), ...names.map((to) => aGiftedSub(to, later(30)))];
  const bomb = { kind: 'gift-bomb', amount: 3, to: names };

  it.each([
    ['chat first', () => [...chat(), ...own()]],
    ['chat last', () => [...own(), ...chat()]],
    ['chat last, its gifts first', () => [...own(), ...chat().toReversed()]],
    ['all backwards', () => [...chat(), ...own()].toReversed()],
    ['the receivers first', () => [...own().toReversed(), ...chat()]],
    ['in turns', () => chat().flatMap((event, index) => [own()[index] ?? [], event].flat())],
  ])('make a bomb one entry, however it is told: %s', async (_name, told) => {
    expect(await entriesAfter(...told())).toEqual([bomb]);
  });

  it('make a bomb one entry when all comes in one batch', async () => {
    await fixture.store.events.append([...own(), ...chat()].toReversed());
    expect(await shown()).toEqual([bomb]);
  });

  it('are one entry when chat tells of a single gift twice after the own message', async () => {
    const gift = aSingleGift('Ana', later(20));
    expect(await entriesAfter(anOwnGift(1, later(10)), gift, gift)).toHaveLength(1);
  });

  it('lose nothing when one batch meets an entry by its key and by its giver', async () => {
    await entriesAfter(aGift('bomb:1', 'Ana', at));
    await fixture.store.events.append([aGift('bomb:1', 'Ben', later(1)), anOwnGift(3, later(2))]);
    expect(await shown()).toEqual([{ kind: 'gift-bomb', amount: 3, to: ['Ana', 'Ben'] }]);
  });

  it('make a bomb one entry when the chat is not read', async () => {
    expect(await entriesAfter(...own())).toEqual([{ ...bomb, to: [] }]);
    expect(await entriesAfter(...own().toReversed())).toHaveLength(2);
  });

  it('are one when two ways tell of them, and two when one way does twice', async () => {
    const again = anOwnGift(3, later(50), { source: 'conduit' });
    expect(await entriesAfter(anOwnGift(3, at), again)).toHaveLength(1);
    expect(await entriesAfter(anOwnGift(3, later(60)))).toHaveLength(2);
  });

  it('are two for two bombs of one giver', async () => {
    const second = [aBomb('bomb:2', 3, later(minute)), aGift('bomb:2', 'Dora', later(minute))];
    const told = [...own(), anOwnGift(3, later(minute)), ...chat(), ...second];
    expect(await entriesAfter(...told)).toEqual([{ ...bomb, to: ['Dora'] }, bomb]);
  });

  it.each([
    ['another number', () => anOwnGift(4, at)],
    ['another giver', () => byAnother(anOwnGift(3, at))],
    ['another hour', () => anOwnGift(3, later(11 * minute))],
    ['another streamer', () => anOwnGift(3, at, { streamerId: '902' })],
  ])('are not mistaken for those of %s', async (_name, other) => {
    await entriesAfter(...chat(), other());
    expect(await fixture.database.knex('stream_events').where('is_part', 0)).toHaveLength(2);
  });

  it('are two when the next bomb is told while one is known by a gift alone', async () => {
    await entriesAfter(anOwnGift(3, at), aGift('bomb:1', 'Ana', later(10)));
    expect(await entriesAfter(aBomb('bomb:2', 3, later(20)))).toHaveLength(2);
  });

  it.each([
    ['first', () => [shared(aBomb('bomb:1', 3, at)), anOwnGift(3, later(10))]],
    ['last', () => [anOwnGift(3, at), shared(aBomb('bomb:1', 3, later(10)))]],
  ])('are not mistaken for those of a shared chat that are told %s', async (_order, told) => {
    expect(await entriesAfter(...told())).toHaveLength(2);
  });

  it('make a single gift one entry that names who got it', async () => {
    const gift = aSingleGift('Ana', later(20));
    const ofOwn = () => [anOwnGift(1, later(10)), aGiftedSub('Ana', later(30))];
    expect(await entriesAfter(gift, ...ofOwn())).toMatchObject([{ kind: 'gift', amount: 1 }]);
    const next = [...ofOwn(), aSingleGift('Ben', later(minute))].map((event) => inAnHour(event));
    expect(await entriesAfter(...next)).toMatchObject([{ kind: 'gift-bomb', amount: 1, to: ['Ben'] }, {}]);
  });

  it('show a gifted sub by itself while nothing tells of the gift', async () => {
    expect(await entriesAfter(aGiftedSub('Ana', at))).toMatchObject([{ kind: 'sub' }]);
    expect(await entriesAfter(anOwnGift(1, later(1)))).toMatchObject([{ kind: 'gift-bomb' }]);
    expect(await fixture.store.events.append([aGiftedSub('Ben', later(2))])).toMatchObject([
      { outcome: 'merged' },
    ]);
  });

  it('count each gifted sub once in the summary of what is unread', async () => {
    await fixture.store.users.save({ id: '501', login: 'a', displayName: 'A', profileImageUrl: null });
    await fixture.store.favourites.add('501', '901');
    await entriesAfter(...own(), ...chat());
    expect((await unreadOf(fixture, '501')).byKind).toEqual([{ kind: 'gift-bomb', count: 1, amount: 3 }]);
  });
});

function shared(event: NewStreamEvent): NewStreamEvent {
  if (event.kind === 'gift-bomb') event.payload.sharedFrom = aPerson('Elsewhere');
  return event;
}

function inAnHour(event: NewStreamEvent): NewStreamEvent {
  return { ...event, at: new Date(event.at.getTime() + 60 * minute) };
}

function byAnother(event: NewStreamEvent): NewStreamEvent {
  if (event.kind === 'gift-bomb') event.payload.by = aPerson('Another');
  return event;
}
