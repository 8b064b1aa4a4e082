import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { envelope } from './envelope.ts';
import type { EventSubSettings } from './settings.ts';
import { timeOnWire } from './time.ts';

/** One EventSub session: the same through a hand-over from one socket to another. */
export interface Session {
  readonly id: string;
  readonly connectedAt: Date;
  /** Welcomes the client on this socket; the one before, if any, is silent from then on. */
  attach(socket: WebSocket): void;
  /** It has a subscription or a shard now, and may stay. */
  keep(): void;
  /** Says whether it went out. `both`: also on the socket before a hand-over, while that is open. */
  send(text: string, both?: boolean): boolean;
  /** Sends `session_reconnect` and gives it `reconnectMs`. */
  askToReconnect(): void;
  /** Ends it with one of Twitch's codes, 4000 to 4007. */
  close(code: number): void;
  /** Breaks it without a word. */
  drop(): void;
  /** Nothing is sent any more, and the socket stays open. */
  silence(): void;
}

interface Parts {
  settings: EventSubSettings;
  now: () => Date;
  keepaliveS: number;
  /** Makes an address for a hand-over. */
  invite: () => string;
  /** `isLost`: there was no close frame, so that Twitch is late to notice. */
  onEnd: (status: string, isLost: boolean) => void;
}

export function createSession({ settings, now, keepaliveS, invite, onEnd }: Parts): Session {
  const id = `Ago${randomBytes(24).toString('base64url')}`;
  const connectedAt = now();
  let current: WebSocket | null = null;
  let former: WebSocket | null = null;
  let hasEnded = false;
  let isSilent = false;
  let keepalive: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let ping: NodeJS.Timeout | undefined;
  const unused = setTimeout(() => close(4003), settings.unusedMs).unref();

  const put = (socket: WebSocket | null, text: string) => {
    if (isSilent || socket === null || socket.readyState !== socket.OPEN) return false;
    socket.send(text);
    return true;
  };
  const send: Session['send'] = (text, both = false) => {
    keepalive?.refresh();
    if (both) put(former, text);
    // A silent socket takes everything, as a cable that was cut does.
    return put(current, text) || isSilent;
  };
  const about = (status: string, more: object) => ({
    session: { id, status, connected_at: timeOnWire(connectedAt), ...more },
  });
  const end = (status: string, isLost = false) => {
    if (hasEnded) return;
    hasEnded = true;
    [keepalive, deadline, ping, unused].forEach(clearTimeout);
    onEnd(status, isLost);
  };
  const close = (code: number) => {
    end(statusByCode[code] ?? 'websocket_disconnected');
    former?.close(code, reasonByCode[code]);
    current?.close(code, reasonByCode[code]);
  };
  const watch = (socket: WebSocket) => {
    let isAnswering = true;
    socket.on('error', () => undefined);
    socket.on('pong', () => (isAnswering = true));
    socket.on('message', () => socket === current && close(4001));
    socket.on('close', (code) => {
      if (socket === former) former = null;
      else if (socket === current) end('websocket_disconnected', code === closedAbnormally);
    });
    clearInterval(ping);
    ping = setInterval(() => {
      if (!isAnswering) return close(4002);
      isAnswering = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    }, settings.pingMs).unref();
  };

  return {
    id,
    connectedAt,
    attach(socket) {
      former = current;
      current = socket;
      isSilent = false;
      watch(socket);
      const left = former;
      clearTimeout(deadline);
      if (left !== null) setTimeout(() => left.close(4004, reasonByCode[4004]), settings.reconnectMs).unref();
      const more = { keepalive_timeout_seconds: keepaliveS, reconnect_url: null, recovery_url: null };
      put(socket, envelope('session_welcome', about('connected', more), now()));
      clearTimeout(keepalive);
      keepalive = setInterval(
        () => put(current, envelope('session_keepalive', {}, now())),
        keepaliveS * 900,
      ).unref();
    },
    keep: () => clearTimeout(unused),
    send,
    askToReconnect() {
      const more = { keepalive_timeout_seconds: null, reconnect_url: invite() };
      send(envelope('session_reconnect', about('reconnecting', more), now()));
      clearTimeout(deadline);
      deadline = setTimeout(() => close(4004), settings.reconnectMs).unref();
    },
    close,
    drop() {
      end('websocket_disconnected', true);
      former?.terminate();
      current?.terminate();
    },
    silence() {
      isSilent = true;
    },
  };
}

/** What `ws` says when a connection ended without a close frame (RFC 6455, 7.1.5). */
const closedAbnormally = 1006;

const statusByCode: Readonly<Record<number, string>> = {
  4000: 'websocket_internal_error',
  4001: 'websocket_received_inbound_traffic',
  4002: 'websocket_failed_ping_pong',
  4003: 'websocket_connection_unused',
  4004: 'websocket_failed_to_reconnect',
  4005: 'websocket_network_timeout',
  4006: 'websocket_network_error',
  4007: 'websocket_failed_to_reconnect',
};

const reasonByCode: Readonly<Record<number, string>> = {
  4000: 'internal server error',
  4001: 'client sent inbound traffic',
  4002: 'client failed ping-pong',
  4003: 'connection unused',
  4004: 'client reconnect grace time expired',
  4005: 'network timeout',
  4006: 'network error',
  4007: 'invalid reconnect attempt',
};
