import { describe, expect, it, vi } from 'vitest';
import { startDuty } from '../../src/domain/duty.ts';

const silent = { info: () => undefined, warn: () => undefined };

describe('a duty', () => {
  it('works at once and then again and again', async () => {
    let times = 0;
    const duty = startDuty({ name: 'test', everyMs: 5, work: async () => void (times += 1), log: silent });
    await vi.waitFor(() => expect(times).toBeGreaterThan(3));
    await duty.stop();
  });

  it('goes on after failures, and says once that it waits and once that it works again', async () => {
    const said: string[] = [];
    const log = {
      info: (_: object, message: string) => void said.push(message),
      warn: (_: object, message: string) => void said.push(message),
    };
    let times = 0;
    const work = async () => {
      times += 1;
      if (times < 4) throw new Error('Twitch is away');
    };
    const duty = startDuty({ name: 'test', everyMs: 2, work, log });
    await vi.waitFor(() => expect(times).toBeGreaterThan(5));
    await duty.stop();
    expect(said).toEqual(['waits and tries again', 'works again']);
  });

  it('begins nothing after it was stopped, and waits for what is under way', async () => {
    let running = 0;
    let ended = 0;
    const work = async () => {
      running += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended += 1;
    };
    const duty = startDuty({ name: 'test', everyMs: 1, work, log: silent });
    await vi.waitFor(() => expect(running).toBe(1));
    await duty.stop();
    expect(ended).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(running).toBe(1);
  });
});
