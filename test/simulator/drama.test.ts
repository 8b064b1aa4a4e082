import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';

/** What happens to three watched streamers in so many steps of six seconds. */
async function play(steps: number, seed: number, isWatched = true) {
  let now = Date.UTC(2026, 10, 23, 20);
  const running = await startSimulator({ seed, now: () => new Date(now) });
  const { world, drama, life } = running.simulator;
  const happened: string[] = [];
  const trio = ['otto', 'ironpetal', 'kumo_no_ki'].map((login) => world.find(login));
  const ids = trio.map((account) => account?.id ?? '');
  const watch = () => (isWatched ? world.noteAsked(ids) : undefined);
  life.begin();
  world.changes.on(({ kind, account }) => {
    if (kind !== 'viewers' && ids.includes(account.id)) happened.push(`${kind} ${account.login}`);
  });
  for (let step = 0; step < steps; step += 1) {
    watch();
    drama.step();
    now += 6_000;
  }
  await running.close();
  return { happened };
}

describe('the drama', () => {
  it('moves the streamers who are watched, again and again', async () => {
    expect((await play(100, 7)).happened.length).toBeGreaterThan(20);
  });

  it('leaves alone who is not watched', async () => {
    expect((await play(100, 7, false)).happened).toEqual([]);
  });

  it('is the same for the same seed', async () => {
    const [one, same, other] = [await play(60, 7), await play(60, 7), await play(60, 8)];
    expect(one.happened).toEqual(same.happened);
    expect(one.happened).not.toEqual(other.happened);
  });
});
