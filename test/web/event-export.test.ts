import { once, setMaxListeners } from 'node:events';
import express from 'express';
import { pino } from 'pino';
import supertest from 'supertest';
import { expect, it, vi } from 'vitest';
import { exportEvents } from '../../src/web/event-export.ts';
import type { EventStore } from '../../src/web/event-store.ts';
import { createOverload, mostUnderStrain } from '../../src/web/middleware/overload.ts';

it('An export takes no place from pages, and a user has two at once', async () => {
  const gate = new AbortController();
  setMaxListeners(mostUnderStrain, gate.signal);
  const history = vi.fn<EventStore['history']>(async ({ before }) => {
    if (before !== undefined && !gate.signal.aborted) await once(gate.signal, 'abort');
    return { events: [], next: before === undefined ? { at: new Date(), id: 1 } : null };
  });
  const logger = pino({ level: 'silent' });
  const app = express();
  app.use(createOverload({ isStrained: () => true, basePath: '', log: logger }).carry);
  app.get('/page', (_request, response) => response.sendStatus(200));
  app.get('/:user', async (request, response) => {
    response.locals['user'] = { id: request.params.user, login: request.params.user };
    const filter = { scope: { userId: request.params.user } };
    await exportEvents({ events: { history }, logger }, response, 'csv', 'all', filter);
  });
  app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(503).send(String(error));
  });
  const server = app.listen(0);
  const ask = async (path: string) => await supertest(server).get(path);

  const files = Array.from({ length: mostUnderStrain }, (_, place) => ask(`/${Math.floor(place / 2)}`));
  await vi.waitFor(() => expect(history).toHaveBeenCalledTimes(2 * mostUnderStrain));
  expect((await ask('/0')).text).toContain('Two of your files are on their way');
  expect((await ask('/page')).status).toBe(200);
  gate.abort();
  expect(new Set((await Promise.all(files)).map(({ status }) => status))).toEqual(new Set([200]));
  expect((await ask('/0')).status).toBe(200);
  server.close();
});
