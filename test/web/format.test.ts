import { describe, expect, it } from 'vitest';
import {
  ago,
  compact,
  count,
  dayName,
  device,
  duration,
  imageUrl,
  shortDay,
  thumbnail,
} from '../../src/web/format.ts';

const now = new Date('2026-11-23T12:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
const cdn = ['https://static-cdn.jtvnw.net'];

describe('words for people', () => {
  it.each([
    [3, 'just now'],
    [-60, 'just now'],
    [20, '20 seconds ago'],
    [60, '1 minute ago'],
    [7_300, '2 hours ago'],
    [86_400, '1 day ago'],
    [40 * 86_400, '1 month ago'],
    [800 * 86_400, '2 years ago'],
  ])('call %i seconds “%s”', (seconds, words) => expect(ago(before(seconds), now)).toBe(words));

  it.each([
    [59, 'just now'],
    [60, '1 min'],
    [59 * 60, '59 min'],
    [8_040, '2 h 14 min'],
    [73 * 3_600, '3 d 1 h'],
  ])('call an uptime of %i seconds “%s”', (seconds, words) =>
    expect(duration(before(seconds), now)).toBe(words),
  );

  it('name days as they are in UTC', () => {
    const lastMoment = new Date('2026-11-23T23:59:59.999Z');
    expect(dayName(lastMoment)).toBe('Monday, 23 November 2026');
    expect(shortDay(lastMoment)).toBe('23 Nov 2026');
  });

  it('group and shorten numbers', () => {
    expect(count(1234567)).toBe('1,234,567');
    expect(compact(1234)).toBe('1.2K');
  });

  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1',
      'Safari on iPhone',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge on Windows',
    ],
    ['<script>', 'Unknown browser'],
    ['', 'Unknown browser'],
  ])('call %j a device', (agent, words) => expect(device(agent)).toBe(words));
});

describe('addresses of images', () => {
  it('pass when they lie below Twitch’s CDN', () => {
    const url = 'https://static-cdn.jtvnw.net/a.png';
    expect(imageUrl(url, cdn)).toBe(url);
  });

  it.each([
    null,
    'https://static-cdn.jtvnw.net.evil.example/a.png',
    'https://static-cdn.jtvnw.net@evil.example/a.png',
    'http://static-cdn.jtvnw.net/a.png',
    'javascript:alert(1)',
    '//static-cdn.jtvnw.net/a.png',
  ])('do not pass as %j', (url) => expect(imageUrl(url, cdn)).toBeNull());

  it('name a size, and change every five minutes like the picture', () => {
    const template = 'https://static-cdn.jtvnw.net/live_user_lumi-{width}x{height}.jpg';
    const url = thumbnail(template, 640, 360, cdn, now);
    expect(url).toMatch(/live_user_lumi-640x360\.jpg\?t=\d+$/);
    expect(thumbnail(template, 640, 360, cdn, new Date(now.getTime() + 299_000))).toBe(url);
    expect(thumbnail(template, 640, 360, cdn, new Date(now.getTime() + 300_000))).not.toBe(url);
    expect(thumbnail(null, 640, 360, cdn, now)).toBeNull();
  });
});
