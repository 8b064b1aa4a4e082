import type { Server } from 'node:net';

/** The port at which a server listens. @throws Error when it does not, or listens at no port */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens at no port');
  return address.port;
}
