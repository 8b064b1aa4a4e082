import express from 'express';
import { portOf } from '../../test/support/port.ts';

// What the same bytes cost when nothing has to be done for them: Express answers from memory.
const app = express();
app.disable('etag');
let html = '';
process.once('message', (message) => {
  html = String(message);
  const server = app.listen(0, '127.0.0.1', () => {
    const port = portOf(server);
    process.send?.({ url: `http://127.0.0.1:${port}/`, cookies: [''] });
  });
});
app.get('/', (_request, response) => void response.type('html').send(html));
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
