import { WebSocket } from 'ws';
import { readFrame, type Frame } from './frame.ts';

/** Why a connection ended: a close code of WebSockets or of Twitch (4000 to 4007), 1006 without any. */
export interface ConnectionEnd {
  code: number;
  reason: string;
}

/** One dialled socket. */
export interface Connection {
  /** Ends it; nothing more is heard of it. */
  drop(): void;
  /** Takes leave; what was under way is still heard, its end is not. */
  retire(): void;
}

/** How to dial, and who hears what comes of it. */
export interface ConnectionSettings {
  url: string;
  /** From dialling to the welcome, in milliseconds. */
  welcomeMs: number;
  /** How long silence may last where the welcome does not say, in seconds. */
  keepaliveS: number;
  /** Each frame that could be read, the welcome first. */
  onFrame: (frame: Frame) => void;
  /** A frame that could not be read. */
  onGarbage: () => void;
  /** Once, unless it is dropped first. */
  onEnd: (end: ConnectionEnd) => void;
}

/** Twitch allows some leeway on top of the promised interval. */
const leeway = 1.2;
const largestFrame = 1_000_000;
const farewellMs = 1_000;

/** Dials and never sends a word, for Twitch hangs up on those who do. Silence counts as the end. */
export function openConnection(settings: ConnectionSettings): Connection {
  const { onFrame, onGarbage, onEnd } = settings;
  let isOver = false;
  let isLeaving = false;
  let isWelcome = false;
  let silentMs = settings.keepaliveS * 1000 * leeway;
  let failure: string | null = null;
  let alarm = setTimeout(() => end(1006, 'no welcome'), settings.welcomeMs);
  const socket = dial(settings.url);

  socket?.on('message', (data: Buffer, isBinary) => {
    if (!isOver) hear(isBinary ? null : readFrame(data.toString()));
  });
  socket?.on('error', (error) => {
    failure = failureOf(error);
  });
  socket?.on('close', (code, reason) => end(code, failure ?? plain(reason.toString())));
  // Told later, as with any other address that leads nowhere.
  if (!socket) setImmediate(() => end(1006, 'no address'));

  return {
    drop() {
      isOver = true;
      leave();
    },
    retire: leave,
  };

  function leave(): void {
    isLeaving = true;
    clearTimeout(alarm);
    if (socket?.readyState === WebSocket.OPEN) socket.close(1000);
    else socket?.terminate();
    // Whoever does not answer the farewell is left standing.
    setTimeout(() => socket?.terminate(), farewellMs).unref();
  }

  function hear(frame: Frame | null): void {
    // Before the welcome nothing else makes sense; a second one neither.
    if (frame === null || (frame.kind === 'welcome') === isWelcome) {
      onGarbage();
      return;
    }
    if (frame.kind === 'welcome') {
      isWelcome = true;
      silentMs = (frame.keepaliveS ?? settings.keepaliveS) * 1000 * leeway;
    }
    clearTimeout(alarm);
    if (!isLeaving) alarm = setTimeout(() => end(1006, 'silence'), silentMs);
    onFrame(frame);
  }

  function end(code: number, reason: string): void {
    if (isOver || isLeaving) return;
    isOver = true;
    clearTimeout(alarm);
    socket?.terminate();
    onEnd({ code, reason });
  }
}

function dial(url: string): WebSocket | null {
  try {
    return new WebSocket(url, { perMessageDeflate: false, maxPayload: largestFrame, followRedirects: false });
  } catch {
    return null;
  }
}

// Not the whole message: it may hold an address.
function failureOf(error: Error): string {
  const refusal = /^Unexpected server response: (\d{3})$/.exec(error.message);
  if (refusal) return `refused with ${refusal[1]}`;
  return 'code' in error && typeof error.code === 'string' ? error.code : 'broken';
}

function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ').slice(0, 123);
}
