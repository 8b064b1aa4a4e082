import type { Streamer } from '../../src/domain/streamer.ts';

/** A streamer as the database might hold them, offline unless said otherwise. */
export function streamer(given: Partial<Streamer> = {}): Streamer {
  return {
    id: '1001',
    login: 'lumi',
    displayName: 'Lumi',
    description: 'Paints at night',
    profileImageUrl: null,
    offlineImageUrl: null,
    title: 'Ink and rain',
    category: 'Art',
    language: 'en',
    broadcast: null,
    lastLiveAt: null,
    polledAt: new Date('2026-11-23T12:00:00Z'),
    unavailableSince: null,
    lastEvent: null,
    ...given,
  };
}

/** The same on air before so many viewers. */
export function liveStreamer(viewers: number, given: Partial<Streamer> = {}): Streamer {
  const startedAt = new Date('2026-11-23T10:00:00Z');
  return streamer({ broadcast: { id: '9', startedAt, viewers, thumbnailUrl: null }, ...given });
}
