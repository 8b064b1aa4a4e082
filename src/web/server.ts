import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A server that is patient with balancers and impatient with sockets that trickle. What Node would refuse by
 * itself, bare, is refused here with the headers that every answer has.
 */
export function createHttpServer(app: RequestListener, headers: Map<string, string>): Server {
  const bareHeaders = new Map([['Connection', 'close'], ['Content-Length', '0'], ...headers]);
  const refuse = (response: ServerResponse, status: number) => {
    response.setHeaders(bareHeaders).writeHead(status).end();
  };
  const server = createServer(
    {
      headersTimeout: 15_000,
      // Found out at the next check: a body that trickles is cut within 30 s.
      requestTimeout: 24_000,
      connectionsCheckingInterval: 5_000,
      // Longer than balancers keep an idle connection, so that they never use one that we just closed.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 16_384,
      requireHostHeader: false,
    },
    (request, response) => (lacksHost(request) ? refuse(response, 400) : app(request, response)),
  );
  server.on('checkExpectation', (_request, response) => refuse(response, 417));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerBadRequest(error, socket, bareHeaders),
  );
  return server;
}

/**
 * Opens the port.
 * @throws Error with a sentence for the operator when it cannot be opened
 */
export async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(portProblem(port, error.code))));
    // Thousands of pages may come back at once, and who finds the queue full tries again after seconds.
    server.listen({ port, backlog: 4_000 }, resolve);
  });
}

/** Lets running requests end, and cuts what has not ended after `graceMs`. */
export async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, wait(graceMs, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
}

function portProblem(port: number, code: string | undefined): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another program. Stop it, or set SERVER_PORT to a free port.`;
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user. Set SERVER_PORT to a port above 1023.`;
  return `Port ${port} cannot be opened (${code ?? 'unknown reason'}). Set SERVER_PORT to another one.`;
}

/** As Node itself would judge: only HTTP/1.1 demands the header, and an empty one will do. */
function lacksHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined;
}

/** What is not HTTP never becomes a request. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket, headers: Map<string, string>): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'));
}
