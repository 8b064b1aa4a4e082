import { describe, expect, it } from 'vitest';
import type { RateLimit } from '../../src/domain/rate-limit.ts';
import type { ChannelMatch, Profile, Streamer } from '../../src/domain/streamer.ts';
import { createStreamerDirectory, StreamerNotFoundError } from '../../src/domain/streamer-directory.ts';
import { streamer } from '../support/streamers.ts';

function directoryWith(options: {
  known?: Streamer[];
  former?: Record<string, Streamer>;
  accounts?: Profile[];
  matches?: ChannelMatch[];
  rateLimit?: RateLimit;
}) {
  const known = new Map((options.known ?? []).map((each) => [each.id, each]));
  const calls: string[] = [];
  const store = {
    findByLogin: async (login: string) =>
      [...known.values()].find((each) => each.login === login.toLowerCase()) ?? null,
    findByFormerLogin: async (login: string) => options.former?.[login] ?? null,
    neighbours: async () => [...known.values()],
    find: async (id: string) => known.get(id) ?? null,
    saveProfiles: async (profiles: Profile[]) =>
      profiles.forEach((each) => known.set(each.id, streamer(each))),
    saveChannels: async () => undefined,
    saveRound: async () => undefined,
  };
  const twitch = {
    async usersByLogins(logins: string[]) {
      calls.push(`users ${logins.join()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return (options.accounts ?? []).filter((each) => logins.includes(each.login));
    },
    streamsByUserIds: async () => [],
    channelsByIds: async () => [],
    async searchChannels(query: string) {
      calls.push(`search ${query}`);
      return options.matches ?? [];
    },
    state: () => ({ rateLimit: options.rateLimit ?? null }),
  };
  const directory = createStreamerDirectory({ store, twitch, now: () => new Date() });
  return { directory, calls, known };
}

const account: Profile = {
  id: '7',
  login: 'kaze',
  displayName: '風',
  description: '',
  profileImageUrl: null,
  offlineImageUrl: null,
};
const match = (given: Partial<ChannelMatch>): ChannelMatch => ({
  id: '7',
  login: 'kaze',
  displayName: '風',
  title: '',
  category: '',
  profileImageUrl: null,
  isLive: false,
  ...given,
});

describe('the directory of streamers', () => {
  it('does not ask Twitch about whom it knows', async () => {
    const { directory, calls } = directoryWith({ known: [streamer()] });
    expect((await directory.byLogin('LUMI')).id).toBe('1001');
    expect(calls).toEqual([]);
  });

  it('leads from an old login to its owner without asking Twitch', async () => {
    const { directory, calls } = directoryWith({ former: { oldname: streamer() } });
    expect((await directory.byLogin('oldname')).login).toBe('lumi');
    expect(calls).toEqual([]);
  });

  it('asks once for two hundred visitors who come at the same time, and knows the streamer from then on', async () => {
    const { directory, calls, known } = directoryWith({ accounts: [account] });
    const found = await Promise.all(Array.from({ length: 200 }, () => directory.byLogin('kaze')));
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(['7']));
    expect(calls).toEqual(['users kaze']);
    expect(known.has('7')).toBe(true);
  });

  it('remembers for a while that nobody goes by a name', async () => {
    const { directory, calls } = directoryWith({});
    await expect(directory.byLogin('nobody')).rejects.toThrow(StreamerNotFoundError);
    await expect(directory.byLogin('nobody')).rejects.toThrow('nobody');
    expect(calls).toHaveLength(1);
  });

  it('asks nobody about what cannot be a login', async () => {
    const { directory, calls } = directoryWith({});
    await expect(directory.byLogin('../users')).rejects.toThrow(StreamerNotFoundError);
    expect(calls).toEqual([]);
  });

  it('finds by a display name in any script when exactly one has it', async () => {
    const { directory } = directoryWith({
      accounts: [account],
      matches: [match({}), match({ id: '8', login: 'kaze2', displayName: '風2' })],
    });
    expect((await directory.resolve({ kind: 'name', name: '風' })).id).toBe('7');
  });

  it('offers the nearest when two have the name, and when nobody has the login', async () => {
    const matches = [match({}), match({ id: '8', login: 'kaze2' })];
    const { directory } = directoryWith({ matches });
    await expect(directory.resolve({ kind: 'name', name: '風' })).rejects.toMatchObject({ matches });
    await expect(directory.resolve({ kind: 'login', login: 'kase' })).rejects.toMatchObject({ matches });
  });

  it('puts the exact login in front of what the search finds', async () => {
    const { directory } = directoryWith({
      accounts: [account],
      matches: [match({ id: '8', login: 'kaze2' }), match({})],
    });
    expect((await directory.search('Kaze')).map(({ id }) => id)).toEqual(['7', '8']);
    const missing = directoryWith({ accounts: [account], matches: [match({ id: '8', login: 'kaze2' })] });
    expect((await missing.directory.search('kaze')).map(({ id }) => id)).toEqual(['7', '8']);
  });

  it('answers all of 1,500 who ask for different names at once', async () => {
    const logins = Array.from({ length: 1_500 }, (_, index) => `name_${index}`);
    const accounts = logins.map((login, index) => ({ ...account, id: String(9_000 + index), login }));
    const { directory } = directoryWith({ accounts });
    const found = await Promise.all(logins.map((login) => directory.byLogin(login)));
    expect(found.map(({ login }) => login)).toEqual(logins);
  });

  it('offers known streamers who differ by a typo, the nearest first, where Twitch finds nobody', async () => {
    const known = ['lumina', 'lumino', 'lumix', 'lux'].map((login, index) =>
      streamer({ id: String(index), login, displayName: login }),
    );
    const { directory } = directoryWith({ known });
    const error = await directory
      .resolve({ kind: 'login', login: 'luminas' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StreamerNotFoundError);
    expect(error).toMatchObject({ matches: [{ login: 'lumina' }, { login: 'lumino' }] });
  });

  describe('when less than a quarter of the rate limit is left', () => {
    const rateLimit = { limit: 800, remaining: 199, resetAt: new Date(Date.now() + 30_000) };
    const busy = { code: 'unavailable', retryAfterS: 30 };

    it('leaves Twitch alone with strangers and searches', async () => {
      const { directory, calls } = directoryWith({ accounts: [account], rateLimit });
      await expect(directory.byLogin('kaze')).rejects.toMatchObject(busy);
      await expect(directory.search('kaze')).rejects.toMatchObject(busy);
      expect(calls).toEqual([]);
    });

    it('still finds whom it knows', async () => {
      const { directory } = directoryWith({ known: [streamer()], rateLimit });
      expect((await directory.byLogin('lumi')).id).toBe('1001');
    });

    it('asks again as soon as the limit is full', async () => {
      const past = { ...rateLimit, resetAt: new Date(Date.now() - 1) };
      const { directory } = directoryWith({ accounts: [account], rateLimit: past });
      expect((await directory.byLogin('kaze')).id).toBe('7');
    });
  });
});
