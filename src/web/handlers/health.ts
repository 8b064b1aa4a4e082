import type { RequestHandler } from 'express';
import type { WebParts } from '../parts.ts';

/** The process turns, whatever the database does. */
export const showLive: RequestHandler = (_request, response) => {
  response.set('Cache-Control', 'no-store').type('text/plain').send('live\n');
};

/** Ready to be sent visitors: the database answers, is up to date, and the process is not about to end. */
export function showReady({ store, isDraining }: WebParts): RequestHandler {
  return async (_request, response) => {
    const reason = isDraining() ? 'draining' : await databaseProblem(store);
    response
      .status(reason === null ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('text/plain');
    if (reason !== null) response.set('Retry-After', '5');
    response.send(`${reason ?? 'ready'}\n`);
  };
}

/** What a process without pages says to whoever comes to it by mistake. */
export const pointElsewhere: RequestHandler = (_request, response) => {
  response
    .status(404)
    .type('text/plain')
    .send('This process listens to Twitch; pages are served by those with ROLE=web or ROLE=all.\n');
};

async function databaseProblem({ health }: WebParts['store']): Promise<string | null> {
  try {
    const pending = await health.pendingMigrations();
    return pending === 0 ? null : `${pending} migrations are not applied`;
  } catch {
    return 'the database is not answering';
  }
}
