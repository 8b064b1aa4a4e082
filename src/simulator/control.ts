import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Calls } from './calls.ts';
import type { Drama } from './drama.ts';
import { addStreamerCommands, addTransportCommands } from './event-control.ts';
import type { EventSub } from './eventsub/index.ts';
import { subscriptionOnWire } from './eventsub/subscriptions.ts';
import type { Life } from './life.ts';
import { controlPage } from './control-page.ts';
import { faultKinds, type Fault, type Faults } from './faults.ts';
import { sendPage } from './page.ts';
import { bodyOf, single } from './parameters.ts';
import type { RateLimit } from './rate-limit.ts';
import type { StreamList } from './stream-list.ts';
import type { Tokens } from './tokens.ts';
import { WorldError, type OnAir, type World } from './world.ts';

/*
 * Commands for people (forms) and for tests in another process (form fields or JSON). All below `/control`.
 *
 *   GET    /                            the page with buttons
 *   GET    /world                       JSON: everybody, who is live with what
 *   POST   /streamers                   login, displayName, id, title, description, language: a new streamer
 *   POST   /streamers/:login/live       title, category (a name), viewers, language: all may be left out
 *   POST   /streamers/:login/offline
 *   POST   /streamers/:login/title      title, category
 *   POST   /streamers/:login/viewers    viewers
 *   POST   /streamers/:login/rename     to
 *   POST   /streamers/:login/ban        and /unban
 *   POST   /streamers/:login/hostile    text: nasty text into every field (a mixture unless given)
 *   POST   /streamers/:login/blink      times: missing from so many of the next answers of Get Streams
 *   POST   /streams/lag                 ms: how much later than push Get Streams knows who began or ended
 *   POST   /people/:login/expire        the person's access tokens end; /people/app/expire: the application's
 *   POST   /people/:login/revoke        as if they had disconnected the application
 *   POST   /faults                      path, kind (see faults.ts), status, ms, times
 *   DELETE /faults, POST /faults/clear  ends them all, the outage too
 *   POST   /outage                      on=1 or 0, kind
 *   POST   /rate-limit                  limit, windowMs
 *   GET    /calls                       JSON: what was asked of the simulator; POST /calls/reset forgets it
 *
 * Those of EventSub are listed in event-control.ts.
 *
 * A form gets 303 back to the page; with `Accept: application/json` the answer is `{ok: true}`, or `{message}` and 400,
 * 404 (nobody of that login) or 409. A POST from another site is refused with 403.
 */

interface Parts {
  world: World;
  streamList: StreamList;
  tokens: Tokens;
  faults: Faults;
  calls: Calls;
  rateLimit: RateLimit;
  eventSub: EventSub;
  life: Life;
  drama: Drama;
  basePath: string;
}

type Command = (parameters: URLSearchParams, login: string) => void;

export function createControl(parts: Parts): Router {
  const { world, streamList, tokens, faults, calls, rateLimit, eventSub, life, drama, basePath } = parts;
  const router = express.Router();
  const command = (path: string, run: Command) =>
    router.post(path, (request, response) => {
      run(bodyOf(request), String(request.params['login'] ?? ''));
      acknowledge(request, response, basePath);
    });

  router.use(refuseOtherSites, express.urlencoded({ extended: false }), express.json());
  router.get('/', (_request, response) =>
    sendPage(response, basePath, controlPage({ world, streamList, faults, eventSub, basePath })),
  );
  router.get('/world', (_request, response) => void response.json(world.everybody()));
  router.get('/calls', (_request, response) => void response.json(calls.all()));
  command('/calls/reset', () => calls.reset());

  command('/streamers', (given) => void world.addStreamer(newStreamer(given)));
  router.param('login', (_request, _response, next, login: string) => {
    const known = world.find(login) !== null || login === 'app';
    next(known ? undefined : new CommandError(404, `Nobody is named ${login}.`));
  });
  command('/streamers/:login/live', (given, login) => void world.goLive(login, onAir(given)));
  command('/streamers/:login/offline', (_given, login) => world.goOffline(login));
  command('/streamers/:login/title', (given, login) => world.describeChannel(login, onAir(given)));
  command('/streamers/:login/viewers', (given, login) =>
    world.setViewers(login, wholeNumber(given, 'viewers') ?? 0),
  );
  command('/streamers/:login/rename', (given, login) => world.rename(login, single(given, 'to') ?? ''));
  command('/streamers/:login/ban', (_given, login) => world.ban(login));
  command('/streamers/:login/unban', (_given, login) => world.unban(login));
  command('/streamers/:login/hostile', (given, login) =>
    world.makeHostile(login, single(given, 'text') ?? undefined),
  );
  command('/streamers/:login/blink', (given, login) =>
    streamList.blink(login, wholeNumber(given, 'times') ?? 1),
  );
  command('/streams/lag', (given) => streamList.setLag(wholeNumber(given, 'ms') ?? 0));
  command('/people/:login/expire', (_given, login) => tokens.expireAccess(world.find(login)?.id ?? null));
  command('/people/:login/revoke', (_given, login) => tokens.revokeUser(world.find(login)?.id ?? ''));

  command('/faults', (given) => faults.add(faultOf(given)));
  command('/faults/clear', () => faults.clear());
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.json({ ok: true });
  });
  command('/outage', (given) =>
    faults.outage(['1', 'true', 'on'].includes(single(given, 'on') ?? ''), kindOf(given) ?? 'status'),
  );
  command('/rate-limit', (given) =>
    rateLimit.set(wholeNumber(given, 'limit') ?? 800, wholeNumber(given, 'windowMs') ?? undefined),
  );
  addStreamerCommands(command, eventSub, wholeNumber, (target) => raiderOf(world, target));
  addTransportCommands(command, eventSub, wholeNumber);
  router.get('/eventsub', (_request, response) => {
    const [subscriptions, deliveries] = [eventSub.subscriptions(), eventSub.deliveries()];
    response.json({
      openSockets: eventSub.openSockets(),
      subscriptions: subscriptions.map(subscriptionOnWire),
      deliveries,
    });
  });
  command('/life', (given) => {
    const isOn = single(given, 'on') !== '0';
    for (const moving of [life, drama])
      if (isOn) moving.start();
      else moving.stop();
  });
  router.use(answerCommandError);
  return router;
}

