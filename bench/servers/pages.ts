import type { LiveStream, Profile } from '../../src/domain/streamer.ts';
import type { Store } from '../../src/store/index.ts';
import { createHttpServer } from '../../src/web/server.ts';
import { openServer, openSqlite } from '../../test/support/databases.ts';
import { newEvent, person } from '../../test/support/stream-events.ts';
import { portOf } from '../../test/support/port.ts';
import { signedInCookie } from '../../test/support/signed-in.ts';
import { webhookSecret } from '../../test/support/webhook.ts';
import { visitors } from '../visitors.ts';
import { benchProgram, secret } from './program.ts';

// Users who keep the same hundred favourites, thirty of them live, one for each connection. Twitch is not there, which
// no page may notice.
const database = await (process.argv[2] === 'mysql' ? openServer() : openSqlite());
const { app, headers, store } = benchProgram(database.knex, {
  TWITCH_EVENTSUB_SECRET: webhookSecret,
});
await fill(store);
const cookies: string[] = [];
for (let id = 1; id <= visitors; id += 1) {
  const user = { id: String(id), login: `viewer_${id}`, displayName: `Viewer ${id}`, profileImageUrl: null };
  cookies.push(await signedInCookie(store, user, secret));
  for (let each = 1_000; each < 1_100; each += 1) await store.favourites.add(user.id, String(each));
}

const server = createHttpServer(app, headers);
server.listen(0, '127.0.0.1', () => {
  const port = portOf(server);
  process.send?.({ url: `http://127.0.0.1:${port}/twitch`, cookies });
});
process.once('SIGTERM', () => void end());
process.once('disconnect', () => void end());

async function end(): Promise<void> {
  server.close();
  server.closeAllConnections();
  await database.drop();
  process.exit(0);
}

async function fill({ streamers, events }: Store): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, index) => String(1_000 + index));
  const at = new Date();
  await streamers.saveProfiles(ids.map(profile), at);
  await streamers.saveRound({ asked: ids, live: ids.slice(0, 30).map(stream), at });
  const raid = { kind: 'raid', payload: { from: person('Quill'), viewers: 41, sharedFrom: null } } as const;
  // A second after the one before, of one streamer after the other.
  for (let turn = 12; turn > 0; turn -= 1) {
    const when = (place: number) => new Date(at.getTime() - (turn * ids.length - place) * 1_000);
    await events.append(ids.map((streamerId, place) => newEvent({ ...raid, streamerId, at: when(place) })));
  }
}

function profile(id: string): Profile {
  const login = `streamer_${id}`;
  const picture = `https://static-cdn.jtvnw.net/jtv_user_pictures/${login}-profile_image-300x300.png`;
  const description = 'Plays slow games & talks about them. '.repeat(4).trim();
  return {
    id,
    login,
    displayName: `Streamer ${id} 灯`,
    description,
    profileImageUrl: picture,
    offlineImageUrl: null,
  };
}

function stream(id: string): LiveStream {
  const login = `streamer_${id}`;
  return {
    id: `9${id}`,
    streamerId: id,
    login,
    displayName: `Streamer ${id} 灯`,
    title: 'Building a lighthouse, part twelve <of many> & more',
    category: 'Slow Games',
    language: 'en',
    viewers: Number(id) * 3,
    startedAt: new Date(Date.now() - 3_600_000),
    thumbnailUrl: `https://static-cdn.jtvnw.net/previews-ttv/live_user_${login}-{width}x{height}.jpg`,
  };
}
