import { describe, expect, it } from 'vitest';
import { lookAt, markOf, visitPauseMs } from '../../src/domain/visit.ts';

const at = new Date('2026-11-29T12:00:00Z');
const visit = { readTo: 3, seenTo: 8, seenAt: at, end: 20 };
const after = (ms: number) => new Date(at.getTime() + ms);

describe('A visit', () => {
  it('keeps the mark as long as it lasts, also when the clock was set back', () => {
    for (const ms of [0, visitPauseMs, -visitPauseMs]) expect(markOf(visit, after(ms))).toBe(3);
  });

  it('that is over has read what it saw', () => {
    expect(markOf(visit, after(visitPauseMs + 1))).toBe(8);
  });

  it('takes back nothing that the user has marked as read since', () => {
    expect(markOf({ ...visit, readTo: 11 }, after(visitPauseMs + 1))).toBe(11);
  });

  it('has no beginning before the first look', () => {
    expect(markOf({ ...visit, seenAt: null }, at)).toBe(3);
    expect(lookAt({ ...visit, seenAt: null }, at)).toEqual({ readTo: 3, seenTo: 20, seenAt: at });
  });

  it('goes on with each look, of which one a minute is noted', () => {
    expect(lookAt(visit, after(59_999))).toBeNull();
    const seenAt = after(60_000);
    expect(lookAt(visit, seenAt)).toEqual({ readTo: 3, seenTo: 20, seenAt });
    expect(lookAt(visit, after(-60_000))).not.toBeNull();
  });

  it('begins anew, after a pause, with what the last one saw', () => {
    const seenAt = after(visitPauseMs + 1);
    expect(lookAt(visit, seenAt)).toEqual({ readTo: 8, seenTo: 20, seenAt });
  });
});
