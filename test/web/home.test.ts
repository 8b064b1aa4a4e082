import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

describe('The wall of who has no favourite', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());

  it('offers some of the invented streamers while nobody is known, in the demo', async () => {
    const newcomer = await app.signedIn();
    const { text } = await newcomer.get('/twitch');
    expect(text).toContain('name="streamer" value="otterlogic"');
    await newcomer.post('/twitch/favourites', { streamer: 'otterlogic' }).expect(303);
    expect((await newcomer.get('/twitch')).text).not.toContain('name="streamer" value=');
  });

  it('offers who is live, from the database alone and in at most four queries', async () => {
    app.simulator.world.goLive('kumo_no_ki');
    const viewer = await app.signedIn();
    await viewer.post('/twitch/favourites', { streamer: 'kumo_no_ki' }).expect(303);
    await app.listener.round(new AbortController().signal);
    const newcomer = await app.signedIn({ id: '502', login: 'newcomer' });
    app.simulator.calls.reset();
    let queries = 0;
    app.knex.on('query', () => (queries += 1));
    const { text } = await newcomer.get('/twitch');
    expect(text).toContain('name="streamer" value="kumo_no_ki"');
    expect(text).not.toContain('value="otterlogic"');
    expect(queries).toBeLessThanOrEqual(4);
    expect(app.simulator.calls.count()).toBe(0);
  });
});
