import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { SessionStore } from '../../src/store/index.ts';
import { type Browser, startApp, type TestApp } from '../support/app.ts';
import { openSqlite } from '../support/databases.ts';
import { consent, pathOf, signIn } from '../support/sign-in.ts';

describe('GET /twitch/sign-in and /twitch/callback', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());
  beforeEach(() => app.simulator.calls.reset());

  const tokenCalls = () =>
    app.simulator.calls.all().filter((call) => call.path === '/oauth2/token' && call.method === 'POST');

  const signedInSessions = () => app.knex('sessions').whereNotNull('user_id').pluck('id_hash');

  async function beginAgain(): Promise<{ browser: Browser; path: string }> {
    const browser = app.browser();
    await signIn(app, browser);
    const begun = await browser.get('/twitch/sign-in?scopes=user:read:chat');
    return { browser, path: pathOf(await consent(app, String(begun.headers['location']))) };
  }

  it('sends the browser to Twitch with a state and the redirect URI of PUBLIC_URL, whatever Host says', async () => {
    const answer = await app.browser().get('/twitch/sign-in').set('Host', 'evil.example');
    const url = new URL(String(answer.headers['location']));
    expect(answer.status).toBe(303);
    expect(url.searchParams.get('redirect_uri')).toBe(`${app.origin}/twitch/callback`);
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
  });

  it('signs in, leads back to where the visitor wanted to go, and greets by name', async () => {
    const browser = app.browser();
    const wanted = await browser.get('/twitch/favourites?page=1');
    const answer = await signIn(app, browser, 'chiyo_mite', String(wanted.headers['location']));
    expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch/favourites?page=1']);
    const page = await browser.get('/twitch');
    expect(page.text).toContain('千代みて');
  });

  it('changes the session’s id at sign-in, and the old one is dead', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const before = String(begun.headers['set-cookie']);
    const back = await consent(app, String(begun.headers['location']));
    const answer = await browser.get(pathOf(back));
    const after = String(answer.headers['set-cookie']);
    expect(after).toMatch(/^followspot=/);
    expect(after.split(';')[0]).not.toBe(before.split(';')[0]);
    const old = await app
      .browser()
      .get('/twitch/account')
      .set('Cookie', String(before.split(';')[0]));
    expect(old.status).toBe(303);
  });

  it('sets a cookie that scripts cannot read, only for those who sign in', async () => {
    const anonymous = await app.browser().get('/twitch');
    expect(anonymous.headers['set-cookie']).toBeUndefined();
    const begun = await app.browser().get('/twitch/sign-in');
    expect(String(begun.headers['set-cookie'])).toMatch(/; Path=\/twitch; .*HttpOnly; SameSite=Lax/);
  });

  it('signs nobody in and asks Twitch nothing when the state is not the browser’s own', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const back = new URL(await consent(app, String(begun.headers['location'])));
    const state = String(back.searchParams.get('state'));
    const code = String(back.searchParams.get('code'));
    for (const query of [
      `code=${code}`,
      `code=${code}&state=`,
      `code=${code}&state=${'x'.repeat(43)}`,
      `code=${code}&state=${state}&state=${state}`,
      `code=${code}&state[]=${state}`,
      `code=${code}&state=__proto__`,
      `code=${code}&state=${state.slice(0, -1)}`,
    ]) {
      const answer = await browser.get(`/twitch/callback?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
      expect(answer.text).toContain('try again');
    }
    const stranger = await app.browser().get(`/twitch/callback?code=${code}&state=${state}`);
    expect(stranger.status).toBe(400);
    expect(tokenCalls()).toEqual([]);
    expect((await browser.get('/twitch/account')).status).toBe(303);
    expect((await browser.get(pathOf(back.href))).status).toBe(303);
  });

  it.each([
    ['missing', ''],
    ['empty', '&code='],
    ['doubled', '&code=a&code=b'],
    ['an array', '&code[]=a'],
    ['8 kB long', `&code=${'a'.repeat(8_000)}`],
  ])('refuses a code that is %s without asking Twitch', async (_name, code) => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const state = new URL(String(begun.headers['location'])).searchParams.get('state');
    const answer = await browser.get(`/twitch/callback?state=${state}${code}`);
    expect(answer.status).toBe(400);
    expect(tokenCalls()).toEqual([]);
  });

  it('opens once: the same answer a second time, or twice at once, exchanges one code', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? '';
    const path = pathOf(await consent(app, String(begun.headers['location'])));
    const answers = await Promise.all([1, 2, 3, 4].map(() => app.browser().get(path).set('Cookie', cookie)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400, 400, 400]);
    expect((await app.browser().get(path).set('Cookie', cookie)).status).toBe(400);
    expect(tokenCalls()).toHaveLength(1);
  });

  it('forgets an attempt after ten minutes', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const path = pathOf(await consent(app, String(begun.headers['location'])));
    app.clock.advance(10 * 60_000 + 1_000);
    expect((await browser.get(path)).status).toBe(400);
    expect(tokenCalls()).toEqual([]);
  });

  it('lets sign-ins begun in two tabs both come to an end', async () => {
    const browser = app.browser();
    const first = await browser.get('/twitch/sign-in?returnTo=/twitch/search');
    await browser.get('/twitch/sign-in');
    const answer = await browser.get(pathOf(await consent(app, String(first.headers['location']))));
    expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch/search']);
  });

  it('says so when the visitor refuses, and escapes what Twitch says', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const back = await consent(app, String(begun.headers['location']), { decision: 'cancel' });
    const refused = await browser.get(pathOf(back));
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('You did not let Followspot sign you in');
    const odd = await browser.get(
      '/twitch/callback?error=%3Cscript%3E&error_description=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&state=x',
    );
    expect(odd.status).toBe(400);
    expect(odd.text).not.toContain('<img src=x');
    expect(odd.text).not.toContain('<script>');
    expect(tokenCalls()).toEqual([]);
  });

  it('explains a code that has expired', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const state = new URL(String(begun.headers['location'])).searchParams.get('state');
    const answer = await browser.get(`/twitch/callback?code=unknown&state=${state}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('it may have taken too long');
  });

  it('answers 503 with Retry-After while Twitch fails', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const path = pathOf(await consent(app, String(begun.headers['location'])));
    app.simulator.faults.outage(true);
    const answer = await browser.get(path);
    app.simulator.faults.outage(false);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.text).toContain('Twitch is not answering');
  });

  it('leads who tries again to a new sign-in and the same page, since an answer of Twitch’s serves once', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in?returnTo=/twitch/search&scopes=bits:read');
    const path = pathOf(await consent(app, String(begun.headers['location'])));
    app.simulator.faults.outage(true);
    const failed = await browser.get(path);
    app.simulator.faults.outage(false);
    const again = '/twitch/sign-in?returnTo=%2Ftwitch%2Fsearch&amp;scopes=bits%3Aread';
    expect(failed.text).toContain(`href="${again}">Try again`);
    expect((await browser.get(path)).text).toContain(`href="${again}">Try again`);
    const stranger = await app.browser().get(path);
    expect(stranger.text).toContain('href="/twitch/sign-in">Try again');
  });

  it('says on the wall what a new sign-in has paused, and asks to allow it again', async () => {
    const browser = app.browser();
    await signIn(app, browser, 'gusbackrow');
    await browser
      .post('/twitch/favourites')
      .set('Origin', app.origin)
      .type('form')
      .send('streamer=otterlogic');
    const asking = await wish(app, browser, '/twitch/account/chat-events', 'on=1');
    await signIn(app, browser, 'gusbackrow', asking);
    expect((await browser.get('/twitch')).text).not.toContain('paused');
    await wish(app, browser, '/twitch/sign-out', '');
    await signIn(app, browser, 'gusbackrow');
    const wall = (await browser.get('/twitch')).text;
    expect(wall).toContain('Subs, gifts and raids are paused');
    const [, again = ''] = /href="([^"]+)">Allow again/.exec(wall) ?? [];
    await signIn(app, browser, 'gusbackrow', again.replaceAll('&amp;', '&'));
    const background = browser.get('/twitch').set('X-Requested-With', 'fetch');
    expect((await background).text).not.toContain('Turned on again');
    const allowed = (await browser.get('/twitch')).text;
    expect(allowed).not.toContain('paused');
    expect(allowed).toContain('Turned on again: Subs, gifts and raids.');
    expect((await browser.get('/twitch')).text).not.toContain('Turned on again');
  });

  describe('of who is signed in already', () => {
    it('leaves them signed in when Twitch fails, and the state is used nevertheless', async () => {
      const { browser, path } = await beginAgain();
      app.simulator.faults.outage(true);
      const failed = await browser.get(path);
      app.simulator.faults.outage(false);
      expect(failed.status).toBe(503);
      expect(await isSignedIn(browser)).toBe(true);
      expect((await browser.get(path)).status).toBe(400);
      expect(await isSignedIn(browser)).toBe(true);
    });

    it('leaves them signed in when Twitch refuses the code', async () => {
      const { browser, path } = await beginAgain();
      expect((await browser.get(path.replace(/code=[^&]+/, 'code=unknown'))).status).toBe(400);
      expect(await isSignedIn(browser)).toBe(true);
    });

    it('leaves them signed in when they refuse, and says so on their account page', async () => {
      const browser = app.browser();
      await signIn(app, browser);
      const answer = await refuse(app, browser, '/twitch/sign-in?scopes=user:read:chat');
      expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch/account?refused=']);
      const page = await browser.get('/twitch/account?refused=');
      expect(page.text).toContain('You stayed signed in. Nothing has changed.');
    });

    it('turns off again what they wished and did not allow', async () => {
      const browser = app.browser();
      await signIn(app, browser);
      const id = app.simulator.world.find('ada_follows')?.id ?? '';
      const asking = await wish(app, browser, '/twitch/account/own-channel', 'kind=follows&kind=bits');
      await browser.get(pathOf(await consent(app, String((await browser.get(asking)).headers['location']))));
      const more = await wish(
        app,
        browser,
        '/twitch/account/own-channel',
        'kind=follows&kind=bits&kind=polls&kind=goals',
      );
      const refused = await refuse(app, browser, more);
      expect(refused.headers['location']).toBe('/twitch/account?refused=polls,goals');
      const page = await browser.get(String(refused.headers['location']));
      expect(page.text).toContain('You stayed signed in. Polls and Goals were not turned on.');
      await wish(app, browser, '/twitch/account/chat-events', 'on=1');
      const second = await refuse(app, browser, '/twitch/sign-in?scopes=user:read:chat');
      expect((await browser.get(String(second.headers['location']))).text).toContain(
        'Subs, gifts and raids were not turned on.',
      );
      expect(await app.store.users.settings(id)).toEqual({
        chatEventsSince: null,
        ownKinds: ['follows', 'bits'],
      });
    });

    it('stays with them when somebody else answers at Twitch, and turns nothing on', async () => {
      const browser = app.browser();
      await signIn(app, browser, 'hanna_schaut');
      const id = app.simulator.world.find('hanna_schaut')?.id ?? '';
      const other = app.simulator.world.find('jun_gwangaek')?.id ?? '';
      const asking = await wish(app, browser, '/twitch/account/own-channel', 'kind=subs');
      await wish(app, browser, '/twitch/account/chat-events', 'on=1');
      const answer = await signIn(app, browser, 'jun_gwangaek', asking);
      expect([answer.status, answer.headers['location']]).toEqual([303, '/twitch/account']);
      const page = (await browser.get('/twitch/account')).text;
      expect(page).toContain('At Twitch you were 준관객, not Hanna_Schaut: nothing was turned on.');
      expect((await browser.get('/twitch/account')).text).not.toContain('At Twitch you were');
      expect(await app.store.users.settings(id)).toMatchObject({
        chatEventsSince: expect.any(Date),
        ownKinds: [],
      });
      expect(await app.store.users.find(other)).toBeNull();
      expect(await app.store.tokens.find(other)).toBeNull();
      await expect.poll(() => app.simulator.calls.count('/oauth2/revoke')).toBe(1);
    });

    it('says so also when the other is not on the list of people', async () => {
      const some = await startApp({ ALLOWED_USERS: 'ada_follows' });
      const browser = some.browser();
      await signIn(some, browser);
      const asking = await wish(some, browser, '/twitch/account/chat-events', 'on=1');
      expect((await signIn(some, browser, 'benbythewindow', asking)).status).toBe(303);
      const page = (await browser.get('/twitch/account')).text;
      expect(page).toContain('At Twitch you were BenByTheWindow, not Ada_Follows');
      expect(page).toContain('Turn on with Twitch');
      await some.close();
    });

    it('becomes somebody else where nothing more was asked for', async () => {
      const browser = app.browser();
      await signIn(app, browser);
      await signIn(app, browser, 'benbythewindow');
      expect((await browser.get('/twitch/account')).text).toContain('BenByTheWindow');
    });

    it('says nothing of what an address makes up', async () => {
      const browser = app.browser();
      await signIn(app, browser);
      const page = await browser.get('/twitch/account?refused=follows,%3Cb%3Emade-up');
      expect(page.text).toContain('Follows was not turned on.');
      expect(page.text).not.toMatch(/>[^<]*made-up/);
    });

    it('gives them a new session id when it succeeds, and the old one is dead', async () => {
      const { browser, path } = await beginAgain();
      const before = await signedInSessions();
      expect((await browser.get(path)).status).toBe(303);
      const after = await signedInSessions();
      expect(after).toHaveLength(before.length);
      expect(after.filter((id) => !before.includes(id))).toHaveLength(1);
      expect(await isSignedIn(browser)).toBe(true);
    });
  });

  it('sends nobody to Twitch whose session could not be stored', async () => {
    const broken = vi.spyOn(SessionStore.prototype, 'set').mockImplementation((_id, _data, callback) => {
      callback?.(new AppError('unavailable', 'The database is not answering.', { retryAfterS: 5 }));
    });
    const answer = await app.browser().get('/twitch/sign-in');
    broken.mockRestore();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  });

  it('never signs in by HEAD or POST', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const path = pathOf(await consent(app, String(begun.headers['location'])));
    expect((await browser.head(path)).status).toBe(404);
    expect((await browser.post(path)).status).toBe(403);
    expect((await browser.post(path).set('Origin', app.origin)).status).toBe(404);
    expect((await browser.head('/twitch/sign-in')).status).toBe(404);
    expect(tokenCalls()).toEqual([]);
  });

  it('keeps tokens, codes, states and cookies out of the log, and tokens sealed in the database', async () => {
    const browser = app.browser();
    const begun = await browser.get('/twitch/sign-in');
    const back = new URL(await consent(app, String(begun.headers['location'])));
    await browser.get(pathOf(back.href));
    const user = app.simulator.world.find('ada_follows');
    const token = await app.store.tokens.find(user?.id ?? '');
    const log = app.logLines.join('');
    const sealed = JSON.stringify(await app.knex('tokens').select());
    for (const secret of [
      token?.accessToken,
      token?.refreshToken,
      back.searchParams.get('code'),
      back.searchParams.get('state'),
      'simulated-secret',
    ]) {
      expect(typeof secret).toBe('string');
      expect(log).not.toContain(secret);
      expect(sealed).not.toContain(secret);
    }
    expect(log).not.toMatch(/followspot=|s%3A/);
  });
});

