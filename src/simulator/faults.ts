import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';

/**
 * `status`: an error answer as Twitch writes it · `slow`: the right answer, late · `hang`: none, the connection stays
 * open · `reset`: the connection breaks · `cut`: it breaks in the middle of the body · `truncated`: half a JSON body, the
 * connection in order · `malformed`: no JSON at all · `shape`: JSON of wrong types.
 */
export const faultKinds = [
  'status',
  'slow',
  'hang',
  'reset',
  'cut',
  'truncated',
  'malformed',
  'shape',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** Requests whose path (below the simulator's own address, e.g. `/helix/streams`) begins with it. */
  path: string;
  kind: FaultKind;
  /** For `status`; 500 unless given. */
  status?: number;
  /** For `slow`, in milliseconds; 1000 unless given. */
  ms?: number;
  /** How many requests it strikes; for ever unless given. */
  times?: number;
  /** More headers for `status`, such as `Retry-After`. */
  headers?: Record<string, string>;
}

export interface Faults {
  add(fault: Fault): void;
  /** Every fault and the outage; what hangs is broken off. */
  clear(): void;
  active(): readonly Fault[];
  /** Everything that servers ask of Twitch fails like this until it is turned off: the API and all of OAuth but the page for people. */
  outage(on: boolean, kind?: FaultKind): void;
  isOut(): boolean;
  strike: RequestHandler;
  /** The same for a socket that is to be upgraded; says whether it was struck. Bodies become a plain 500. */
  strikeUpgrade(path: string, socket: Duplex): boolean;
}

export function createFaults(): Faults {
  let faults: Fault[] = [];
  let outage: FaultKind | null = null;
  const hanging = new Set<Response | Duplex>();

  const faultFor = (path: string): Fault | null => {
    if (outage !== null && isForServers(path)) return { path: '/', kind: outage, status: 503, ms: 20_000 };
    const fault = faults.find((candidate) => path.startsWith(candidate.path));
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) faults = faults.filter((other) => other !== fault);
    }
    return fault ?? null;
  };

  return {
    add: (fault) => void faults.push({ ...fault }),
    clear() {
      faults = [];
      outage = null;
      for (const response of hanging) response.destroy();
    },
    active: () => faults,
    outage(on, kind = 'status') {
      outage = on ? kind : null;
    },
    isOut: () => outage !== null,
    strike(request, response, next) {
      const fault = faultFor(request.path);
      if (fault === null) return next();
      if (fault.kind === 'slow') return waitFor(response, fault.ms ?? 1000, next);
      if (fault.kind !== 'hang') return fail(fault, request, response);
      hanging.add(response);
      response.once('close', () => hanging.delete(response));
    },
    strikeUpgrade(path, socket) {
      const fault = faultFor(path);
      if (fault === null || fault.kind === 'slow') return false;
      if (fault.kind === 'reset') socket.destroy();
      else if (fault.kind === 'hang') hanging.add(socket.once('close', () => hanging.delete(socket)));
      else socket.end(bareAnswer(fault.status ?? 500));
      return true;
    },
  };
}

function isForServers(path: string): boolean {
  return /^\/(helix|eventsub|oauth2\/(token|validate|revoke))(\/|$)/.test(path);
}

/** An HTTP answer to a request that asked for another protocol. */
export function bareAnswer(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

function waitFor(response: Response, ms: number, next: () => void): void {
  const timer = setTimeout(next, ms).unref();
  response.once('close', () => clearTimeout(timer));
}

function fail({ kind, status = 500, headers = {} }: Fault, request: Request, response: Response): void {
  if (kind === 'reset') return void request.socket.destroy();
  if (kind === 'cut') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '4096' });
    response.write('{"data":[{"id":"1","login":"', () => request.socket.destroy());
  } else if (kind === 'truncated') {
    response.type('json').send('{"data":[{"id":"1","login":"mo');
  } else if (kind === 'malformed') {
    response.type('json').send('<html><body>Be right back</body></html>');
  } else if (kind === 'shape') {
    response.json({
      data: { id: 7, user_id: [], login: null },
      access_token: 7,
      expires_in: 'soon',
      user_id: {},
      pagination: 'none',
    });
  } else {
    const error = STATUS_CODES[status] ?? 'Error';
    const message = status === 401 ? 'Invalid OAuth token' : 'A fault on command';
    response
      .status(status)
      .set(headers)
      .json(request.path.startsWith('/oauth2') ? { status, message } : { error, status, message });
  }
}
