import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';

const namesOf = (html: string) =>
  [...html.matchAll(/id="streamer-\d+">[^]*?<bdi>([^<]+)<\/bdi>/g)].map((match) => match[1]);

describe('/twitch/favourites', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  let users = 600;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());

  async function newViewer(): Promise<SignedInBrowser> {
    users += 1;
    viewer = await app.signedIn({ id: String(users) });
    return viewer;
  }

  it.each(['brinepickle', 'BrinePickle', 'https://www.twitch.tv/BrinePickle/videos', '@brinepickle'])(
    'adds by %s',
    async (streamer) => {
      const { get, post } = await newViewer();
      const answer = await post('/twitch/favourites', { streamer });
      expect(answer.status).toBe(303);
      expect(answer.headers['location']).toMatch(/^\/twitch\/favourites\?added=\d+$/);
      expect(namesOf((await get('/twitch/favourites')).text)).toEqual(['BrinePickle']);
    },
  );

  it('adds by a display name that is no login', async () => {
    const { get, post } = await newViewer();
    const other = app.simulator.world
      .everybody()
      .find(({ displayName }) => /^[぀-ヿ一-鿿]+$/u.test(displayName));
    expect(other).toBeDefined();
    expect((await post('/twitch/favourites', { streamer: other?.displayName ?? '' })).status).toBe(303);
    expect(namesOf((await get('/twitch/favourites')).text)).toEqual([other?.displayName]);
  });

  it('keeps one when the same is added twice, and counts nothing double', async () => {
    const { get, post } = await newViewer();
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    const again = await post('/twitch/favourites', { streamer: 'BRINEPICKLE' });
    expect(again.status).toBe(303);
    expect((await get(String(again.headers['location']))).text).toContain('is already a favourite');
    expect(namesOf((await get('/twitch/favourites')).text)).toHaveLength(1);
  });

  it('removes, offers to undo, and undoes', async () => {
    const { get, post } = await newViewer();
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    const id = app.simulator.world.find('brinepickle')?.id;
    const removed = await post(`/twitch/favourites/${id}/delete`);
    expect([removed.status, removed.headers['location']]).toEqual([303, `/twitch/favourites?removed=${id}`]);
    const page = (await get(String(removed.headers['location']))).text;
    expect(page).toContain('is no longer a favourite');
    expect(page).toContain('name="streamer" value="brinepickle"');
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    expect((await get(`/twitch/favourites?removed=${id}`)).text).not.toContain('is no longer a favourite');
  });

  it('says who is unknown, keeps what was typed, and offers the nearest', async () => {
    const { post } = await newViewer();
    const answer = await post('/twitch/favourites', { streamer: 'brine' });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('No streamer on Twitch goes by “brine”');
    expect(answer.text).toContain('name="streamer" value="brine"');
    expect(answer.text).toContain('aria-invalid="true"');
    expect(answer.text).toMatch(/Did you mean[^]*value="brinepickle"/);
  });

  it('offers who is known and comes near where Twitch finds nobody, and the search', async () => {
    await (await newViewer()).post('/twitch/favourites', { streamer: 'brinepickle' });
    const { post } = await newViewer();
    const answer = await post('/twitch/favourites', { streamer: 'brinepikle' });
    expect(answer.status).toBe(404);
    expect(answer.text).toMatch(/Did you mean[^]*value="brinepickle"/);
    expect(answer.text).toContain('href="/twitch/search?q=brinepikle">Search all channels');
    const far = await post('/twitch/favourites', { streamer: 'bxxxxxxxxle' });
    expect(far.text).not.toContain('Did you mean');
  });

  it('leads to the page of who comes near and is a favourite already', async () => {
    const { post } = await newViewer();
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    for (const streamer of ['brine', 'brinepikle']) {
      const { text } = await post('/twitch/favourites', { streamer });
      expect(text).toMatch(/Did you mean[^]*href="\/twitch\/streamers\/brinepickle"[^]*>Favourite already</);
      expect(text).not.toContain('value="brinepickle"');
    }
  });

  it('marks favourites among the suggestions, and says there and in the search when Twitch does not answer', async () => {
    const { get, post } = await newViewer();
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    const { text } = await get('/twitch/search/suggestions?q=brinepickle');
    expect(text).toMatch(/data-value="brinepickle"[^]*>Favourite</);
    app.simulator.faults.add({ path: '/helix/search', kind: 'status', status: 503 });
    const silent = await get('/twitch/search/suggestions?q=velvetpis');
    const search = await get('/twitch/search?q=velvet%26p');
    app.simulator.faults.clear();
    expect(silent.text).toContain('Twitch is not answering right now');
    expect(silent.text).not.toContain('data-value');
    expect(search.status).toBe(503);
    expect(search.text).toContain('href="/twitch/search?q=velvet%26p">Try again');
  });

  it.each([
    ['', 400],
    ['https://example.org/x', 400],
    ['<script>alert(1)</script>', 400],
    ['x'.repeat(400), 400],
  ])('refuses %j with a sentence', async (streamer, status) => {
    const { post } = await newViewer();
    const answer = await post('/twitch/favourites', { streamer });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('id="add-problem"');
    expect(answer.text).not.toContain('<script>alert');
  });

  it('keeps what was typed when Twitch does not answer', async () => {
    const { post } = await newViewer();
    app.simulator.faults.outage(true);
    const answer = await post('/twitch/favourites', { streamer: 'velvetpiston' });
    app.simulator.faults.outage(false);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.text).toContain('name="streamer" value="velvetpiston"');
  });

  it('touches nobody else’s favourites', async () => {
    const one = await newViewer();
    await one.post('/twitch/favourites', { streamer: 'brinepickle' });
    const other = await newViewer();
    const id = app.simulator.world.find('brinepickle')?.id;
    expect((await other.post(`/twitch/favourites/${id}/delete`)).status).toBe(404);
    expect(namesOf((await one.get('/twitch/favourites')).text)).toHaveLength(1);
    expect(namesOf((await other.get('/twitch/favourites')).text)).toEqual([]);
  });

  it('leads back to where the form stood, if that is here', async () => {
    const { post } = await newViewer();
    const form = { streamer: 'brinepickle', returnTo: '/twitch/streamers/brinepickle' };
    expect((await post('/twitch/favourites', form)).headers['location']).toBe(
      '/twitch/streamers/brinepickle',
    );
    const evil = { ...form, returnTo: '//evil.example' };
    expect((await post('/twitch/favourites', evil)).headers['location']).toMatch(/^\/twitch\/favourites/);
  });

  it('pages through a thousand, filters them, and stops at two thousand', async () => {
    const { get, post } = await newViewer();
    const profiles = Array.from({ length: 2_000 }, (_, index) => ({
      id: String(50_000 + index),
      login: `many_${index}`,
      displayName: `Many ${String(index).padStart(4, '0')}`,
      description: '',
      profileImageUrl: null,
      offlineImageUrl: null,
    }));
    await app.store.streamers.saveProfiles(profiles, new Date());
    await app.knex.batchInsert(
      'favourites',
      profiles.map(({ id }) => ({ user_id: String(users), streamer_id: id, created_at: 0 })),
      200,
    );
    const page = (await get('/twitch/favourites?page=2')).text;
    expect(namesOf(page)[0]).toBe('Many 0100');
    expect(namesOf(page)).toHaveLength(100);
    expect(page).toContain('rel="next"');
    expect(namesOf((await get('/twitch/favourites?filter=many+0042')).text)).toEqual(['Many 0042']);
    const full = await post('/twitch/favourites', { streamer: 'brinepickle' });
    expect(full.status).toBe(409);
    expect(full.text).toContain('Remove one first');
  });

  it('answers the addresses of the first version', async () => {
    const { get, post } = await newViewer();
    expect((await get('/twitch/streamer')).headers['location']).toBe('/twitch/favourites');
    expect((await get('/twitch/streamer/watch')).headers['location']).toBe('/twitch/favourites');
    expect((await post('/twitch/streamer', { streamer_name: 'velvetpiston' })).status).toBe(303);
    await post('/twitch/streamer', { streamer_name: 'brinepickle' });
    expect((await get('/twitch/streamer/watch')).headers['location']).toBe('/twitch/streamers/velvetpiston');
    expect((await get('/twitch/logout')).text).toContain('Sign out?');
  });
});
