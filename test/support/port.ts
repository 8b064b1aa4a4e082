import { createServer, type Server } from 'node:net';

/** The port at which a server listens. @throws Error when it does not, or listens at no port */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens at no port');
  return address.port;
}

/** Takes a port that the system gives, on all interfaces, until `release`. */
export async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  return {
    port: portOf(server),
    release: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** A port for a process that cannot say itself which one it was given. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  return port;
}
