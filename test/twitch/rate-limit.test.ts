import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bucket, clientOf, failureOf, json, startFakeTwitch, status, wireUser } from './fake-twitch.ts';
import type { FakeTwitch } from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

const users = json({ data: [wireUser('1')] });
const usersWith = (headers: Record<string, string>) => json({ data: [wireUser('1')] }, 200, headers);
/** A clock that stands until it is moved, so that a reset is as near as a test wants it. */
const epoch = Math.floor(Date.now() / 1000) * 1000;

describe('the rate limit', () => {
  it('is told by state()', async () => {
    const twitch = clientOf(fake);
    expect(twitch.state().rateLimit).toBeNull();
    fake.script('/users', usersWith({ ...bucket(799, 0), 'Ratelimit-Reset': String(epoch / 1000 + 30) }));
    await twitch.usersByIds(['1']);
    expect(twitch.state().rateLimit).toEqual({
      limit: 800,
      remaining: 799,
      resetAt: new Date(epoch + 30_000),
    });
  });

  it('holds back the next call until the reset when nothing remains', async () => {
    const now = nearly(epoch + 1000);
    let arrivedAt = 0;
    const empty = { ...bucket(0, 0), 'Ratelimit-Reset': String(epoch / 1000 + 1) };
    fake.script('/users', usersWith(empty), (response, request) => {
      arrivedAt = now().getTime();
      users(response, request);
    });
    const twitch = clientOf(fake, { now });
    await twitch.usersByIds(['1']);
    await twitch.usersByIds(['1']);
    expect(arrivedAt).toBeGreaterThanOrEqual(epoch + 1000);
    expect(fake.asked('/users')).toHaveLength(2);
  });

  it('counts the calls under way against what remains', async () => {
    fake.script('/users', usersWith(bucket(1, 30)), json({ data: [] }));
    const twitch = clientOf(fake);
    await twitch.usersByIds(['1']);
    const [users2, search] = await Promise.allSettled([
      twitch.usersByIds(['2']),
      twitch.searchChannels('otter', 5),
    ]);
    expect([users2.status, search.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses without asking when the reset is beyond the deadline', async () => {
    fake.script('/users', usersWith(bucket(0, 30)));
    const twitch = clientOf(fake);
    await twitch.usersByIds(['1']);
    const failure = await failureOf(twitch.usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'rate-limited', path: '/users', status: null });
    expect(failure.retryAfterS).toBeGreaterThan(27);
    expect(failure.retryAfterS).toBeLessThan(32);
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('does not believe a reset that is years away', async () => {
    fake.script('/users', usersWith({ ...bucket(0, 0), 'Ratelimit-Reset': '99999999999' }));
    const twitch = clientOf(fake);
    await twitch.usersByIds(['1']);
    expect((await failureOf(twitch.usersByIds(['1']))).retryAfterS).toBeLessThanOrEqual(120);
  });

  it('does not stumble over headers that make no sense', async () => {
    fake.script('/users', usersWith({ ...bucket(0, 30), 'Ratelimit-Remaining': 'none' }));
    const twitch = clientOf(fake);
    await twitch.usersByIds(['1']);
    await twitch.usersByIds(['1']);
    expect(twitch.state().rateLimit).toBeNull();
  });
});

describe('a 429', () => {
  it('waits for the reset and asks once more when the bucket is empty', async () => {
    const now = nearly(epoch + 1000);
    const empty = { ...bucket(0, 0), 'Ratelimit-Reset': String(epoch / 1000 + 1) };
    let arrivedAt = 0;
    fake.script('/users', status(429, empty), (response, request) => {
      arrivedAt = now().getTime();
      users(response, request);
    });
    expect(await clientOf(fake, { now }).usersByIds(['1'])).toHaveLength(1);
    expect(arrivedAt).toBeGreaterThanOrEqual(epoch + 1000);
  });

  it('is told after the second', async () => {
    const now = nearly(epoch + 1000);
    const empty = { ...bucket(0, 0), 'Ratelimit-Reset': String(epoch / 1000 + 1) };
    fake.script('/users', status(429, empty));
    const failure = await failureOf(clientOf(fake, { now }).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'rate-limited', status: 429 });
    expect(fake.asked('/users')).toHaveLength(2);
  });

  it('is told at once, with the time to wait, when the reset is beyond the deadline', async () => {
    fake.script('/users', status(429, bucket(0, 40)));
    const failure = await failureOf(clientOf(fake).usersByIds(['1']));
    expect(failure.kind).toBe('rate-limited');
    expect(failure.retryAfterS).toBeGreaterThan(37);
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it.each([
    ['points remain', bucket(500, 1)],
    ['it says nothing of points', {}],
  ])('is not repeated when %s', async (_, headers) => {
    fake.script('/users', status(429, headers));
    const failure = await failureOf(clientOf(fake).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'rate-limited', status: 429, retryAfterS: null });
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('passes on Retry-After', async () => {
    fake.script('/users', status(429, { 'Retry-After': '7' }));
    expect((await failureOf(clientOf(fake).usersByIds(['1']))).retryAfterS).toBe(7);
  });

  it('does not open the circuit', async () => {
    fake.script('/users', status(429, {}));
    const twitch = clientOf(fake, { pace: { faults: 2 } });
    for (let call = 0; call < 5; call += 1) await failureOf(twitch.usersByIds(['1']));
    expect(twitch.state().api.circuit).toBe('closed');
  });
});

/** A running clock that stands 300 ms before a moment when it is made. */
function nearly(moment: number): () => Date {
  const begun = performance.now();
  return () => new Date(moment - 300 + (performance.now() - begun));
}
