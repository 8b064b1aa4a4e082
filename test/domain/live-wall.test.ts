import { describe, expect, it } from 'vitest';
import { arrangeLiveWall, freshnessOf } from '../../src/domain/live-wall.ts';
import { liveStreamer, streamer } from '../support/streamers.ts';

const now = new Date('2026-11-23T12:00:30Z');
const options = { allOffline: false, now, pollIntervalS: 60 };

describe('the live wall', () => {
  it('shows the live first, most watched in front', () => {
    const favourites = [
      streamer({ id: '1' }),
      liveStreamer(5, { id: '2' }),
      liveStreamer(900, { id: '3' }),
      liveStreamer(40, { id: '4' }),
    ];
    const wall = arrangeLiveWall(favourites, options);
    expect(wall.live.map(({ id }) => id)).toEqual(['3', '4', '2']);
    expect(wall.offline.map(({ id }) => id)).toEqual(['1']);
    expect(wall.total).toBe(4);
  });

  it('shows the offline by when they were last live, then by login, the unavailable at the end', () => {
    const favourites = [
      streamer({ id: 'gone', unavailableSince: now, lastLiveAt: now }),
      streamer({ id: 'never-b', login: 'b' }),
      streamer({ id: 'never-a', login: 'a' }),
      streamer({ id: 'old', lastLiveAt: new Date('2026-01-01') }),
      streamer({ id: 'new', lastLiveAt: new Date('2026-11-01') }),
    ];
    const ids = arrangeLiveWall(favourites, options).offline.map(({ id }) => id);
    expect(ids).toEqual(['new', 'old', 'never-a', 'never-b', 'gone']);
  });

  it('keeps most of a thousand offline favourites back until asked', () => {
    const favourites = Array.from({ length: 1_000 }, (_, index) => streamer({ id: String(index) }));
    const wall = arrangeLiveWall(favourites, options);
    expect(wall.offline.length + wall.hiddenOffline).toBe(1_000);
    expect(wall.offline.length).toBeLessThan(100);
    expect(arrangeLiveWall(favourites, { ...options, allOffline: true }).offline).toHaveLength(1_000);
  });

  it('is as fresh as the favourite who has waited longest', () => {
    const oldest = new Date('2026-11-23T11:59:00Z');
    const { checkedAt, isStale } = freshnessOf([streamer(), streamer({ polledAt: oldest })], now, 60);
    expect(checkedAt).toEqual(oldest);
    expect(isStale).toBe(false);
  });

  it('is stale when three rounds have brought no answer, whoever Twitch no longer names aside', () => {
    const anHourAgo = new Date('2026-11-23T11:00:00Z');
    expect(freshnessOf([streamer({ polledAt: anHourAgo })], now, 60).isStale).toBe(true);
    const gone = streamer({ polledAt: anHourAgo, unavailableSince: anHourAgo });
    expect(freshnessOf([streamer(), gone], now, 60).isStale).toBe(false);
  });

  it('leaves out who has not been asked about yet, or not for long before joining', () => {
    const daysAgo = new Date('2026-11-20T12:00:00Z');
    const known = streamer().polledAt;
    expect(freshnessOf([streamer(), streamer({ polledAt: null })], now, 60).checkedAt).toEqual(known);
    const joined = freshnessOf([streamer(), streamer({ polledAt: daysAgo })], now, 60);
    expect(joined).toEqual({ checkedAt: known, isStale: false });
    expect(freshnessOf([streamer({ polledAt: null })], now, 60)).toEqual({ checkedAt: null, isStale: false });
    expect(freshnessOf([], now, 60)).toEqual({ checkedAt: null, isStale: false });
  });

  it('tells of the latest answer when all are old', () => {
    const [older, newer] = [new Date('2026-11-23T10:00:00Z'), new Date('2026-11-23T10:01:00Z')];
    const polled = [streamer({ polledAt: older }), streamer({ polledAt: newer })];
    expect(freshnessOf(polled, now, 60)).toEqual({ checkedAt: newer, isStale: true });
  });
});
