import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  failureOf,
  hang,
  json,
  slow,
  startFakeTwitch,
  status,
  wireStream,
  wireUser,
} from './fake-twitch.ts';
import type { FakeTwitch } from './fake-twitch.ts';

let fake: FakeTwitch;
beforeEach(async () => {
  fake = await startFakeTwitch();
});
afterEach(() => fake.close());

describe('usersByIds', () => {
  it('asks with the app token, the client id and repeated parameters', async () => {
    const profiles = await clientOf(fake).usersByIds(['1', '2']);
    expect(profiles.map(({ id }) => id)).toEqual(['1', '2']);
    const [request] = fake.asked('/users');
    expect(request?.query.toString()).toBe('id=1&id=2');
    expect(request?.headers).toMatchObject({ authorization: 'Bearer app-1', 'client-id': 'client-1' });
  });

  it('maps an account and takes an empty image for none', async () => {
    expect(await clientOf(fake).usersByIds(['7'])).toEqual([
      {
        id: '7',
        login: 'user_7',
        displayName: 'USER_7',
        description: 'Puzzles',
        profileImageUrl: 'https://static.example/portrait.png',
        offlineImageUrl: null,
      },
    ]);
  });

  it('makes one call for 200 concurrent callers of one id', async () => {
    const twitch = clientOf(fake);
    const answers = await Promise.all(Array.from({ length: 200 }, () => twitch.usersByIds(['5'])));
    expect(answers.every(([profile]) => profile?.id === '5')).toBe(true);
    expect(fake.asked('/users')).toHaveLength(1);
    expect(fake.asked('/users')[0]?.query.getAll('id')).toEqual(['5']);
  });

  it('lets a caller who comes while the call is under way share it', async () => {
    fake.script('/users', slow(60, json({ data: [wireUser('5')] })));
    const twitch = clientOf(fake);
    const first = twitch.usersByIds(['5']);
    await expect.poll(() => fake.asked('/users').length).toBe(1);
    await Promise.all([first, twitch.usersByIds(['5'])]);
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('asks again the next time', async () => {
    const twitch = clientOf(fake);
    await twitch.usersByIds(['5']);
    await twitch.usersByIds(['5']);
    expect(fake.asked('/users')).toHaveLength(2);
  });

  it('batches the ids of different callers into one call', async () => {
    const twitch = clientOf(fake);
    const [one, two] = await Promise.all([twitch.usersByIds(['1', '2']), twitch.usersByIds(['3', '2'])]);
    expect(one.map(({ id }) => id)).toEqual(['1', '2']);
    expect(two.map(({ id }) => id)).toEqual(['3', '2']);
    expect(fake.asked('/users').map(({ query }) => query.getAll('id'))).toEqual([['1', '2', '3']]);
  });

  it('asks for 250 ids in 3 calls', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index + 1));
    const profiles = await clientOf(fake).usersByIds([...ids, ...ids]);
    expect(profiles.map(({ id }) => id)).toEqual(ids);
    const sizes = fake.asked('/users').map(({ query }) => query.size);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 100, 100]);
  });

  it('never sends what cannot be an id', async () => {
    const twitch = clientOf(fake);
    expect(await twitch.usersByIds(['', 'abc', '1&login=x', '../users', '１', '-1'])).toEqual([]);
    expect(await twitch.streamsByUserIds(['x'])).toEqual([]);
    expect(await twitch.channelsByIds(['x'])).toEqual([]);
    expect(await twitch.usersByIds([])).toEqual([]);
    expect(fake.requests).toEqual([]);
  });

  it('leaves out the unknown', async () => {
    fake.script('/users', json({ data: [wireUser('2')] }));
    expect((await clientOf(fake).usersByIds(['1', '2', '3'])).map(({ id }) => id)).toEqual(['2']);
  });

  it('fails for every caller of a failed call, and works for the next', async () => {
    fake.script('/users', status(403), json({ data: [wireUser('1')] }));
    const twitch = clientOf(fake);
    const failures = await Promise.all([
      failureOf(twitch.usersByIds(['1'])),
      failureOf(twitch.usersByIds(['2'])),
    ]);
    expect(failures.map(({ kind }) => kind)).toEqual(['rejected', 'rejected']);
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
  });
});

