import { describe, expect, it } from 'vitest';
import { localPathOf, pageNumberOf, textOf } from '../../src/web/query.ts';

describe('where to return to', () => {
  it.each([
    '/twitch',
    '/twitch/favourites',
    '/twitch/search?q=a%20b',
    '/twitch/streamers/lumi?theatre=1#chat',
    '/twitch/search?q=100%25',
    '/twitch/search?q=a%5Cb',
    '/twitch/search?q=%0A//evil.example',
    '/twitch/events?q=50%',
  ])('may be %s', (path) => expect(localPathOf(path, '/twitch', '/home')).toBe(path));

  it.each([
    'https://evil.example',
    'HTTPS://evil.example',
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/%2fevil.example',
    '/%2Fevil.example',
    '/%5cevil.example',
    '/%252fevil.example',
    '%2f%2fevil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    '/twitch\\..\\..\\evil',
    '/twitch/../../evil.example',
    '/twitch/%0d%0aSet-Cookie:x',
    '/twitch/%',
    '/twitch/%3f/../../evil.example',
    '/twitch/search?q=a\\b',
    '/twitch/search?q=\r\nSet-Cookie:x',
    '//evil.example?/twitch',
    '/\\evil.example#/twitch',
    '/%2fevil.example?q=/twitch',
    '/elsewhere',
    '/twitchy',
    '',
    `/twitch/${'x'.repeat(1_000)}`,
    ['/twitch', '/twitch'],
    undefined,
    null,
  ])('is never %j', (value) => expect(localPathOf(value, '/twitch', '/home')).toBe('/home'));
});

describe('what comes with a request', () => {
  it('is text or nothing', () => {
    expect(textOf('a')).toBe('a');
    expect(textOf(['a', 'b'])).toBeNull();
    expect(textOf(undefined)).toBeNull();
  });

  it.each([
    ['7', 7],
    ['0', 1],
    ['-1', 1],
    ['1e3', 1],
    ['x', 1],
    [['2', '3'], 1],
  ])('names page %j as %i', (value, page) => expect(pageNumberOf(value)).toBe(page));
});
