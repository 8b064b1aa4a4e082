import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createTwitch,
  TwitchError,
  type Pace,
  type Twitch,
  type TwitchSettings,
} from '../../src/twitch/index.ts';

/** A request as the fake saw it; `path` is below `/auth` or `/api`. */
export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
  body: string;
}

/** Answers one request, or leaves it unanswered. */
export type Script = (response: ServerResponse, request: SeenRequest) => void;

/** A scripted server on a port of its own. */
export interface FakeTwitch {
  url: string;
  requests: SeenRequest[];
  /** Those that asked for one path. */
  asked(path: string): SeenRequest[];
  /** Answers a path by these in turn; the last one goes on for ever. */
  script(path: string, ...scripts: [Script, ...Script[]]): void;
  close(): Promise<void>;
}

/** Starts one that issues tokens and knows every user, none of them live. */
export async function startFakeTwitch(): Promise<FakeTwitch> {
  const requests: SeenRequest[] = [];
  const scripts = new Map<string, Script[]>([
    [
      '/token',
      [
        (response, request) =>
          json({ access_token: `app-${tokens()}`, expires_in: 5_000_000 })(response, request),
      ],
    ],
    ['/users', [(response, request) => json({ data: usersOf(request.query) })(response, request)]],
    ['/streams', [json({ data: [], pagination: {} })]],
    ['/channels', [json({ data: [] })]],
    ['/search/channels', [json({ data: [], pagination: {} })]],
  ]);

  const server = createServer((incoming, response) => {
    void answer(incoming, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const asked = (path: string) => requests.filter((request) => request.path === path);
  const tokens = () => asked('/token').length;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    asked,
    script: (path, ...list) => void scripts.set(path, list),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const form = new URLSearchParams(body);
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const path = url.pathname.replace(/^\/(auth|api)/, '');
    const { method = '', headers } = incoming;
    const request = { method, path, query: url.searchParams, headers, form, body };
    requests.push(request);
    const waiting = scripts.get(path);
    const script = waiting && waiting.length > 1 ? waiting.shift() : waiting?.[0];
    (script ?? status(404))(response, request);
  }
}

/** The secret that no error may hold. */
export const clientSecret = 'very-secret-secret';

/** The real client in a hurry, pointed at a fake. */
export function clientOf(
  fake: { url: string },
  { pace, ...overrides }: Partial<Omit<TwitchSettings, 'pace'>> & { pace?: Partial<Pace> } = {},
): Twitch {
  return createTwitch({
    clientId: 'client-1',
    clientSecret,
    authUrl: `${fake.url}/auth`,
    authorizeUrl: 'https://id.example/oauth2/authorize',
    apiUrl: `${fake.url}/api`,
    pace: { retryMs: 5, batchMs: 2, faults: 100, ...pace },
    ...overrides,
  });
}

/** The TwitchError by which a promise fails. */
export async function failureOf(promise: Promise<unknown>): Promise<TwitchError> {
  const outcome = await promise.then(
    () => 'a success',
    (error: unknown) => error,
  );
  if (outcome instanceof TwitchError) return outcome;
  throw new Error(`expected a TwitchError, got ${String(outcome)}`);
}

/** An item of Get Users. */
export function wireUser(id: string, login = `user_${id}`): Record<string, unknown> {
  return {
    id,
    login,
    display_name: login.toUpperCase(),
    type: '',
    broadcaster_type: 'affiliate',
    description: 'Puzzles',
    profile_image_url: 'https://static.example/portrait.png',
    offline_image_url: '',
    view_count: 0,
    created_at: '2018-05-02T09:11:40Z',
  };
}

/** An item of Get Streams. */
export function wireStream(userId: string): Record<string, unknown> {
  return {
    id: `9${userId}`,
    user_id: userId,
    user_login: `user_${userId}`,
    user_name: `USER_${userId}`,
    game_id: '1',
    game_name: 'Chess',
    type: 'live',
    title: 'Morning',
    tags: ['English'],
    viewer_count: 214,
    started_at: '2026-11-22T08:00:12Z',
    language: 'en',
    thumbnail_url: 'https://static.example/live-{width}x{height}.jpg',
    is_mature: false,
  };
}

/** A JSON answer. */
export function json(body: unknown, code = 200, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(code, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** An answer in the shape of Twitch's errors. */
export function status(code: number, headers: Record<string, string> = {}): Script {
  return json({ error: 'Error', status: code, message: 'no' }, code, headers);
}

/** Any other body. */
export function raw(body: string, code = 200, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(code, headers).end(body);
  };
}

/** Never answers. */
export const hang: Script = () => undefined;

/** Cuts the connection instead of answering. */
export const reset: Script = (response) => {
  response.socket?.resetAndDestroy();
};

/** Cuts the connection in the middle of the body. */
export const cut: Script = (response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"data":[', () => response.socket?.destroy());
};

/** Answers after a while. */
export function slow(milliseconds: number, script: Script): Script {
  return (response, request) => {
    setTimeout(() => script(response, request), milliseconds);
  };
}

/** Headers of a bucket that is full again after so many seconds. */
export function bucket(remaining: number, resetInS: number): Record<string, string> {
  return {
    'Ratelimit-Limit': '800',
    'Ratelimit-Remaining': String(remaining),
    'Ratelimit-Reset': String(Math.round(Date.now() / 1000 + resetInS)),
  };
}

function usersOf(query: URLSearchParams): Record<string, unknown>[] {
  return [
    ...query.getAll('id').map((id) => wireUser(id)),
    ...query.getAll('login').map((login, index) => wireUser(String(1000 + index), login)),
  ];
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}
