import { connect, type ConnectionSettings } from '../../src/store/index.ts';
import { createHttpServer } from '../../src/web/server.ts';
import { portOf } from '../../test/support/port.ts';
import { signedInCookie } from '../../test/support/signed-in.ts';
import { streamer } from '../../test/support/streamers.ts';
import { webhookSecret } from '../../test/support/webhook.ts';
import { benchProgram, secret } from './program.ts';

// Over the database that it is told of: one streamer whom one user favours, and users who listen.
const settings: ConnectionSettings = JSON.parse(process.argv[2] ?? '');
const listeners = Number(process.argv[3] ?? 1);
const knex = connect(settings);
const { app, headers, feed, live, store, intake } = benchProgram(knex, {
  TWITCH_EVENTSUB_SECRET: webhookSecret,
});
await store.streamers.saveProfiles([streamer()], new Date());
const cookies: string[] = [];
// Twelve pages for each user.
for (let id = 1; id <= Math.ceil(listeners / 12); id += 1) {
  const user = { id: String(id), login: `viewer_${id}`, displayName: 'Viewer', profileImageUrl: null };
  cookies.push(await signedInCookie(store, user, secret));
}
await store.favourites.add('1', '1001');
feed.start();

const server = createHttpServer(app, headers);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send?.({ url: `http://127.0.0.1:${portOf(server)}/twitch`, cookies });
});
process.on('message', (message) => {
  if (message === 'memory') {
    globalThis.gc?.();
    process.send?.({ rss: process.memoryUsage().rss, listeners: live.size() });
  } else void intake.take(JSON.parse(String(message), reviveTime));
});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));

function reviveTime(key: string, value: unknown): unknown {
  return key === 'at' && typeof value === 'string' ? new Date(value) : value;
}
