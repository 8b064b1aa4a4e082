import { expect, it } from 'vitest';
import { createUserBuckets } from '../../src/twitch/user-buckets.ts';

it('Each token has a bucket of its own, until a thousand others were used after it', () => {
  const buckets = createUserBuckets({ now: () => new Date(), jitterMs: 0 });
  const [first, second] = [buckets.of('first'), buckets.of('second')];
  expect(first).not.toBe(second);
  for (let index = 0; index < 998; index += 1) buckets.of(`token ${index}`);
  expect(buckets.of('first')).toBe(first);
  buckets.of('one more');
  expect(buckets.of('first')).toBe(first);
  expect(buckets.of('second')).not.toBe(second);
});
