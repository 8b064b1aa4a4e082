import express from 'express';
import session from 'express-session';
import request from 'supertest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSessionSweep } from '../../src/store/index.ts';
import { hashOf } from '../../src/store/sessions.ts';
import { describeOnEveryDatabase } from '../support/databases.ts';
import { aUser, day, minute, openStore, start } from './support.ts';
import type { StoreFixture } from './support.ts';

describeOnEveryDatabase('sessions', (open) => {
  let fixture: StoreFixture;
  let app: express.Express;
  beforeEach(async () => {
    fixture = await openStore(open);
    await fixture.store.users.save(aUser('501'));
    await fixture.store.users.save(aUser('502'));
    app = createApp(fixture);
  });
  afterEach(() => fixture.close());

  const rows = () => fixture.database.knex('sessions').select().orderBy('id_hash');

  it('makes neither row nor cookie for a visitor', async () => {
    const answer = await request(app).get('/');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await rows()).toEqual([]);
  });

  it('remembers who signed in, in one query a request', async () => {
    const agent = await signIn(app, '501');
    fixture.takeStatements();
    const answer = await agent.get('/');
    expect(answer.body).toEqual({
      user: { id: '501', login: 'user_501', displayName: 'User 501', profileImageUrl: null },
      userId: '501',
      note: null,
      keys: ['cookie', 'userAgent', 'userId'],
    });
    expect(fixture.takeStatements()).toHaveLength(1);
  });

  it('keeps what is put into a session, and neither the id nor the user', async () => {
    const agent = await signIn(app, '501');
    await agent.post('/note/hello');
    expect((await agent.get('/')).body).toMatchObject({ note: 'hello', userId: '501' });
    const [row] = await rows();
    expect(row).toMatchObject({ user_id: '501', user_agent: 'A browser', created_at: start });
    expect(Object.keys(JSON.parse(row.data))).toEqual(['cookie', 'note']);
    expect(row.id_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await cookieOf(agent)).not.toContain(row.id_hash);
  });

  it('saves twice within the request that made it', async () => {
    const agent = request.agent(app);
    await agent.post('/sign-in/501').query({ twice: 'yes' }).expect(204);
    expect((await agent.get('/')).body).toMatchObject({ note: 'second' });
    expect(await rows()).toHaveLength(1);
  });

  it('survives being saved twice at once when it is new', async () => {
    const sessionStore = fixture.store.createSessionStore();
    const data: session.SessionData = { cookie: new session.Cookie(), userId: '501' };
    const save = () => new Promise<unknown>((resolve) => sessionStore.set('an id', data, resolve));
    expect(await Promise.all([save(), save()])).toEqual([null, null]);
    expect(await rows()).toHaveLength(1);
  });

  it('tells a user whose account is gone meanwhile to sign in', async () => {
    await fixture.store.users.remove('501');
    const sessionStore = fixture.store.createSessionStore();
    const data: session.SessionData = { cookie: new session.Cookie(), userId: '501' };
    const failure = await new Promise<unknown>((resolve) => sessionStore.set('an id', data, resolve));
    expect(failure).toMatchObject({ name: 'AppError', code: 'unauthenticated' });
    expect(await rows()).toEqual([]);
  });

  it('never gives a session to another user', async () => {
    const agent = await signIn(app, '501');
    await agent.post('/become/502').expect(204);
    expect((await agent.get('/')).body).toMatchObject({ userId: '501' });
  });

  it('gives a new id at sign-in and forgets the old one', async () => {
    const agent = await signIn(app, '501');
    const before = await rows();
    await agent.post('/sign-in/502').expect(204);
    const after = await rows();
    expect(after).toHaveLength(1);
    expect(after[0].id_hash).not.toBe(before[0].id_hash);
    expect((await agent.get('/')).body).toMatchObject({ userId: '502' });
  });

  it('is not brought back by a slow request that began before the sign-out', async () => {
    const agent = await signIn(app, '501');
    const sessionStore = fixture.store.createSessionStore();
    const id = await sessionIdOf(agent);
    const loaded = await new Promise<session.SessionData>((resolve, reject) => {
      sessionStore.get(id, (error, data) => (data ? resolve(data) : reject(error)));
    });
    await fixture.store.sessions.endAllOf('501');
    await new Promise<unknown>((resolve) => sessionStore.set(id, loaded, resolve));
    await new Promise<void>((resolve) => sessionStore.touch(id, loaded, resolve));
    expect(await rows()).toEqual([]);
    expect((await agent.get('/')).body).toMatchObject({ userId: null });
  });

  it('is looked up together with others of the same moment, each for its own user', async () => {
    const sessionStore = fixture.store.createSessionStore();
    const userIds = ['501', '502'];
    for (const userId of userIds) {
      const data: session.SessionData = { cookie: new session.Cookie(), userId };
      await new Promise((resolve) => sessionStore.set(`of ${userId}`, data, resolve));
    }
    fixture.takeStatements();
    const found = await Promise.all(
      ['of 502', 'of nobody', 'of 501', 'of 502'].map(
        (id) =>
          new Promise<string | null>((resolve) =>
            sessionStore.get(id, (_error, data) => resolve(data?.userId ?? null)),
          ),
      ),
    );
    expect(found).toEqual(['502', null, '501', '502']);
    expect(fixture.takeStatements()).toHaveLength(1);
  });

  it('writes the expiry back only when it moved by more than five minutes', async () => {
    const agent = await signIn(app, '501');
    fixture.clock.time += 5 * minute;
    await agent.get('/');
    expect(await rows()).toMatchObject([{ expires_at: start + 7 * day, seen_at: start }]);
    fixture.clock.time += 1;
    await agent.get('/');
    const [row] = await rows();
    expect(row).toMatchObject({ expires_at: fixture.clock.time + 7 * day, seen_at: fixture.clock.time });
  });

  it('answers a touch at once while there is nothing to write, so that a page leaves in one piece', async () => {
    const sessionStore = fixture.store.createSessionStore();
    const data: session.SessionData = { cookie: new session.Cookie(), userId: '501' };
    await new Promise((resolve) => sessionStore.set('an id', data, resolve));
    const answered = vi.fn<() => void>();
    sessionStore.touch('an id', data, answered);
    expect(answered).toHaveBeenCalledOnce();
  });

  it('ends a week after the last use', async () => {
    const agent = await signIn(app, '501');
    fixture.clock.time += 7 * day - 1;
    expect((await agent.get('/')).body).toMatchObject({ userId: '501' });
    fixture.clock.time += 7 * day;
    expect((await agent.get('/')).body).toMatchObject({ userId: null });
  });

  it('ends thirty days after the sign-in, however much it is used', async () => {
    const agent = await signIn(app, '501');
    for (let passed = 5; passed < 30; passed += 5) {
      fixture.clock.time += 5 * day;
      expect((await agent.get('/')).body).toMatchObject({ userId: '501' });
    }
    fixture.clock.time += 5 * day - 1;
    expect((await agent.get('/')).body).toMatchObject({ userId: '501' });
    fixture.clock.time += 1;
    expect((await agent.get('/')).body).toMatchObject({ userId: null });
  });

  it('ends sooner when its cookie says so', async () => {
    const agent = request.agent(app);
    await agent.post('/attempt').expect(204);
    expect(await rows()).toMatchObject([{ user_id: null, expires_at: start + 10 * minute }]);
    fixture.clock.time += 10 * minute;
    expect(await fixture.store.sessions.alive([hashOf(await sessionIdOf(agent))])).toEqual(new Set());
  });

  it('lets one of many use a state, and forgets it when no sign-in can have it any more', async () => {
    const { sessions } = fixture.store;
    const used = await Promise.all(Array.from({ length: 20 }, () => sessions.spendState('a state')));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await sessions.spendState('another state')).toBe(true);
    fixture.clock.time += 10 * minute;
    await sessions.sweep(10);
    expect(await sessions.spendState('a state')).toBe(false);
    fixture.clock.time += 10 * minute;
    await sessions.sweep(10);
    expect(await rows()).toEqual([]);
  });

  it('is listed for its user, the latest first, and ended by them only', async () => {
    const { sessions } = fixture.store;
    await signIn(app, '501', 'First browser');
    fixture.clock.time += minute;
    const second = await signIn(app, '501', 'x'.repeat(400));
    await signIn(app, '502');
    const list = await sessions.ofUser('501');
    expect(list).toMatchObject([
      { userAgent: 'x'.repeat(255), createdAt: new Date(start + minute), seenAt: new Date(start + minute) },
      { userAgent: 'First browser', createdAt: new Date(start) },
    ]);
    const id = list[0]?.id ?? '';
    expect(await sessions.end(id, '502')).toBe(false);
    expect((await second.get('/')).body).toMatchObject({ userId: '501' });
    expect(await sessions.end(id, '501')).toBe(true);
    expect(await sessions.end(id, '501')).toBe(false);
    expect((await second.get('/')).body).toMatchObject({ userId: null });
    expect(await sessions.endAllOf('501')).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('is gone at once with its user', async () => {
    const agent = await signIn(app, '501');
    await fixture.store.users.remove('501');
    expect((await agent.get('/')).body).toMatchObject({ userId: null });
  });

  it('takes a row that cannot be read for no session', async () => {
    const agent = await signIn(app, '501');
    await fixture.database.knex('sessions').update({ data: '{' });
    expect((await agent.get('/')).body).toMatchObject({ userId: null });
  });

  it('hands errors of the database to express-session', async () => {
    const agent = await signIn(app, '501');
    await fixture.database.knex.schema.renameTable('sessions', 'elsewhere');
    expect((await agent.get('/').expect(500)).text).toMatch(/sessions/);
    expect((await request(app).post('/sign-in/501').expect(500)).text).toMatch(/sessions/);
    await fixture.database.knex.schema.renameTable('elsewhere', 'sessions');
  });

  it('is swept away in batches when it is over', async () => {
    for (const id of ['501', '501', '502']) await signIn(app, id);
    fixture.clock.time += 7 * day;
    const living = await signIn(app, '502');
    expect(await fixture.store.sessions.sweep(2)).toBe(2);
    const failures: unknown[] = [];
    const stop = startSessionSweep(fixture.store.sessions, {
      intervalMs: 5,
      batch: 2,
      onError: (error) => failures.push(error),
    });
    await vi.waitFor(async () => expect(await rows()).toHaveLength(1));
    stop();
    expect(failures).toEqual([]);
    expect((await living.get('/')).body).toMatchObject({ userId: '502' });
  });
});

