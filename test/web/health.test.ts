import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

describe('/health', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => await app.close());

  it('is live and ready when all is well', async () => {
    expect((await app.browser().get('/health/live')).status).toBe(200);
    expect((await app.browser().get('/health/ready')).text).toBe('ready\n');
  });

  it('asks the database once', async () => {
    let queries = 0;
    const count = () => void (queries += 1);
    app.knex.on('query', count);
    await app.browser().get('/health/ready').expect(200);
    app.knex.off('query', count);
    expect(queries).toBe(1);
  });

  it('is not ready while draining, still answers, and lets connections go', async () => {
    // Unlike supertest, `fetch` wishes to keep the connection.
    const ask = async (path: string) => await fetch(app.origin + path);
    expect((await ask('/health/live')).headers.get('connection')).toBe('keep-alive');
    app.lifecycle.isDraining = true;
    const answers = await Promise.all(
      ['/health/ready', '/health/live', '/twitch', '/twitch/assets/css/base.css'].map(ask),
    );
    app.lifecycle.isDraining = false;
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 200, 200]);
    expect(await answers[0]?.text()).toBe('draining\n');
    expect(answers.map(({ headers }) => headers.get('connection'))).toEqual(answers.map(() => 'close'));
  });

  it('is not ready while migrations are missing', async () => {
    const [last] = await app.knex('knex_migrations').orderBy('id', 'desc').limit(1);
    await app.knex('knex_migrations').where({ id: last.id }).delete();
    const ready = await app.browser().get('/health/ready');
    await app.knex('knex_migrations').insert(last);
    expect([ready.status, ready.text]).toEqual([503, '1 migrations are not applied\n']);
  });

  it('is all that a mere listener answers', async () => {
    const listener = await startApp({ ROLE: 'listener' });
    expect((await listener.browser().get('/health/ready')).status).toBe(200);
    for (const path of ['/', '/twitch', '/twitch/streamers/lumi']) {
      const { status, headers, text } = await listener.browser().get(path);
      expect([path, status, headers['content-type']]).toEqual([path, 404, 'text/plain; charset=utf-8']);
      expect(text).toBe(
        'This process listens to Twitch; pages are served by those with ROLE=web or ROLE=all.\n',
      );
    }
    await listener.close();
  });
});
