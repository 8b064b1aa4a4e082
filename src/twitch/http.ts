import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AxiosError, create, isCancel, type AxiosInstance, type AxiosResponse } from 'axios';
import type { Circuit } from './circuit.ts';
import type { Deadline } from './deadline.ts';
import { TwitchError, type TwitchErrorKind } from './errors.ts';
import type { TwitchLog } from './log.ts';

/** Reads one of an answer's headers by its lower-case name. */
export type ReadHeader = (name: string) => string | null;

/** One request. `path` is relative to the base address and free of secrets; errors carry it. */
export interface HttpRequest<T> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: URLSearchParams;
  /** The body, in one of two shapes. */
  form?: Record<string, string>;
  json?: unknown;
  headers?: Record<string, string>;
  deadline: Deadline;
  /** Turns the parsed body (`null` if empty) into the result; whatever it throws becomes `malformed`. */
  read(body: unknown): T;
  /** Finds in the body of a 409 the id of what exists already; may throw. */
  readExisting?(body: unknown): string | null;
  /** Sees the headers of every answer, refusals included. */
  observe?(header: ReadHeader): void;
}

/** When the same request may be sent a second time: `unsent` means only if it never reached Twitch. */
export type Repeat = 'safe' | 'unsent' | 'never';

/** One host of Twitch behind its circuit. */
export interface Http {
  /** One try, no retries. Throws TwitchError only. */
  send<T>(request: HttpRequest<T>): Promise<T>;
  /** After a failed try: waits a jittered moment and resolves to `true` if a second one is allowed and fits. */
  recover(error: TwitchError, deadline: Deadline, repeat: Repeat): Promise<boolean>;
}

/** Times in milliseconds. `keepAlive` is for hosts where a request on a stale socket can simply be repeated. */
export interface HttpSettings {
  baseUrl: string;
  circuit: Circuit;
  keepAlive: boolean;
  maxResponseBytes: number;
  trialMs: number;
  retryMs: number;
  now: () => Date;
  log: TwitchLog;
}

/** Opens the way to one host. */
export function createHttp(settings: HttpSettings): Http {
  const { circuit } = settings;
  const client = createClient(settings);

  return {
    send: (request) => circuit.run(request.path, (trial) => sendOnce(client, request, settings, trial)),
    async recover(error, deadline, repeat) {
      const allowed = repeat === 'safe' ? error.kind === 'unavailable' : repeat === 'unsent' && !error.sent;
      if (!allowed || circuit.refuses()) return false;
      if (!(await deadline.pause(settings.retryMs * (0.5 + Math.random())))) return false;
      settings.log({ event: 'retry', path: error.path, kind: error.kind, status: error.status });
      return true;
    },
  };
}

/** Runs an attempt and, if `recover` resolves to `true`, once more: never more than two tries a call. */
export async function twice<T>(
  attempt: () => Promise<T>,
  recover: (error: TwitchError) => Promise<boolean>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof TwitchError) || !(await recover(error))) throw error;
  }
  return attempt();
}

function createClient({ baseUrl, keepAlive, maxResponseBytes }: HttpSettings): AxiosInstance {
  // With a limit on sockets Node would keep connections alive even where it is told not to.
  const agentOptions = keepAlive ? { keepAlive, maxSockets: 16 } : { keepAlive };
  return create({
    baseURL: baseUrl.replace(/\/+$/, ''),
    httpAgent: new HttpAgent(agentOptions),
    httpsAgent: new HttpsAgent(agentOptions),
    // A proxy named by the environment must not get to see the tokens.
    proxy: false,
    maxRedirects: 0,
    maxContentLength: maxResponseBytes,
    responseType: 'text',
    transformResponse: [(body: unknown) => body],
    validateStatus: () => true,
    headers: { Accept: 'application/json' },
  });
}

async function sendOnce<T>(
  client: AxiosInstance,
  request: HttpRequest<T>,
  settings: HttpSettings,
  trial: boolean,
): Promise<T> {
  const { path, deadline } = request;
  const signal = trial
    ? AbortSignal.timeout(Math.ceil(Math.min(settings.trialMs, deadline.remainingMs())))
    : deadline.signal;
  let answer: AxiosResponse<unknown>;
  try {
    answer = await client.request<unknown>({
      method: request.method,
      url: request.query ? `${path}?${request.query}` : path,
      data: request.form ? new URLSearchParams(request.form) : jsonOf(request),
      headers: {
        ...request.headers,
        ...(request.json === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      signal,
    });
  } catch (error) {
    throw brokenConnection(error, path);
  }
  const header: ReadHeader = (name) => headerText(answer.headers[name]);
  request.observe?.(header);
  const { status } = answer;
  if (status < 200 || status > 299)
    throw new TwitchError(kindOf(status), path, {
      status,
      retryAfterS: retryAfter(header, settings.now()),
      limit: status === 429 && Number(header('ratelimit-remaining') ?? 0) > 0,
      existingId: status === 409 ? existingId(request, answer.data) : null,
    });
  try {
    return request.read(parse(answer.data));
  } catch {
    throw new TwitchError('malformed', path, { status });
  }
}

function jsonOf({ json }: { json?: unknown }): string | undefined {
  return json === undefined ? undefined : JSON.stringify(json);
}

function existingId<T>(request: HttpRequest<T>, body: unknown): string | null {
  try {
    return request.readExisting?.(parse(body)) ?? null;
  } catch {
    return null;
  }
}

// The codes of attempts that ended before there was a connection.
const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

// The AxiosError stays behind here: its config holds the token, the secret and the form.
function brokenConnection(error: unknown, path: string): TwitchError {
  if (isCancel(error)) return new TwitchError('unavailable', path);
  if (!(error instanceof AxiosError)) return new TwitchError('rejected', path, { sent: false });
  if (error.message.includes('maxContentLength')) return new TwitchError('malformed', path);
  return new TwitchError('unavailable', path, { sent: !unsent.has(error.code ?? '') });
}

function kindOf(status: number): TwitchErrorKind {
  if (status >= 500) return 'unavailable';
  if (status === 401) return 'unauthorised';
  if (status === 429) return 'rate-limited';
  return status >= 400 ? 'rejected' : 'malformed';
}

function retryAfter(header: ReadHeader, now: Date): number | null {
  const seconds = Number(header('retry-after') ?? Number.NaN);
  if (seconds >= 0) return Math.ceil(seconds);
  const reset = Number(header('ratelimit-remaining') === '0' ? header('ratelimit-reset') : Number.NaN);
  return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - now.getTime() / 1000)) : null;
}

function headerText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function parse(body: unknown): unknown {
  if (typeof body !== 'string') throw new TypeError('not text');
  return body === '' ? null : JSON.parse(body);
}
