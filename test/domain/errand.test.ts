import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createErrand } from '../../src/domain/errand.ts';

const pace = { everyMs: 10_000, firstRetryMs: 100, longestRetryMs: 1_000 };
const log = { info: vi.fn<Say>(), warn: vi.fn<Say>() };

type Work = (signal: AbortSignal) => Promise<number | null>;
type Say = (details: object, message: string) => void;

function errandOf(work: Work, everyMs = pace.everyMs) {
  return createErrand({ name: 'test', work, pace: { ...pace, everyMs }, log });
}

describe('An errand', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.clearAllMocks();
  });

  it('is done when asked, and then at its pace', async () => {
    const work = vi.fn<Work>(async () => null);
    const errand = errandOf(work);
    errand.soon(50);
    await vi.advanceTimersByTimeAsync(49);
    expect(work).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(work).toHaveBeenCalledTimes(3);
    await errand.stop();
  });

  it('is done at the soonest of the times that were asked for, once', async () => {
    const work = vi.fn<Work>(async () => null);
    const errand = errandOf(work);
    for (const afterMs of [500, 20, 300]) errand.soon(afterMs);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(work).toHaveBeenCalledTimes(1);
    await errand.stop();
  });

  it('is done again when the work says so, at the latest at its pace', async () => {
    const answers = [200, 60_000];
    const work = vi.fn<Work>(async () => answers.shift() ?? null);
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(200);
    expect(work).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(work).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(3);
    await errand.stop();
  });

  it('is done only when asked if it has no pace', async () => {
    const work = vi.fn<Work>(async () => null);
    const errand = errandOf(work, Infinity);
    errand.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(work).toHaveBeenCalledTimes(1);
    errand.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(work).toHaveBeenCalledTimes(2);
    await errand.stop();
  });

  it('is never done twice at a time: who asks meanwhile has it done once more afterwards', async () => {
    const running: (() => void)[] = [];
    const work = vi.fn<Work>(() => new Promise((resolve) => running.push(() => resolve(null))));
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(0);
    errand.soon();
    errand.soon(5);
    await vi.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(1);
    running.pop()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(2);
    running.pop()?.();
    await errand.stop();
  });

  it('is tried again after growing pauses, and says what is wrong until it works', async () => {
    const problem = new Error('away');
    let isAway = true;
    const times: number[] = [];
    const errand = errandOf(async () => {
      times.push(performance.now());
      if (isAway) throw problem;
      return null;
    });
    errand.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, usual] of [100, 200, 400, 800, 1_000].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(usual * 0.75 - 1);
      expect(pauses[index]).toBeLessThanOrEqual(usual * 1.25 + 1);
    }
    expect(errand.fault()).toBe(problem);
    expect(log.warn).toHaveBeenCalledTimes(1);
    isAway = false;
    await vi.advanceTimersByTimeAsync(1_300);
    expect(errand.fault()).toBeNull();
    expect(log.info).toHaveBeenCalledTimes(1);
    await errand.stop();
  });

  it.each([
    ['shortest', 0, 75],
    ['longest', 1, 125],
  ])('is not tried again in step with others: %s pause', async (_which, chance, pauseMs) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance);
    const work = vi.fn<Work>(async () => await Promise.reject(new Error('away')));
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
    await errand.stop();
  });

  it('begins with short pauses again after it went well', async () => {
    const answers = [false, false, false, true, false, true];
    const work = vi.fn<Work>(async () => {
      if (answers.shift() !== true) throw new Error('away');
      return 1_000;
    });
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(875);
    expect(work).toHaveBeenCalledTimes(4);
    await vi.advanceTimersByTimeAsync(1_000 + 125);
    expect(work).toHaveBeenCalledTimes(6);
    await errand.stop();
  });

  it('says at times that it still waits, and nothing while all goes well', async () => {
    let fails = 25;
    const errand = errandOf(async () => {
      fails -= 1;
      if (fails >= 0) throw new Error('away');
      return null;
    });
    errand.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fails).toBeLessThan(-1);
    expect(log.warn).toHaveBeenCalledTimes(2);
    expect(log.info).toHaveBeenCalledTimes(1);
    await errand.stop();
  });

  it('ends what it does and begins nothing more', async () => {
    const work = vi.fn<Work>(
      (signal: AbortSignal) =>
        new Promise<null>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')));
        }),
    );
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(0);
    errand.soon(30);
    await errand.stop();
    errand.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(1);
    expect(errand.fault()).toBeNull();
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('ends after what is under way, without the once more that somebody asked for', async () => {
    const running: (() => void)[] = [];
    const work = vi.fn<Work>(() => new Promise((resolve) => running.push(() => resolve(null))));
    const errand = errandOf(work);
    errand.soon();
    await vi.advanceTimersByTimeAsync(0);
    errand.soon();
    await vi.advanceTimersByTimeAsync(10);
    const ended = vi.fn<() => void>();
    const ending = errand.stop().then(ended);
    await vi.advanceTimersByTimeAsync(10);
    expect(ended).not.toHaveBeenCalled();
    running.pop()?.();
    await ending;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