describe('Forty first sign-ins of one user at once', () => {
  it('make one row', async () => {
    const app = await startApp({}, openSqlite, { twitchDeadlineMs: 8_000 });
    const browsers = Array.from({ length: 40 }, () => app.browser());
    const answers = await Promise.all(browsers.map((browser) => signIn(app, browser, 'benbythewindow')));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(303));
    expect(await app.knex('users').where({ login: 'benbythewindow' })).toHaveLength(1);
    await app.close();
  });
});

describe('a Followspot for some', () => {
  it('turns away who is not on the list, and who was taken from it', async () => {
    const app = await startApp({ ALLOWED_USERS: 'Ada_Follows' });
    const ada = app.browser();
    expect((await signIn(app, ada, 'ada_follows')).status).toBe(303);
    const other = app.browser();
    const refused = await signIn(app, other, 'benbythewindow');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('not on the list');
    expect(await app.knex('users').where({ login: 'benbythewindow' })).toEqual([]);
    const former = await app.signedIn({ id: '9', login: 'former' });
    expect((await former.get('/twitch/account')).status).toBe(303);
    await app.close();
  });
});

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.get('/twitch/account')).status === 200;
}

/** Begins at `path` and cancels at Twitch. */
async function refuse(app: TestApp, browser: Browser, path: string) {
  const begun = await browser.get(path);
  const back = await consent(app, String(begun.headers['location']), { decision: 'cancel' });
  return await browser.get(pathOf(back));
}

/** Sends a form and says where it leads. */
async function wish(app: TestApp, browser: Browser, path: string, form: string): Promise<string> {
  const answer = await browser.post(path).set('Origin', app.origin).type('form').send(form);
  return String(answer.headers['location']);
}
