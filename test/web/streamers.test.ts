import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

const never = new AbortController().signal;

describe('GET /twitch/streamers/:login', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());
  beforeEach(() => app.simulator.calls.reset());

  const helixCalls = () => app.simulator.calls.count('/helix');

  it('shows player and chat of who is live, with our host as parent', async () => {
    app.simulator.world.goLive('brinepickle', {
      title: 'Night market',
      category: 'Night Market Kitchen',
      viewers: 1234,
    });
    const { get } = await app.signedIn();
    const page = await get('/twitch/streamers/brinepickle');
    expect(page.status).toBe(200);
    expect(page.text).toContain(`src="${app.twitchUrl}/player?channel=brinepickle&amp;parent=localhost`);
    expect(page.text).toContain(`src="${app.twitchUrl}/embed/brinepickle/chat?parent=localhost`);
    expect(page.text).toContain('Night market');
    expect(page.text).toContain('1,234 watching');
  });

  it('asks Twitch about a streamer once, and never again', async () => {
    const { get } = await app.signedIn();
    const pages = await Promise.all(Array.from({ length: 50 }, () => get('/twitch/streamers/velvetpiston')));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    expect(app.simulator.calls.count('/helix/users')).toBe(1);
    const asked = helixCalls();
    await get('/twitch/streamers/velvetpiston');
    expect(helixCalls()).toBe(asked);
  });

  it('shows the portrait and the last title of who is offline, and no player', async () => {
    app.simulator.world.setTitle('dunesparrow', 'The last thing I did');
    const { get } = await app.signedIn();
    const page = (await get('/twitch/streamers/dunesparrow')).text;
    expect(page).toContain('is offline');
    expect(page).toContain('The last thing I did');
    expect(page).not.toContain('/player?');
    expect(page).toContain('/embed/dunesparrow/chat');
  });

  it('says 404 and the name for whom nobody knows, and asks nothing for what is no login', async () => {
    const { get } = await app.signedIn();
    const unknown = await get('/twitch/streamers/nobody_here');
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('No streamer on Twitch goes by “nobody_here”');
    const asked = helixCalls();
    expect((await get('/twitch/streamers/%3Cscript%3E')).status).toBe(404);
    expect((await get(`/twitch/streamers/${'x'.repeat(26)}`)).status).toBe(404);
    expect((await get('/twitch/streamers/%E0%A4%A')).status).toBe(400);
    expect(helixCalls()).toBe(asked);
  });

  it('leads from the old name to the new one after a rename', async () => {
    const { get, post } = await app.signedIn();
    await post('/twitch/favourites', { streamer: 'quillandcog' });
    app.simulator.world.rename('quillandcog', 'quill_renamed');
    app.clock.advance(25 * 60 * 60_000);
    await app.listener.round(never);
    const old = await get('/twitch/streamers/quillandcog');
    expect([old.status, old.headers['location']]).toEqual([302, '/twitch/streamers/quill_renamed']);
    const theatre = await get('/twitch/streamers/quillandcog?theatre=1');
    expect(theatre.headers['location']).toBe('/twitch/streamers/quill_renamed?theatre=1');
    expect((await get('/twitch/streamers/quill_renamed')).status).toBe(200);
    expect((await get('/twitch/favourites')).text).toContain('quill_renamed');
  });

  it('keeps whom Twitch no longer names, and says so', async () => {
    const { get, post } = await app.signedIn();
    await post('/twitch/favourites', { streamer: 'gravelbeard' });
    app.simulator.world.ban('gravelbeard');
    app.clock.advance(25 * 60 * 60_000);
    await app.listener.round(never);
    expect((await get('/twitch/streamers/gravelbeard')).text).toContain('not available on Twitch');
    app.simulator.world.unban('gravelbeard');
    app.clock.advance(25 * 60 * 60_000);
    await app.listener.round(never);
    expect((await get('/twitch/streamers/gravelbeard')).text).not.toContain('not available on Twitch');
  });

  it('has whom visitors look at polled too, though nobody favours them', async () => {
    const { get } = await app.signedIn();
    await get('/twitch/streamers/hazelrove');
    app.simulator.world.goLive('hazelrove', { title: 'Just now' });
    await app.listener.round(never);
    expect((await get('/twitch/streamers/hazelrove')).text).toContain('Just now');
  });

  it('does not call somebody live whom nobody has asked about for days, nor blames Twitch for it', async () => {
    app.simulator.world.goLive('lanternjaw', { title: 'Long ago' });
    const { get, post } = await app.signedIn();
    await get('/twitch/streamers/lanternjaw');
    app.clock.advance(3 * 24 * 60 * 60_000);
    const page = (await get('/twitch/streamers/lanternjaw')).text;
    expect(page).toContain('Last checked');
    expect(page).toContain('It is not known whether <bdi>');
    expect(page).not.toMatch(/not answer|watching|is offline|\/player\?/);
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    await post('/twitch/favourites', { streamer: 'lanternjaw' });
    await app.listener.round(never);
    expect((await get('/twitch/streamers/lanternjaw')).text).toContain('watching');
  });

  it('asks Twitch about thirty strangers a minute for one visitor, and goes on with whom it knows', async () => {
    const { get } = await app.signedIn({ id: '777' });
    const answers = await Promise.all(
      Array.from({ length: 35 }, (_, index) => get(`/twitch/streamers/unk_${index}`)),
    );
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(30);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/twitch/streamers/unk_1')).status).toBe(404);
    expect((await get('/twitch/streamers/brinepickle')).status).toBe(200);
  });

  it('shows hostile text as text, and no image from elsewhere', async () => {
    app.simulator.world.makeHostile('otterlogic');
    app.simulator.world.goLive('otterlogic');
    app.simulator.world.makeHostile('otterlogic');
    const { get, post } = await app.signedIn();
    await post('/twitch/favourites', { streamer: 'otterlogic' });
    for (const path of [
      '/twitch/streamers/otterlogic',
      '/twitch',
      '/twitch/favourites',
      '/twitch/search?q=otterlogic',
    ]) {
      const { text } = await get(path);
      expect(text).toContain('otterlogic');
      expect(text).not.toMatch(/<script(?! type="module" src="\/twitch\/assets\/)/);
      expect(text.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]+\son\w+=|<img(?! )|<svg\/on/);
      expect(text).not.toMatch(
        /(?:src|href)="(?!\/twitch|http:\/\/127\.0\.0\.1|https:\/\/www\.twitch\.tv\/otterlogic|#(?:main|footer|programme))/,
      );
    }
  });

  it('shows no chat of who is not available, where Twitch has none', async () => {
    const { get } = await app.signedIn();
    expect((await get('/twitch/streamers/brinepickle')).text).toContain('title="Chat of BrinePickle"');
    await app.knex('streamers').where({ login: 'brinepickle' }).update({ unavailable_since: Date.now() });
    const { text } = await get('/twitch/streamers/brinepickle');
    await app.knex('streamers').where({ login: 'brinepickle' }).update({ unavailable_since: null });
    expect(text).not.toMatch(/Chat of|class="audience"|\/chat\?/);
  });

  it('answers with old knowledge while Twitch is down, says how old, and 503 for strangers', async () => {
    const { get, post } = await app.signedIn();
    await post('/twitch/favourites', { streamer: 'brinepickle' });
    app.clock.advance(60 * 60_000);
    app.simulator.faults.outage(true);
    for (const path of [
      '/twitch',
      '/twitch/streamers/brinepickle',
      '/twitch/favourites',
      '/twitch/account',
      '/twitch/status',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
    for (const path of ['/twitch', '/twitch/favourites'])
      expect([path, (await get(path)).text]).toEqual([
        path,
        expect.stringContaining('Twitch is not answering'),
      ]);
    const stranger = await get('/twitch/streamers/pixelprudence');
    app.simulator.faults.outage(false);
    expect(stranger.status).toBe(503);
    expect(Number(stranger.headers['retry-after'])).toBeGreaterThan(0);
    expect(stranger.text).not.toContain('No streamer on Twitch goes by');
    await expect
      .poll(async () => (await get('/twitch/streamers/pixelprudence')).status, { timeout: 5_000 })
      .toBe(200);
    await app.listener.round(never);
    for (const path of ['/twitch', '/twitch/favourites'])
      expect((await get(path)).text).not.toContain('Twitch is not answering');
  });
});