/** A command that makes no sense; `status` is the HTTP status that says so. */
class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const refuseOtherSites: RequestHandler = (request, response, next) => {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads || request.get('Sec-Fetch-Site') !== 'cross-site') return next();
  response.status(403).json({ message: 'Another site may not command the simulator.' });
};

function acknowledge(request: Request, response: Response, basePath: string): void {
  if (wantsJson(request)) response.json({ ok: true });
  else response.redirect(303, `${basePath}/control`);
}

function answerCommandError(
  error: unknown,
  _request: Request,
  response: Response,
  next: (error: unknown) => void,
): void {
  const status = error instanceof CommandError ? error.status : error instanceof WorldError ? 409 : null;
  if (status === null || !(error instanceof Error)) return next(error);
  response.status(status).json({ message: error.message });
}

function wantsJson(request: Request): boolean {
  return request.accepts(['html', 'json']) === 'json' || request.is('json') === 'json';
}

/** The most watched other streamer. */
function raiderOf(world: World, target: string): string {
  const raider = world.live().find(({ login }) => login !== target);
  if (raider === undefined) throw new CommandError(409, 'Nobody is live who could raid.');
  return raider.login;
}

function newStreamer(given: URLSearchParams) {
  const texts = ['id', 'displayName', 'title', 'description', 'language'].map((name) => [
    name,
    single(given, name),
  ]);
  const id = single(given, 'id');
  if (id !== null && !/^\d{1,20}$/.test(id)) throw new CommandError(400, 'id must be a string of digits.');
  return {
    login: single(given, 'login') ?? '',
    ...Object.fromEntries(texts.filter(([, text]) => text !== null)),
  };
}

function onAir(given: URLSearchParams): OnAir {
  const [title, category, language] = [
    single(given, 'title'),
    single(given, 'category'),
    single(given, 'language'),
  ];
  const viewers = wholeNumber(given, 'viewers');
  return {
    ...(title === null ? {} : { title }),
    ...(category === null ? {} : { category }),
    ...(language === null ? {} : { language }),
    ...(viewers === null ? {} : { viewers }),
  };
}

function faultOf(given: URLSearchParams): Fault {
  const kind = kindOf(given);
  if (kind === null) throw new CommandError(400, `kind must be one of ${faultKinds.join(', ')}.`);
  const [status, ms, times] = [
    wholeNumber(given, 'status'),
    wholeNumber(given, 'ms'),
    wholeNumber(given, 'times'),
  ];
  if (status !== null && (status < 200 || status > 599))
    throw new CommandError(400, 'status must be from 200 to 599.');
  return {
    path: single(given, 'path') ?? '/',
    kind,
    ...(status === null ? {} : { status }),
    ...(ms === null ? {} : { ms }),
    ...(times === null ? {} : { times }),
  };
}

function kindOf(given: URLSearchParams) {
  return faultKinds.find((kind) => kind === single(given, 'kind')) ?? null;
}

/** `null` when it is absent or empty, as an untouched form field is. */
function wholeNumber(given: URLSearchParams, name: string): number | null {
  const text = single(given, name) ?? '';
  if (text === '') return null;
  if (!/^\d{1,9}$/.test(text)) throw new CommandError(400, `${name} must be a whole number.`);
  return Number(text);
}
