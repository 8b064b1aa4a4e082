import { describe, expect, it } from 'vitest';
import { createLife } from '../../src/simulator/life.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { createWorld } from '../../src/simulator/world.ts';
import type { Change } from '../../src/simulator/changes.ts';

const minute = 60_000;

describe('the cast', () => {
  const everybody = createWorld(() => new Date()).everybody();
  const streamers = everybody.filter(({ kind }) => kind === 'streamer');

  it('has at least 80 streamers and a dozen viewers with ids of digits and logins that Twitch would allow', () => {
    expect(streamers.length).toBeGreaterThanOrEqual(80);
    expect(everybody.length - streamers.length).toBeGreaterThanOrEqual(12);
    for (const { id, login } of everybody) {
      expect(id).toMatch(/^\d+$/);
      expect(login).toMatch(/^[a-z0-9_]{1,25}$/);
    }
    expect(new Set(everybody.map(({ id }) => id)).size).toBe(everybody.length);
  });

  it('writes in many scripts, at most 140 characters a title, and once nothing at all', () => {
    const names = streamers.map(({ displayName }) => displayName).join(' ');
    for (const script of [
      'Latin',
      'Hiragana',
      'Han',
      'Hangul',
      'Cyrillic',
      'Arabic',
      'Greek',
      'Thai',
      'Hebrew',
      'Devanagari',
      'Georgian',
    ]) {
      expect(names).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
    }
    const lengths = streamers.map(({ title }) => Array.from(title).length);
    expect(Math.max(...lengths)).toBe(140);
    expect(
      streamers.some(
        ({ title, category, description }) => title === '' && category === null && description === '',
      ),
    ).toBe(true);
    expect(streamers.some(({ tags }) => tags === null)).toBe(true);
  });

  it('begins with everybody offline', () => {
    expect(everybody.every(({ broadcast }) => broadcast === null)).toBe(true);
  });
});

describe('a command', () => {
  it('tells whoever listens what happened, until they stop listening', () => {
    const world = createWorld(() => new Date());
    const heard: Change['kind'][] = [];
    const stop = world.changes.on(({ kind }) => heard.push(kind));
    world.goLive('otto');
    world.goLive('otto', { title: 'new' });
    world.setViewers('otto', 9);
    world.goOffline('otto');
    world.goOffline('otto');
    world.rename('otto', 'ottilie');
    stop();
    world.goLive('ottilie');
    expect(heard).toEqual(['online', 'updated', 'viewers', 'offline', 'renamed']);
  });

  it('gives each broadcast an id of its own and keeps it while the broadcast runs', () => {
    const world = createWorld(() => new Date());
    const first = world.goLive('otto').id;
    expect(world.goLive('OTTO').id).toBe(first);
    world.goOffline('otto');
    expect(world.goLive('otto').id).not.toBe(first);
  });

  it('renames: the id and the face stay, the old login is free, a taken one is refused', () => {
    const world = createWorld(() => new Date());
    const { id, look } = world.find('otto') ?? {};
    world.rename('otto', 'Ottilie');
    expect(world.find('otto')).toBeNull();
    expect(world.find('ottilie')).toMatchObject({ id, look, displayName: 'Ottilie' });
    expect(() => world.rename('ottilie', 'ironpetal')).toThrow('taken');
    expect(() => world.rename('ottilie', 'not a login')).toThrow('1 to 25');
  });

  it('bans: off air at once, cannot go live, back after the ban', () => {
    const world = createWorld(() => new Date());
    world.goLive('otto');
    world.ban('otto');
    expect(world.live()).toEqual([]);
    expect(() => world.goLive('otto')).toThrow('banned');
    world.unban('otto');
    expect(world.goLive('otto').id).toMatch(/^\d+$/);
  });

  it('fails by name for a login that nobody has', () => {
    const world = createWorld(() => new Date());
    expect(() => world.goLive('nobody_at_all')).toThrow('nobody_at_all');
  });
});

describe('life', () => {
  it('begins with about a third live, since some time ago', () => {
    const { world } = begun();
    const live = world.live();
    expect(live.length).toBeGreaterThan(20);
    expect(live.length).toBeLessThan(40);
    expect(
      live.every(
        ({ broadcast }) => (broadcast?.startedAt.getTime() ?? 0) <= Date.UTC(2026, 10, 23, 20) - 4 * minute,
      ),
    ).toBe(true);
  });

  it('changes audiences and the set of those who are live within a minute', () => {
    const { world, steps } = begun();
    const before = new Map(world.live().map(({ id, broadcast }) => [id, broadcast?.viewers]));
    steps(15);
    const after = new Map(world.live().map(({ id, broadcast }) => [id, broadcast?.viewers]));
    expect([...after.keys()].toSorted()).not.toEqual([...before.keys()].toSorted());
    expect([...after].filter(([id, viewers]) => before.get(id) !== viewers).length).toBeGreaterThan(10);
  });

  it('stays around a third for hours, and titles change', () => {
    const { world, steps } = begun();
    const titles = new Map(world.everybody().map(({ id, title }) => [id, title]));
    steps(3000);
    expect(world.live().length).toBeGreaterThan(15);
    expect(world.live().length).toBeLessThan(45);
    expect(world.everybody().filter(({ id, title }) => titles.get(id) !== title).length).toBeGreaterThan(5);
    expect(world.live().every(({ broadcast }) => (broadcast?.viewers ?? -1) >= 0)).toBe(true);
  });
});

function begun() {
  let now = Date.UTC(2026, 10, 23, 20);
  const clock = () => new Date(now);
  const world = createWorld(clock);
  const life = createLife({ world, now: clock, random: createRandom(7) });
  life.begin();
  return {
    world,
    steps: (count: number) => {
      for (let step = 0; step < count; step += 1) {
        now += 4000;
        life.step();
      }
    },
  };
}
