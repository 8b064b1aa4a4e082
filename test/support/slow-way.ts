import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { portOf } from './port.ts';

/** A way to a server on which pages come in pieces, as over a bad line; everything else comes at once. */
export interface SlowWay {
  origin: string;
  close: () => void;
}

export async function openSlowWay(to: string): Promise<SlowWay> {
  const server = createServer((request, response) => void pass(to, request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${portOf(server)}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function pass(to: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${to}${request.url}`, { headers: { cookie: request.headers.cookie ?? '' } });
  const headers = Object.fromEntries(answer.headers);
  for (const name of ['content-length', 'content-encoding', 'connection']) delete headers[name];
  response.writeHead(answer.status, headers);
  if (headers['content-type']?.startsWith('text/html')) {
    for (const piece of piecesOf(await answer.text())) {
      response.write(piece);
      await wait(20);
    }
  } else response.write(new Uint8Array(await answer.arrayBuffer()));
  response.end();
}

/** Each ends where a browser may draw what it has: before a link, a form or a section. */
function piecesOf(html: string): string[] {
  return html.split(/(?=<(?:a|form|section|li)\b)/);
}