declare module 'express-session' {
  interface SessionData {
    note?: string;
  }
}

function createApp({ store }: StoreFixture): express.Express {
  const app = express();
  app.use(
    session({
      store: store.createSessionStore(),
      secret: 'a secret of a test',
      resave: false,
      saveUninitialized: false,
      name: 'sid',
      cookie: { maxAge: 30 * day },
    }),
  );
  app.get('/', ({ session: { user, userId, note }, session: all }, response) => {
    response.json({ user, userId: userId ?? null, note: note ?? null, keys: Object.keys(all) });
  });
  app.post('/sign-in/:id', (request_, response, next) => {
    request_.session.regenerate((error) => {
      if (error) return next(error);
      request_.session.userId = request_.params.id;
      request_.session.userAgent = request_.get('User-Agent') ?? '';
      request_.session.save((failure) => {
        if (failure) return next(failure);
        if (request_.query['twice'] === 'yes') request_.session.note = 'second';
        response.status(204).end();
      });
    });
  });
  app.post('/attempt', (request_, response) => {
    request_.session.cookie.maxAge = 10 * minute;
    request_.session.note = 'state';
    response.status(204).end();
  });
  app.post('/note/:note', (request_, response) => {
    request_.session.note = request_.params.note;
    response.status(204).end();
  });
  app.post('/become/:id', (request_, response) => {
    request_.session.userId = request_.params.id;
    response.status(204).end();
  });
  app.use(
    (error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).send(error.message);
    },
  );
  return app;
}

type Agent = ReturnType<typeof request.agent>;

async function signIn(app: express.Express, userId: string, userAgent = 'A browser'): Promise<Agent> {
  const agent = request.agent(app);
  await agent.post(`/sign-in/${userId}`).set('User-Agent', userAgent).expect(204);
  return agent;
}

async function cookieOf(agent: Agent): Promise<string> {
  const { value } =
    agent.jar.getCookie('sid', { domain: '127.0.0.1', path: '/', secure: false, script: false }) ?? {};
  return decodeURIComponent(value ?? '');
}

async function sessionIdOf(agent: Agent): Promise<string> {
  return (await cookieOf(agent)).replace(/^s:/, '').split('.')[0] ?? '';
}
