import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Response } from 'express';
import { AppError } from '../../domain/errors.ts';
import { leavePlace } from '../middleware/overload.ts';
import { toRetry } from './frames.ts';

/** Whom a stream is for and what it is about. `streamerId` is `null` for all favourites. */
export interface Wish {
  userId: string;
  /** The name of the session, not its secret id. */
  sessionId: string;
  streamerId: string | null;
  /** Where the request comes from, as far as that is known. */
  address: string | null;
  /** The last sequence that the page holds; `null`: begin now. */
  after: number | null;
}

/** One open connection that is sent events. */
export interface LiveStream extends Wish {
  /** The sequence up to which it has been sent all that it asked for. */
  sent: number;
  /** From then on it is pushed to; before, it is read for. */
  isCaughtUp: boolean;
  isClosed(): boolean;
  /** Writes, and cuts who does not read. */
  write(frame: Buffer): void;
  /** Writes while the reader keeps pace; resolves when there is room again or nobody any more. */
  writeInPace(frame: Buffer): Promise<void>;
  end(lastWords: string): void;
}

/** More than this waiting for one reader, in bytes, and it is cut: it comes back and resumes. */
const mostWaiting = 64 * 1024;

/** Who is being read for and takes nothing at all for this long is cut too. */
const longestWaitMs = 60_000;

/**
 * Answers with the headers of a stream; `null` when nobody is there any more. From there on bytes go to the socket itself: the same buffer for
 * everybody, past what Express's middleware would do to each, and ended by the end of the connection.
 * @throws AppError `invalid` when other answers have to go before it on this connection: no browser asks like that
 */
export function openStream(response: Response, wish: Wish): LiveStream | null {
  const { socket } = response;
  if (response.destroyed || response.req.socket.destroyed) return null;
  if (socket === null) throw new AppError('invalid', 'A stream needs a connection of its own.');
  response.shouldKeepAlive = false;
  response.useChunkedEncodingByDefault = false;
  response.status(200).set(streamHeaders).flushHeaders();
  socket.write(toRetry(1_000, 4_000));
  leavePlace(response);
  forget(response);
  return toStream(socket, wish);
}

/** `no-transform` keeps compression away, ours and that of proxies; nginx wants a word of its own. */
export const streamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/**
 * What a request and its answer need no more but would hold for hours: parsed headers and addresses, the session, and
 * all that middleware wrapped around the answer. Thousands of streams are told from each other by it.
 */
function forget(response: Response): void {
  Object.assign(response.req, answered);
  response.locals['user'] = null;
  // An object that loses properties becomes a dictionary, which takes more than what was lost.
  for (const wrapped of ['write', 'end', 'writeHead']) {
    Reflect.set(response, wrapped, Reflect.get(ServerResponse.prototype, wrapped));
  }
}

const answered = {
  headers: {},
  rawHeaders: [],
  session: null,
  sessionStore: null,
  next: null,
  route: null,
  _parsedUrl: null,
  _parsedOriginalUrl: null,
};

function toStream(socket: Socket, wish: Wish): LiveStream {
  return {
    ...wish,
    sent: 0,
    isCaughtUp: false,
    isClosed: () => socket.destroyed || socket.writableEnded,
    write(frame) {
      if (!socket.writable) return;
      socket.write(frame);
      if (socket.writableLength > mostWaiting) socket.destroy();
    },
    async writeInPace(frame) {
      if (!socket.writable || socket.write(frame)) return;
      const left = new AbortController();
      const leave = () => left.abort();
      const patience = setTimeout(() => socket.destroy(), longestWaitMs);
      socket.once('close', leave);
      await once(socket, 'drain', { signal: left.signal }).catch(() => null);
      socket.off('close', leave);
      clearTimeout(patience);
    },
    end(lastWords) {
      if (socket.writableEnded) return;
      socket.end(lastWords);
      // Who does not take the last words may not hold up the end.
      setTimeout(() => socket.destroy(), 1_000).unref();
    },
  };
}
