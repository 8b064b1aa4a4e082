import { describe, expect, it } from 'vitest';
import { inTime } from '../../src/web/patience.ts';

describe('waiting for Twitch within a request', () => {
  it('hands on what comes in time, faults too', async () => {
    expect(await inTime(Promise.resolve(7), 10_000)).toBe(7);
    await expect(inTime(Promise.reject(new Error('broken')), 10_000)).rejects.toThrow('broken');
  });

  it('ends with a sentence when it takes too long', async () => {
    const never = new Promise<never>(() => undefined);
    await expect(inTime(never, 1)).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 5 });
  });
});
