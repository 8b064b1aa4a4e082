import { createServer, type IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { openEventSubSocket } from '../../../src/twitch/index.ts';
import type {
  EventSubClocks,
  EventSubMessage,
  EventSubSession,
  EventSubSocket,
  TwitchLogEntry,
} from '../../../src/twitch/index.ts';

/** A dialled socket as the fake sees it. */
export interface Dialled {
  path: string;
  socket: WebSocket;
  /** Everything that the client sent. */
  sent: string[];
  /** The code with which the client hung up. */
  closed: Promise<number>;
}

/** A server of sockets on a port of its own. */
export interface FakeSockets {
  url: string;
  dialled: Dialled[];
  /** What becomes of the next ones who dial: by default a welcome. `refuse` answers 503, `mute` nothing. */
  script(...scripts: ('welcome' | 'refuse' | 'mute' | 'cut')[]): void;
  /** In seconds, told in each welcome. */
  keepaliveS: number | null;
  close(): Promise<void>;
}

/** Starts one that welcomes everybody, as session `s-1`, `s-2` … */
export async function startFakeSockets(): Promise<FakeSockets> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const dialled: Dialled[] = [];
  let scripts: string[] = [];
  server.on('upgrade', (request: IncomingMessage, connection, head) => {
    const script = scripts.shift() ?? 'welcome';
    if (script === 'cut') connection.destroy();
    if (script === 'refuse') connection.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    if (connection.destroyed || connection.writableEnded) return;
    sockets.handleUpgrade(request, connection, head, (socket) => {
      const sent: string[] = [];
      socket.on('message', (data: Buffer) => sent.push(data.toString()));
      const closed = new Promise<number>((resolve) => {
        socket.on('close', resolve);
      });
      dialled.push({ path: request.url ?? '', socket, sent, closed });
      if (script === 'welcome') socket.send(welcome(`s-${dialled.length}`, fake.keepaliveS));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const fake: FakeSockets = {
    url: `ws://127.0.0.1:${port}/ws`,
    dialled,
    script: (...list) => void (scripts = list),
    keepaliveS: 30,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of dialled) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

/** What a client heard, in order, and how long it wanted to wait. */
export interface Listening {
  socket: EventSubSocket;
  sessions: EventSubSession[];
  messages: EventSubMessage[];
  revocations: object[];
  downs: { code: number; reason: string }[];
  pauses: number[];
  log: TwitchLogEntry[];
}

/** Opens a real client whose pauses take no time. */
export function listen(url: string, clocks: Partial<EventSubClocks> = {}): Listening {
  const heard: Omit<Listening, 'socket'> = {
    sessions: [],
    messages: [],
    revocations: [],
    downs: [],
    pauses: [],
    log: [],
  };
  const socket = openEventSubSocket({
    url,
    handlers: {
      onSession: (session) => heard.sessions.push(session),
      onMessage: (message) => heard.messages.push(message),
      onRevocation: (ended) => heard.revocations.push(ended),
      onDown: (end) => heard.downs.push(end),
    },
    log: (entry) => heard.log.push(entry),
    clocks: {
      async wait(milliseconds) {
        heard.pauses.push(milliseconds);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      },
      ...clocks,
    },
  });
  return { socket, ...heard };
}

function frame(type: string, payload: unknown, id: string, at: Date): string {
  const metadata = { message_id: id, message_type: type, message_timestamp: at.toISOString() };
  return JSON.stringify({ metadata, payload });
}

let messages = 0;

/** The frames of Twitch. */
function welcome(id: string, keepaliveS: number | null = 30): string {
  const session = { id, status: 'connected', keepalive_timeout_seconds: keepaliveS, reconnect_url: null };
  return frame('session_welcome', { session }, `w-${(messages += 1)}`, new Date());
}
export function keepalive(): string {
  return frame('session_keepalive', {}, `k-${(messages += 1)}`, new Date());
}
export function reconnect(url: unknown): string {
  const session = { id: 's', status: 'reconnecting', keepalive_timeout_seconds: null, reconnect_url: url };
  return frame('session_reconnect', { session }, `r-${(messages += 1)}`, new Date());
}
export function notification(id: string, at = new Date()): string {
  const subscription = { id: 'sub-1', type: 'stream.online', version: '1', condition: {}, status: 'enabled' };
  return frame('notification', { subscription, event: { broadcaster_user_id: '1' } }, id, at);
}
export function revocation(id: string): string {
  const subscription = { id: 'sub-1', type: 'stream.online', status: 'user_removed' };
  return frame('revocation', { subscription }, id, new Date());
}
