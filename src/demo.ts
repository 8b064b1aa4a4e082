import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { deriveKey } from './app-secret.ts';
import type { Config } from './config.ts';
import type { TwitchPlace } from './program.ts';
import { createSimulator, type Simulator } from './simulator/index.ts';
import { createHttpServer } from './web/server.ts';

/** The Twitch that the settings ask for: where it is, and the server with which we stand beside it. */
export interface ChosenTwitch {
  place: TwitchPlace;
  createServer(app: RequestListener, headers: Map<string, string>): Server;
  close(): void;
}

/** A Twitch of our own below our own address. Browsers find it the way they find us, we ourselves directly. */
export function createDemo(config: Config, secret: string): ChosenTwitch {
  const prefix = `${config.basePath}/simulator`;
  const outside = `${config.publicUrl}${prefix}`;
  const client = { clientId: 'simulated', clientSecret: deriveKey(secret, 'simulated Twitch') };
  const simulator = createSimulator({
    ...client,
    publicUrl: outside,
    redirectUris: [`${config.publicUrl}${config.basePath}/callback`],
    alive: true,
    // Shorter than what the freshener waits, so that viewers are there at its first look.
    streamsLagMs: 4_000,
  });
  return {
    place: {
      ...client,
      ...addresses(`127.0.0.1:${config.port}${prefix}`, outside),
      isSimulated: true,
      // Who is banned or renamed on the control page is missed within a minute.
      profileAgeMs: 30_000,
    },
    createServer(app, headers) {
      const server = createHttpServer(inFrontOf(app, simulator, prefix), headers);
      server.on('upgrade', (request, socket, head) => {
        if (isBelow(prefix, request)) simulator.upgrade(request, socket, head);
        else answerAsIfNotAsked(server, request, socket, head);
      });
      return server;
    },
    close: () => simulator.close(),
  };
}

/** The simulated Twitch has no rate limit to spare, so who tries the demo sees changes soon. */
export function withPaceOfDemo(config: Config): Config {
  return config.twitch === null ? { ...config, pollIntervalS: Math.min(config.pollIntervalS, 10) } : config;
}

function addresses(inside: string, outside: string) {
  return {
    auth: `http://${inside}/oauth2`,
    authorize: `${outside}/oauth2/authorize`,
    api: `http://${inside}/helix`,
    eventSub: `http://${inside}/helix/eventsub`,
    eventSubSocket: `ws://${inside}/eventsub/ws`,
    player: `${outside}/player`,
    chat: `${outside}/embed`,
    images: [outside],
  };
}

function inFrontOf(app: RequestListener, simulator: Simulator, prefix: string): RequestListener {
  return (request, response) => {
    if (!isBelow(prefix, request)) return app(request, response);
    request.url = request.url?.slice(prefix.length);
    simulator.app(request, response);
  };
}

function isBelow(prefix: string, request: IncomingMessage): boolean {
  return request.url?.startsWith(`${prefix}/`) ?? false;
}

/**
 * A server with a listener for upgrades gets the bare socket of every request that offers one, such as
 * `curl --http2`. We speak nothing else, so the request goes back to the server, without the offer.
 */
function answerAsIfNotAsked(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
