import type { LiveStream } from './stream.ts';

/** Who listens, found by user, by session and by streamer. */
export type Audience = ReturnType<typeof createAudience>;

/** Keeps the streams that are open. Nothing here waits. */
export function createAudience() {
  const all = new Set<LiveStream>();
  const byUser = new Map<string, Set<LiveStream>>();
  const byStreamer = new Map<string, Set<LiveStream>>();
  const heard = new WeakMap<LiveStream, readonly string[]>();

  function hear(stream: LiveStream, streamerIds: readonly string[]): void {
    for (const id of heard.get(stream) ?? []) remove(byStreamer, id, stream);
    for (const id of streamerIds) add(byStreamer, id, stream);
    heard.set(stream, streamerIds);
  }

  return {
    size: () => all.size,
    all: (): Iterable<LiveStream> => all,
    ofUser: (userId: string): ReadonlySet<LiveStream> => byUser.get(userId) ?? nobody,
    ofStreamer: (streamerId: string): ReadonlySet<LiveStream> => byStreamer.get(streamerId) ?? nobody,
    /** The users who listen to all of their favourites. */
    followers: () =>
      [...byUser].filter(([, streams]) => [...streams].some(isOfAll)).map(([userId]) => userId),
    add(stream: LiveStream) {
      all.add(stream);
      add(byUser, stream.userId, stream);
      if (stream.streamerId !== null) hear(stream, [stream.streamerId]);
    },
    /** What a user's streams of all favourites are about from now on. */
    follow(userId: string, streamerIds: readonly string[]) {
      for (const stream of byUser.get(userId) ?? nobody) if (isOfAll(stream)) hear(stream, streamerIds);
    },
    remove(stream: LiveStream) {
      all.delete(stream);
      remove(byUser, stream.userId, stream);
      hear(stream, []);
    },
  };
}

const nobody: ReadonlySet<LiveStream> = new Set();

function isOfAll({ streamerId }: LiveStream): boolean {
  return streamerId === null;
}

function add(index: Map<string, Set<LiveStream>>, key: string, stream: LiveStream): void {
  const streams = index.get(key);
  if (streams === undefined) index.set(key, new Set([stream]));
  else streams.add(stream);
}

function remove(index: Map<string, Set<LiveStream>>, key: string, stream: LiveStream): void {
  const streams = index.get(key);
  streams?.delete(stream);
  if (streams?.size === 0) index.delete(key);
}