describe('an item that cannot be read', () => {
  const unread = { kind: 'malformed', path: '/users' };

  it('is a fault for whom it names, and an answer for all others of the call', async () => {
    fake.script('/users', json({ data: [wireUser('1'), { ...wireUser('2'), login: 'a b' }] }));
    const twitch = clientOf(fake);
    const [found, doubtful, unknown] = await Promise.all([
      twitch.usersByIds(['1']),
      failureOf(twitch.usersByIds(['1', '2'])),
      twitch.usersByIds(['3']),
    ]);
    expect(found.map(({ id }) => id)).toEqual(['1']);
    expect(doubtful).toMatchObject(unread);
    expect(unknown).toEqual([]);
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it.each([null, { ...wireUser('2'), id: 2 }, { ...wireUser('99'), login: '' }])(
    'is a fault for all who were not found when it names none of them: %j',
    async (item) => {
      fake.script('/users', json({ data: [wireUser('1'), item] }));
      const twitch = clientOf(fake);
      const [found, ...failures] = await Promise.all([
        twitch.usersByIds(['1']),
        failureOf(twitch.usersByIds(['2'])),
        failureOf(twitch.usersByIds(['3'])),
      ]);
      expect(found).toHaveLength(1);
      expect(failures).toMatchObject([unread, unread]);
    },
  );

  it('is never taken for a login that nobody has', async () => {
    fake.script('/users', json({ data: [{ ...wireUser('2', 'Otter'), id: '' }] }));
    expect(await failureOf(clientOf(fake).usersByLogins(['otter']))).toMatchObject(unread);
  });

  it('works again with the next answer', async () => {
    fake.script('/users', json({ data: [null] }), json({ data: [wireUser('1')] }));
    const twitch = clientOf(fake);
    await failureOf(twitch.usersByIds(['1']));
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
  });
});

describe('usersByLogins', () => {
  it('lowers the case and never sends what cannot be a login', async () => {
    const logins = [
      'Marlowe_Plays',
      'a b',
      'ünter',
      '',
      'x'.repeat(26),
      'a&id=1',
      '__proto__',
      'MARLOWE_plays',
    ];
    const profiles = await clientOf(fake).usersByLogins(logins);
    expect(profiles.map(({ login }) => login)).toEqual(['marlowe_plays', '__proto__']);
    expect(fake.asked('/users')[0]?.query.getAll('login')).toEqual(['marlowe_plays', '__proto__']);
  });
});

describe('streamsByUserIds', () => {
  it('asks for a page that holds all of them', async () => {
    fake.script('/streams', json({ data: [wireStream('2')], pagination: {} }));
    expect(await clientOf(fake).streamsByUserIds(['1', '2'])).toEqual([
      {
        id: '92',
        streamerId: '2',
        login: 'user_2',
        displayName: 'USER_2',
        title: 'Morning',
        category: 'Chess',
        language: 'en',
        viewers: 214,
        startedAt: new Date('2026-11-22T08:00:12Z'),
        thumbnailUrl: 'https://static.example/live-{width}x{height}.jpg',
      },
    ]);
    expect(fake.asked('/streams')[0]?.query.toString()).toBe('user_id=1&user_id=2&first=100');
  });
});

describe('channelsByIds', () => {
  it('maps what a channel last announced', async () => {
    const item = {
      broadcaster_id: '3',
      title: 'Soon',
      game_name: '',
      broadcaster_language: 'de',
      tags: null,
    };
    fake.script('/channels', json({ data: [item] }));
    expect(await clientOf(fake).channelsByIds(['3'])).toEqual([
      { id: '3', title: 'Soon', category: '', language: 'de' },
    ]);
    expect(fake.asked('/channels')[0]?.query.toString()).toBe('broadcaster_id=3');
  });
});

describe('searchChannels', () => {
  it('sends the text as it is and maps the matches', async () => {
    const item = {
      id: '4',
      broadcaster_login: 'quiet_otter',
      display_name: '静かなカワウソ',
      game_name: 'Chess',
      is_live: true,
      tags: null,
      thumbnail_url: '',
      title: 'Hi',
      started_at: '',
    };
    fake.script('/search/channels', json({ data: [item], pagination: { cursor: 'Mg==' } }));
    expect(await clientOf(fake).searchChannels('  カワ & otter ', 10)).toEqual([
      {
        id: '4',
        login: 'quiet_otter',
        displayName: '静かなカワウソ',
        title: 'Hi',
        category: 'Chess',
        profileImageUrl: null,
        isLive: true,
      },
    ]);
    const query = fake.asked('/search/channels')[0]?.query;
    expect([query?.get('query'), query?.get('first')]).toEqual(['カワ & otter', '10']);
  });

  it('does not ask for nothing and keeps the page within 1 to 100', async () => {
    const twitch = clientOf(fake);
    expect(await twitch.searchChannels('  ', 10)).toEqual([]);
    for (const first of [0, 1000, Number.NaN]) await twitch.searchChannels('otter', first);
    expect(fake.asked('/search/channels').map(({ query }) => query.get('first'))).toEqual(['1', '100', '1']);
  });
});

describe('a call', () => {
  it('ends at its deadline however long Twitch is silent', async () => {
    fake.script('/users', hang);
    const begun = performance.now();
    const failure = await failureOf(clientOf(fake, { deadlineMs: 500 }).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'unavailable', status: null, path: '/users' });
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('counts the wait for the token', async () => {
    fake.script('/token', hang);
    const failure = await failureOf(clientOf(fake, { deadlineMs: 500 }).usersByIds(['1']));
    expect(failure).toMatchObject({ kind: 'unavailable', path: '/token' });
    expect(fake.asked('/users')).toEqual([]);
  });

  it('bears a slow answer', async () => {
    fake.script('/users', slow(100, json({ data: [wireUser('1')] })));
    expect(await clientOf(fake).usersByIds(['1'])).toHaveLength(1);
  });
});
