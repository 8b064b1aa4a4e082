import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { messageOnSocket, type Message } from './envelope.ts';
import { createSession, type Session } from './session.ts';
import type { EventSubSettings } from './settings.ts';

interface Parts {
  settings: EventSubSettings;
  now: () => Date;
  /** The path in front of `/eventsub/ws` as clients see it. */
  basePath: string;
  /** Twitch notices that it is gone. `status` is what becomes of subscriptions and shards of the session. */
  onEnd: (session: Session, status: string) => void;
}

/** EventSub's WebSocket server. */
export interface Sockets {
  /** Shakes hands with whoever asked for `/eventsub/ws`; `parameters` are those of the address. */
  accept(request: IncomingMessage, parameters: URLSearchParams, socket: Duplex, head: Buffer): void;
  /** Open sessions, oldest first. */
  all(): Session[];
  find(id: string): Session | null;
  /** Says whether there was an open session to send it to. `both`: on the socket before a hand-over, too. */
  send(sessionId: string, message: Message, both?: boolean): boolean;
  /** Tells everybody to move to another address. */
  reconnect(): void;
  close(): void;
}

export function createSockets({ settings, now, basePath, onEnd }: Parts): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  const sessions = new Map<string, Session>();
  const invitations = new Map<string, Session>();
  const unnoticed = new Set<NodeJS.Timeout>();

  const open = (parameters: URLSearchParams, host: string, moved: Session | null) => {
    const asked = Number(parameters.get('keepalive_timeout_seconds') ?? '10');
    const keepaliveS = settings.keepaliveS ?? Math.min(600, Math.max(10, Math.floor(asked) || 10));
    if (moved !== null) return moved;
    const session = createSession({
      settings,
      now,
      keepaliveS,
      invite() {
        const challenge = randomBytes(12).toString('hex');
        invitations.set(challenge, session);
        return `ws://${host}${basePath}/eventsub/ws?challenge=${challenge}`;
      },
      onEnd(status, isLost) {
        sessions.delete(session.id);
        for (const [challenge, invited] of invitations)
          if (invited === session) invitations.delete(challenge);
        const afterMs = isLost ? settings.lostSocketMs : 0;
        if (afterMs === 0) return onEnd(session, status);
        const timer = setTimeout(() => {
          unnoticed.delete(timer);
          onEnd(session, status);
        }, afterMs).unref();
        unnoticed.add(timer);
      },
    });
    sessions.set(session.id, session);
    return session;
  };

  return {
    accept(request, parameters, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const challenge = parameters.get('challenge');
        const invited = invitations.get(challenge ?? '') ?? null;
        invitations.delete(challenge ?? '');
        // A reconnect address works once, and only as it was given.
        const isRight = challenge === null || (invited !== null && [...parameters.keys()].length === 1);
        if (!isRight) return webSocket.on('error', () => undefined).close(4007, 'Invalid reconnect');
        open(parameters, request.headers.host ?? 'localhost', invited).attach(webSocket);
      });
    },
    all: () => [...sessions.values()],
    find: (id) => sessions.get(id) ?? null,
    send(sessionId, message, both = false) {
      return sessions.get(sessionId)?.send(messageOnSocket(message), both) ?? false;
    },
    reconnect() {
      for (const session of sessions.values()) session.askToReconnect();
    },
    close() {
      for (const session of sessions.values()) session.drop();
      for (const timer of unnoticed) clearTimeout(timer);
      server.close();
    },
  };
}
