import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programmeOf } from '../../src/web/programme.ts';
import { type SignedInBrowser, startApp, type TestApp } from '../support/app.ts';
import { newRaid, shownEvent } from '../support/events.ts';
import { streamer } from '../support/streamers.ts';

const lastEvent = (sequence: number) => ({ at: new Date(), sequence });

describe('The latest entries of a page', () => {
  it('go on from where the history stood when the streamers were read, not from the latest shown', () => {
    const streamers = [streamer({ lastEvent: lastEvent(2) }), streamer({ lastEvent: null })];
    expect(programmeOf(streamers, [shownEvent({ sequence: 4 })])).toMatchObject({ after: 2 });
    expect(programmeOf([], [])).toMatchObject({ after: 0 });
  });
});

describe('The wall', () => {
  let app: TestApp;
  let viewer: SignedInBrowser;
  beforeEach(async () => {
    app = await startApp();
    viewer = await app.signedIn();
    for (const id of ['901', '902']) {
      await app.store.streamers.saveProfiles([streamer({ id, login: `s${id}` })], new Date());
      await app.store.favourites.add('501', id);
      await app.store.events.append([newRaid(`first-${id}`, id)]);
    }
  });
  afterEach(async () => await app.close());

  it('misses nothing that is stored while it is read', async () => {
    await app.store.events.latestOf((await app.store.favourites.ofUser('501')).slice(0, 1));
    const ofUser = app.store.favourites.ofUser.bind(app.store.favourites);
    app.store.favourites.ofUser = async (userId) => {
      const wall = await ofUser(userId);
      await app.store.events.append([newRaid('between-901', '901'), newRaid('between-902', '902')]);
      return wall;
    };
    const { text } = await viewer.get('/twitch');
    const shown = [...text.matchAll(/data-sequence="(\d+)"/g)].map(([, sequence]) => Number(sequence));
    const after = Number(/data-after="(\d+)"/.exec(text)?.[1]);
    const end = await app.store.events.end();
    const pushed = (await app.store.events.resume({ userId: '501' }, after, end, 50)).events;
    expect(new Set([...shown, ...pushed.map(({ sequence }) => sequence)])).toEqual(new Set([1, 2, 3, 4]));
  });
});
