import express, { type Response } from 'express';
import { portOf } from '../../test/support/port.ts';

// What Express alone keeps of each stream that it answers, with nothing of ours around it.
const streams: Response[] = [];
const app = express();
app.get('/', (_request, response) => {
  response.set('Content-Type', 'text/event-stream').flushHeaders();
  response.write('retry: 1000\n\n');
  streams.push(response);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${portOf(server)}/`, cookies: [''] });
});
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage().rss, listeners: streams.length });
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
