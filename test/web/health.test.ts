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
    app.lifecycle.isDraining = true;
    const ready = await app.browser().get('/health/ready');
    const page = await app.browser().get('/twitch');
    app.lifecycle.isDraining = false;
    expect([ready.status, ready.text]).toEqual([503, 'draining\n']);
    expect([page.status, page.headers['connection']]).toEqual([200, 'close']);
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
    expect((await listener.browser().get('/twitch')).status).toBe(404);
    await listener.close();
  });
});
