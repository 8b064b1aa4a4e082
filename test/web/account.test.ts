import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { signIn } from '../support/sign-in.ts';

describe('/twitch/account and /twitch/sign-out', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());
  beforeEach(() => app.simulator.calls.reset());
  afterEach(() => vi.restoreAllMocks());

  const revocations = () => app.simulator.calls.count('/oauth2/revoke');

  async function signedInBrowser(person = 'ada_follows') {
    const browser = app.browser();
    const answer = await signIn(app, browser, person);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const post = (path: string, form = {}) =>
      browser.post(path).set('Origin', app.origin).type('form').send(form);
    return { browser, cookie, post };
  }

  it('lists where the user is signed in, and ends one of them', async () => {
    const here = await signedInBrowser();
    const there = await signedInBrowser();
    const page = (await here.browser.get('/twitch/account')).text;
    expect(page).toContain('Ada_Follows');
    expect(page).toContain('This browser');
    const action = /action="(\/twitch\/account\/sessions\/[0-9a-f]{64}\/delete)"/.exec(page)?.[1] ?? '';
    const stranger = await signedInBrowser('benbythewindow');
    expect((await stranger.post(action)).status).toBe(404);
    expect((await here.post(action)).status).toBe(303);
    expect((await here.browser.get('/twitch/account')).text).toContain('That session was ended.');
    expect((await here.browser.get('/twitch/account')).text).not.toContain('That session was ended.');
    expect((await there.browser.get('/twitch/account')).status).toBe(303);
    expect((await here.browser.get('/twitch/account')).status).toBe(200);
    await here.post('/twitch/account/sessions/delete');
    await expect.poll(revocations).toBe(2);
  });

  it('signs out on the server: the old cookie opens nothing, and Twitch hears of the last one', async () => {
    const one = await signedInBrowser();
    const two = await signedInBrowser();
    const answer = await one.post('/twitch/sign-out');
    expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch']);
    expect((await one.browser.get('/twitch')).text).toContain('You are signed out.');
    expect((await one.browser.get('/twitch')).text).not.toContain('You are signed out.');
    expect((await app.browser().get('/twitch/account').set('Cookie', one.cookie)).status).toBe(303);
    // The second sign-in has replaced the token of the first.
    await expect.poll(revocations).toBe(1);
    await two.post('/twitch/sign-out');
    await expect.poll(revocations).toBe(2);
    const user = app.simulator.world.find('ada_follows');
    expect(await app.store.tokens.find(user?.id ?? '')).toBeNull();
  });

  it('signs out everywhere at once', async () => {
    const one = await signedInBrowser();
    const two = await signedInBrowser();
    expect((await one.post('/twitch/account/sessions/delete')).status).toBe(303);
    expect((await one.browser.get('/twitch')).text).toContain('You are signed out in every browser.');
    expect((await one.browser.get('/twitch/account')).status).toBe(303);
    expect((await two.browser.get('/twitch/account')).status).toBe(303);
    await expect.poll(revocations).toBe(2);
  });

  it('says only its own sentences, whatever a cookie holds', async () => {
    const page = await app.browser().get('/twitch').set('Cookie', 'followspot-notice=said=you-won');
    expect(page.text).not.toContain('you-won');
    expect(page.text).not.toContain('role="status"');
    const one = await signedInBrowser();
    for (const odd of ['you-won', 'said=other-account&name=you-won', 'said=signed-out&name=you-won', '%']) {
      const cookie = `${one.cookie}; followspot-notice=${odd}`;
      const account = await app.browser().get('/twitch/account').set('Cookie', cookie);
      expect(account.status).toBe(200);
      expect(account.text).not.toMatch(/you-won|At Twitch you were/);
    }
  });

  it('signs out although Twitch is down', async () => {
    const one = await signedInBrowser();
    app.simulator.faults.outage(true);
    expect((await one.post('/twitch/sign-out')).status).toBe(303);
    app.simulator.faults.outage(false);
  });

  it('hands out all that is kept about the user, and no secret', async () => {
    const one = await signedInBrowser('gusbackrow');
    await one.browser.get('/twitch/account');
    const id = app.simulator.world.find('gusbackrow')?.id ?? '';
    await app.knex('users').where({ id }).update({ created_at: 1_000, signed_in_at: 2_000 });
    const token = await app.store.tokens.find(id);
    await app.knex('tokens').where({ user_id: id }).update({ scopes: 'user:read:chat channel:read:polls' });
    await one.post('/twitch/favourites', { streamer: 'brinepickle' });
    await app.knex('favourites').where({ user_id: id }).update({ created_at: 3_000 });
    const answer = await one.browser.get('/twitch/account/export');
    expect(answer.headers['content-disposition']).toContain('followspot.json');
    const data: unknown = JSON.parse(answer.text);
    expect(data).toMatchObject({
      user: {
        login: 'gusbackrow',
        memberSince: '1970-01-01T00:00:01.000Z',
        signedInAt: '1970-01-01T00:00:02.000Z',
      },
      allowedAtTwitch: ['user:read:chat', 'channel:read:polls'],
      visit: { readUpToEvent: 0, seenUpToEvent: 0, seenAt: expect.any(String) },
      settings: { chatEventsSince: null, ownKinds: [] },
      favourites: [{ login: 'brinepickle', addedAt: '1970-01-01T00:00:03.000Z' }],
      sessions: [{ createdAt: expect.any(String), seenAt: expect.any(String) }],
    });
    for (const secret of [token?.accessToken, token?.refreshToken]) {
      expect(answer.text).not.toContain(String(secret));
    }
    expect(answer.text).not.toMatch(/token|hash/i);
  });

  it('turns subs, gifts and raids on by asking Twitch, and off without it', async () => {
    const one = await signedInBrowser();
    const on = await one.post('/twitch/account/chat-events', { on: '1' });
    expect(on.status).toBe(303);
    const way = String(on.headers['location']);
    expect(way).toBe('/twitch/sign-in?scopes=user%3Aread%3Achat&returnTo=%2Ftwitch%2Faccount');
    const { searchParams } = new URL(String((await one.browser.get(way)).headers['location']));
    expect(searchParams.get('scope')?.split(' ')).toContain('user:read:chat');
    expect((await one.browser.get('/twitch/account')).text).toContain(
      'Twitch still needs your permission for this',
    );
    const off = await one.post('/twitch/account/chat-events', { on: '0' });
    expect([off.status, off.headers['location']]).toEqual([303, '/twitch/account']);
    expect((await one.browser.get('/twitch/account')).text).toContain('Turn on with Twitch');
    expect((await one.post('/twitch/account/chat-events', { on: 'yes' })).status).toBe(400);
  });

  it('confirms what was saved, turned on and turned off, once', async () => {
    const one = await signedInBrowser('inesolha');
    const said = async () =>
      /role="status">([^<]*)</.exec((await one.browser.get('/twitch/account')).text)?.[1] ?? null;
    const own = await one.post('/twitch/account/own-channel', { kind: ['polls', 'goals'] });
    expect(await said()).toBeNull();
    await signIn(app, one.browser, 'inesolha', String(own.headers['location']));
    expect([await said(), await said()]).toEqual(['Turned on.', null]);
    await one.post('/twitch/account/own-channel', { kind: 'polls' });
    expect([await said(), await said()]).toEqual(['Saved.', null]);
    const chat = await one.post('/twitch/account/chat-events', { on: '1' });
    await signIn(app, one.browser, 'inesolha', String(chat.headers['location']));
    expect(await said()).toBe('Turned on.');
    await one.post('/twitch/account/chat-events', { on: '0' });
    expect(await said()).toBe('Turned off.');
    await one.post('/twitch/account/chat-events', { on: '1' });
    expect(await said()).toBe('Turned on.');
  });

  it('says of nothing that it was turned on when no wish was behind the permission', async () => {
    const one = await signedInBrowser('elif_izliyor');
    const path = '/twitch/sign-in?scopes=bits:read&returnTo=/twitch/account';
    const back = await signIn(app, one.browser, 'elif_izliyor', path);
    expect(back.headers['location']).toBe('/twitch/account');
    expect((await one.browser.get('/twitch/account')).text).not.toContain('Turned on.');
  });

  it('asks Twitch for what is ticked of one’s own channel, and for nothing else', async () => {
    const one = await signedInBrowser();
    const answer = await one.post('/twitch/account/own-channel', { kind: ['polls', 'goals'] });
    const way = new URL(String(answer.headers['location']), 'http://x');
    expect(way.searchParams.get('scopes')).toBe('channel:read:polls channel:read:goals');
    const page = (await one.browser.get('/twitch/account')).text;
    expect(page.match(/value="\w+"[^>]* checked/g)).toHaveLength(2);
    const data: unknown = JSON.parse((await one.browser.get('/twitch/account/export')).text);
    expect(data).toMatchObject({ settings: { chatEventsSince: null, ownKinds: ['polls', 'goals'] } });
    expect((await one.post('/twitch/account/own-channel', { kind: 'money' })).status).toBe(400);
    expect((await one.post('/twitch/account/own-channel')).headers['location']).toBe('/twitch/account');
    expect((await one.browser.get('/twitch/account')).text).not.toMatch(/value="polls"[^>]* checked/);
  });

  it('deletes the account only when that was ticked, and then everything', async () => {
    const one = await signedInBrowser('chiyo_mite');
    const two = await signedInBrowser('chiyo_mite');
    await one.post('/twitch/favourites', { streamer: 'brinepickle' });
    expect((await one.post('/twitch/account/delete')).status).toBe(400);
    expect((await one.post('/twitch/account/delete', { confirm: 'yes' })).status).toBe(303);
    expect((await one.browser.get('/twitch')).text).toContain('that belonged to it were deleted');
    const id = app.simulator.world.find('chiyo_mite')?.id ?? '';
    for (const table of ['tokens', 'sessions', 'favourites']) {
      expect([table, await app.knex(table).where({ user_id: id })]).toEqual([table, []]);
    }
    expect(await app.knex('users').where({ id })).toEqual([]);
    expect((await two.browser.get('/twitch/account')).status).toBe(303);
    await expect.poll(revocations).toBe(2);
  });

  it('leaves the account as it was when the database cannot delete it', async () => {
    const one = await signedInBrowser('chiyo_mite');
    const id = app.simulator.world.find('chiyo_mite')?.id ?? '';
    const token = await app.store.tokens.find(id);
    await app.knex.schema.renameTable('stream_events', 'stream_events_away');
    const answer = await one.post('/twitch/account/delete', { confirm: 'yes' });
    await app.knex.schema.renameTable('stream_events_away', 'stream_events');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await app.store.tokens.find(id)).toEqual(token);
    expect((await one.post('/twitch/account/delete', { confirm: 'yes' })).status).toBe(303);
    await expect.poll(revocations).toBe(1);
  });

  it('gives a token back that the database has deleted after it was given up', async () => {
    const one = await signedInBrowser('chiyo_mite');
    const id = app.simulator.world.find('chiyo_mite')?.id ?? '';
    vi.spyOn(app.store.users, 'remove').mockRejectedValueOnce(new AppError('unavailable', 'Too late.'));
    expect((await one.post('/twitch/account/delete', { confirm: 'yes' })).status).toBe(503);
    expect(revocations()).toBe(0);
    await app.knex('users').where({ id }).delete();
    await expect.poll(revocations, { timeout: 8_000 }).toBe(1);
  });

  it('keeps the token of an account when it is not known to be deleted', { timeout: 15_000 }, async () => {
    const one = await signedInBrowser('chiyo_mite');
    const looks = vi.spyOn(app.store.tokens, 'find');
    const remove = vi.spyOn(app.store.users, 'remove').mockRejectedValueOnce(new Error('A mistake of ours'));
    expect((await one.post('/twitch/account/delete', { confirm: 'yes' })).status).toBe(500);
    const before = looks.mock.calls.length;
    await wait(1_300);
    expect(looks).toHaveBeenCalledTimes(before);
    remove.mockRejectedValueOnce(new AppError('unavailable', 'Too late.'));
    expect((await one.post('/twitch/account/delete', { confirm: 'yes' })).status).toBe(503);
    looks.mockRejectedValueOnce(new AppError('unavailable', 'Still away.'));
    await expect.poll(() => looks.mock.calls.length, { timeout: 8_000 }).toBe(before + 2);
    await wait(100);
    expect(revocations()).toBe(0);
  });

  it('ends the sessions of a user whose token Twitch no longer honours', async () => {
    const one = await signedInBrowser();
    const user = app.simulator.world.find('ada_follows');
    app.simulator.tokens.revokeUser(user?.id ?? '');
    app.clock.advance(3_600_000);
    await app.keeper.validateAll(new Date(Date.now() + 3_600_000), new AbortController().signal);
    expect((await one.browser.get('/twitch/account')).status).toBe(303);
  });

  it.each(['j:{"a":1}', 's:x.y', 'x'.repeat(4_000), 's%3Aabc.def', ''])(
    'takes the cookie %s for nobody',
    async (value) => {
      const answer = await app.browser().get('/twitch/account').set('Cookie', `followspot=${value}`);
      expect(answer.status).toBe(303);
    },
  );
});
