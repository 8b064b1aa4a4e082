import type { RequestListener } from 'node:http';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { AppError } from '../domain/errors.ts';
import { pointElsewhere, showLive, showReady } from './handlers/health.ts';
import { receiveWebhook } from './handlers/webhook.ts';
import { createFrames } from './live/frames.ts';
import { createLiveStreams, type LiveStreams } from './live/streams.ts';
import { refuseAtOnce, refuseUnknownAddress, sendErrors } from './middleware/errors.ts';
import { logRequests } from './middleware/request-log.ts';
import { createOverload, watchStrain } from './middleware/overload.ts';
import { requireSameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { setUpSession, setUpUser } from './middleware/session.ts';
import { createPages } from './pages.ts';
import type { WebParts } from './parts.ts';
import { closeWithConnection } from './pipelined.ts';
import { createRoutes } from './routes.ts';
import { proxyPath, publicPath } from './settings.ts';

/** The web application, who listens to it, and the headers of every answer. */
export interface App {
  app: RequestListener;
  live: LiveStreams;
  headers: Map<string, string>;
}

/** Middleware in the order in which a request meets it. */
export function createApp(parts: WebParts): App {
  const { settings, logger } = parts;
  const pages = createPages(parts);
  const live = createLiveStreams({ ...parts, frames: createFrames(pages), log: logger });
  const handlers = { ...parts, pages, live };
  const base = settings.basePath || '/';

  const app = express();
  app.set('trust proxy', settings.trustProxy);
  app.set('query parser', 'simple');
  // The session cookie belongs to the path as it is written.
  app.set('case sensitive routing', true);
  app.disable('x-powered-by');
  // Pages are not cached, so a digest of each would be work for nothing.
  app.disable('etag');
  // PUBLIC_URL says how browsers reach us, not the request, which a proxy has rewritten.
  Object.defineProperty(app.request, 'secure', { value: settings.publicUrl.startsWith('https:') });

  const webhook = receiveWebhook(parts);
  const webhookPath = `${settings.basePath}/webhooks/eventsub`;
  const isWebhook = (url: string) => url === webhookPath || url.startsWith(`${webhookPath}?`);
  const headers = securityHeaders(settings);
  const overload = createOverload({ isStrained: watchStrain(), basePath: settings.basePath, log: logger });
  const refuse = refuseAtOnce(pages, headers);
  const listener: RequestListener = (request, response) => {
    closeWithConnection(request, response);
    if (parts.isDraining()) response.setHeader('Connection', 'close');
    if (overload.refuses(request.method, request.url)) return refuse(request, response);
    response.setHeaders(headers);
    if (request.method === 'POST' && isWebhook(request.url ?? '')) webhook(request, response);
    else app(request, response);
  };

  app.get('/health/live', showLive);
  app.get('/health/ready', showReady(parts));
  if (!settings.servesPages) {
    app.use(pointElsewhere);
    return { app: listener, live, headers };
  }

  app.use(logRequests(logger));
  app.use((request, _response, next) => {
    // `GET http://elsewhere/…` is for proxies, and we are none.
    if (!request.url.startsWith('/')) throw new AppError('invalid', 'That request cannot be understood.');
    next();
  });
  // A proxy may have taken a prefix off, which cookies are still bound to.
  const prefix = proxyPath(settings);
  app.use((request, _response, next) => {
    request.originalUrl = prefix + request.originalUrl;
    next();
  });
  app.use(compressForWhoAsks());
  app.use(`${settings.basePath}/assets`, parts.assets.serve);

  app.use(requireSameOrigin(settings.publicUrl));
  app.use(
    base,
    createRoutes(handlers, [
      overload.carry,
      setUpSession(settings, parts.sessionStore),
      setUpUser(parts.signIn.isAllowed),
    ]),
  );
  if (base !== '/') app.get('/', (_request, response) => response.redirect(302, publicPath(settings)));

  app.use(refuseUnknownAddress);
  app.use(sendErrors(handlers));
  return { app: listener, live, headers };
}

/** The package wraps each answer, also where nobody asked for compression: a tenth of what a page costs. */
function compressForWhoAsks(): RequestHandler {
  const compress = compression({ level: 4 });
  return (request, response, next) => {
    if (request.headers['accept-encoding'] === undefined) next();
    else compress(request, response, next);
  };
}
