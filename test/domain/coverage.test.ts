import { describe, expect, it } from 'vitest';
import { coverageOf, coverageOfAll } from '../../src/domain/coverage.ts';
import type { Transport } from '../../src/domain/transport.ts';
import { watchesOf } from '../../src/domain/watch.ts';

/** A transport that holds every watch but these. */
function transportWithout(missing: string[], details: { trouble?: string; reason?: string } = {}) {
  const held: Pick<Transport, 'trouble' | 'isHeld' | 'reasonOf'> = {
    trouble: () => details.trouble ?? null,
    isHeld: (key) => !missing.includes(key),
    reasonOf: () => details.reason ?? null,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The rest of it is not asked.
  return held as Transport;
}

const keysOf = (tier: number) => watchesOf('1').flatMap((watch) => (watch.tier === tier ? [watch.key] : []));

describe('The coverage of a streamer', () => {
  it('is push when every watch is held', () => {
    expect(coverageOf('1', transportWithout([]))).toEqual({ by: 'push', reason: null });
  });

  it('is the poll without a transport, or with one in trouble', () => {
    expect(coverageOf('1', null)).toMatchObject({ by: 'poll' });
    const inTrouble = transportWithout([], { trouble: 'No socket.' });
    expect(coverageOf('1', inTrouble)).toEqual({ by: 'poll', reason: 'No socket.' });
  });

  it('is the poll when a watch of the first tier is missing, and says why', () => {
    const missing = keysOf(1);
    expect(coverageOf('1', transportWithout(missing, { reason: 'It is over the budget' }))).toEqual({
      by: 'poll',
      reason: 'It is over the budget.',
    });
    expect(coverageOf('1', transportWithout(missing)).reason).toBe('It is about to be watched.');
  });

  it('is partly push when only others are missing', () => {
    const missing = watchesOf('1').flatMap(({ key, tier }) => (tier === 1 ? [] : [key]));
    expect(missing).not.toEqual([]);
    expect(coverageOf('1', transportWithout(missing)).by).toBe('part');
  });

  it('has the reason of the dearest watch that is missing', () => {
    const [online, ...others] = watchesOf('1').map(({ key }) => key);
    const transport = transportWithout([...others, `${online}`]);
    transport.reasonOf = (key) => (key === online ? 'Twitch has not confirmed it' : 'It is over the budget');
    expect(coverageOf('1', transport)).toEqual({ by: 'poll', reason: 'Twitch has not confirmed it.' });
  });

  it('of all is counted, with the exceptions by name', () => {
    const coverage = coverageOfAll(['1', '2', '3'], transportWithout(keysOf(1)));
    expect(coverage).toMatchObject({ push: 2, part: 0, poll: 1 });
    expect(Object.keys(coverage.exceptions)).toEqual(['1']);
    const many = Array.from({ length: 2_500 }, (_, index) => String(index));
    expect(coverageOfAll(many, null).poll).toBe(2_500);
    expect(Object.keys(coverageOfAll(many, null).exceptions)).toHaveLength(2_000);
  });
});
