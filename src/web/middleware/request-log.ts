import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** Gives each request an id and writes one line when it ends: path without query, so never a code or state. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.locals['requestId'] = randomUUID();
    response.on('close', () => {
      const line = {
        id: response.locals['requestId'],
        method: request.method,
        path: request.originalUrl.split('?', 1)[0]?.slice(0, 300),
        status: response.statusCode,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
        ...(response.writableFinished ? {} : { cut: true }),
      };
      // What went well is worth a line only to who looks closely.
      logger[response.statusCode < 400 ? 'debug' : 'info'](line, 'request');
    });
    next();
  };
}
