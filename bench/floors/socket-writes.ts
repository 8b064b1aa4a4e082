import { createServer, type Socket } from 'node:net';
import { portOf } from '../../test/support/port.ts';

// Sockets in a list, and the same bytes written to each: what it costs to reach so many at all.
const sockets: Socket[] = [];
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => null);
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nretry: 1000\n\n');
    sockets.push(socket);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_000 }, () => {
  process.send?.({ url: `http://127.0.0.1:${portOf(server)}/`, cookies: [''] });
});
process.on('message', (message) => {
  if (message === 'memory') {
    process.send?.({ rss: process.memoryUsage().rss, listeners: sockets.length });
    return;
  }
  const frame = Buffer.from(String(message));
  for (const socket of sockets) socket.write(frame);
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
