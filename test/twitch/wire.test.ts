import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type * as domain from '../../src/domain/streamer.ts';
import type { TokenPair as DomainTokenPair } from '../../src/domain/user-token.ts';
import type { ChannelInfo, ChannelMatch, LiveStream, Profile, TokenPair } from '../../src/twitch/index.ts';
import {
  clientOf,
  failureOf,
  json,
  startFakeTwitch,
  wireStream,
  wireUser,
  type FakeTwitch,
} from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

describe('an answer', () => {
  it('keeps its good items when others make no sense, and counts those', async () => {
    const entries: unknown[] = [];
    const bad = [null, 'x', [], { id: '3' }, { ...wireUser('4'), login: 'a b' }, { ...wireUser('5'), id: 5 }];
    fake.script('/users', json({ data: [wireUser('1'), ...bad, wireUser('2')] }));
    const twitch = clientOf(fake, { log: (entry) => entries.push(entry) });
    const [profiles] = await Promise.all([
      twitch.usersByIds(['1', '2']),
      failureOf(twitch.usersByIds(['3'])),
    ]);
    expect(profiles.map(({ id }) => id)).toEqual(['1', '2']);
    expect(twitch.state().skippedItems).toBe(6);
    expect(entries).toContainEqual({ event: 'items-skipped', path: '/users', count: 6 });
  });

  it('ignores fields that it does not know', async () => {
    fake.script('/users', json({ data: [{ ...wireUser('1'), mood: { good: true } }], extra: 1 }));
    expect((await clientOf(fake).usersByIds(['1']))[0]).not.toHaveProperty('mood');
  });

  it('does not lose a live streamer to a field that is missing, null or of another kind', async () => {
    const odd = {
      id: '91',
      user_id: '1',
      user_login: 'User_1',
      user_name: null,
      title: 7,
      game_name: null,
      tags: null,
      viewer_count: -3,
      started_at: '2026-11-22T08:00:12.123456789Z',
      thumbnail_url: '',
    };
    fake.script('/streams', json({ data: [odd] }));
    expect(await clientOf(fake).streamsByUserIds(['1'])).toEqual([
      {
        id: '91',
        streamerId: '1',
        login: 'user_1',
        displayName: 'user_1',
        title: '',
        category: '',
        language: '',
        viewers: 0,
        startedAt: new Date('2026-11-22T08:00:12.123Z'),
        thumbnailUrl: null,
      },
    ]);
  });

  it('skips a broadcast without a beginning', async () => {
    const streams = [
      { ...wireStream('1'), started_at: '' },
      { ...wireStream('2'), started_at: 'soon' },
      wireStream('3'),
    ];
    fake.script('/streams', json({ data: streams }));
    const twitch = clientOf(fake);
    const [found] = await Promise.all([
      twitch.streamsByUserIds(['3']),
      failureOf(twitch.streamsByUserIds(['1'])),
      failureOf(twitch.streamsByUserIds(['2'])),
    ]);
    expect(found.map(({ streamerId }) => streamerId)).toEqual(['3']);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil', ' https://x', null, 7])(
    'takes %j for no image',
    async (address) => {
      fake.script('/users', json({ data: [{ ...wireUser('1'), profile_image_url: address }] }));
      expect((await clientOf(fake).usersByIds(['1']))[0]?.profileImageUrl).toBeNull();
    },
  );

  it('keeps text as text', async () => {
    const title = '<script>"\u2028&amp;日本語 🎲';
    fake.script('/streams', json({ data: [{ ...wireStream('1'), title }] }));
    expect((await clientOf(fake).streamsByUserIds(['1']))[0]?.title).toBe(title);
  });
});

describe('the types', () => {
  it('fit those of the domain', () => {
    expectTypeOf<Profile>().toExtend<domain.Profile>();
    expectTypeOf<ChannelInfo>().toExtend<domain.ChannelInfo>();
    expectTypeOf<LiveStream>().toExtend<domain.LiveStream>();
    expectTypeOf<ChannelMatch>().toExtend<domain.ChannelMatch>();
    expectTypeOf<TokenPair>().toExtend<DomainTokenPair>();
  });
});
