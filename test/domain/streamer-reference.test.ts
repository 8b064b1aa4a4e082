import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { isLogin, parseStreamerReference } from '../../src/domain/streamer-reference.ts';

describe('what people type to name a streamer', () => {
  it.each([
    'lumi_paints',
    'Lumi_Paints',
    '  lumi_paints ',
    '@lumi_paints',
    'twitch.tv/lumi_paints',
    'https://www.twitch.tv/lumi_paints',
    'http://twitch.tv/Lumi_Paints/',
    'https://m.twitch.tv/lumi_paints?referrer=raid',
    'https://www.twitch.tv/lumi_paints/videos?filter=all',
    'https://player.twitch.tv/?channel=lumi_paints&parent=example.org',
    'TWITCH.TV/LUMI_PAINTS#about',
  ])('understands %j as a login', (text) => {
    expect(parseStreamerReference(text)).toEqual({ kind: 'login', login: 'lumi_paints' });
  });

  it.each(['ルミ', 'Lumi paints', 'Лампа', 'a_name_that_is_longer_than_25'])(
    'understands %j as a name',
    (text) => {
      expect(parseStreamerReference(text)).toEqual({ kind: 'name', name: text });
    },
  );

  it.each([
    '',
    '   ',
    '@',
    'https://example.org/lumi',
    'twitch.tv',
    'https://www.twitch.tv/',
    'https://twitch.tv.example.org/lumi',
    'https://www.twitch.tv/%6cumi',
    'twitch.tv/a b',
    '../../etc/passwd',
    'lu\nmi',
    'lu\u0000mi',
    'x'.repeat(301),
    'é'.repeat(101),
  ])('refuses %j with a sentence', (text) => {
    expect(() => parseStreamerReference(text)).toThrow(AppError);
  });

  it.each([
    'https://example.org/lumi',
    'ftp://twitch.tv/lumi',
    'example.org/lumi',
    'twitch.tv.example.org/',
    'Bücher.example:8080/lumi',
  ])('takes %j for an address', (text) => {
    expect(() => parseStreamerReference(text)).toThrow('That is not the address of a page on Twitch.');
  });

  it.each(['<script>alert(1)</script>', 'lumi/videos', '../../etc/passwd', '1/2', 'Mr. Smith / Co'])(
    'takes %j for no name',
    (text) => {
      expect(() => parseStreamerReference(text)).toThrow('That is not a name on Twitch.');
    },
  );

  it('knows what a login looks like', () => {
    expect(isLogin('a'.repeat(25))).toBe(true);
    expect(isLogin('a'.repeat(26))).toBe(false);
    expect(isLogin('é')).toBe(false);
    expect(isLogin('lumi\n')).toBe(false);
  });
});
