import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFreshener } from '../../src/domain/freshener.ts';

type Look = (streamerIds: string[]) => Promise<void>;

function freshenerThat(look: Look) {
  const log = { warn: vi.fn<(details: object, message: string) => void>() };
  return { log, freshener: createFreshener({ look, delaysMs: [1_000, 5_000], gatherMs: 100, log }) };
}

describe('Looking again at who went live', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('asks about those who went live at about the same time together, each time once', async () => {
    const look = vi.fn<Look>(async () => undefined);
    const { freshener } = freshenerThat(look);
    for (const id of ['1', '2', '1']) freshener.wentLive(id);
    await vi.advanceTimersByTimeAsync(1_099);
    expect(look).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(look.mock.calls).toEqual([[['1', '2']]]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(look.mock.calls).toEqual([[['1', '2']], [['1', '2']]]);
  });

  it('asks about who comes later on their own', async () => {
    const look = vi.fn<Look>(async () => undefined);
    const { freshener } = freshenerThat(look);
    freshener.wentLive('1');
    await vi.advanceTimersByTimeAsync(100);
    freshener.wentLive('2');
    await vi.advanceTimersByTimeAsync(1_100);
    expect(look.mock.calls).toEqual([[['1']], [['2']]]);
  });

  it('leaves to the poll what could not be looked at', async () => {
    const { freshener, log } = freshenerThat(async () => {
      throw new Error('away');
    });
    freshener.wentLive('1');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log.warn).toHaveBeenCalledTimes(2);
  });

  it('looks at nobody once it has stopped', async () => {
    const look = vi.fn<Look>(async () => undefined);
    const { freshener } = freshenerThat(look);
    freshener.wentLive('1');
    await vi.advanceTimersByTimeAsync(500);
    freshener.wentLive('2');
    freshener.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(look).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins anew with whoever goes live after it has stopped', async () => {
    const look = vi.fn<Look>(async () => undefined);
    const { freshener } = freshenerThat(look);
    freshener.wentLive('1');
    freshener.stop();
    freshener.wentLive('2');
    await vi.advanceTimersByTimeAsync(1_100);
    expect(look.mock.calls).toEqual([[['2']]]);
  });

  it('keeps no process from ending', () => {
    vi.useRealTimers();
    const { freshener } = freshenerThat(async () => undefined);
    const before = timersThatKeepUs();
    freshener.wentLive('1');
    expect(timersThatKeepUs()).toBe(before);
    freshener.stop();
  });
});

function timersThatKeepUs(): number {
  return process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
}
