import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventSubMessage } from '../../src/twitch/index.ts';
import { openEventStream } from '../support/event-stream.ts';
import { type ListeningApp, startListening } from '../support/listening.ts';
import { signIn } from '../support/sign-in.ts';

let app: ListeningApp;

afterEach(async () => await app.close());

/** Generous, since other work may hold the processor. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 12_000, interval: 20 });

const chatWish = { scopes: ['user:read:chat'], chat: true };

const watchesOf = (type: string) =>
  app.simulator.eventSub
    .subscriptions()
    .filter((each) => each.type === type && each.status === 'enabled')
    .map(({ condition }) => condition);

const loginOf = (id = '') => app.simulator.world.findById(id)?.login ?? '';

/** Who reads whom, by logins. */
function readersOf(type: string): Record<string, string> {
  const pairs = watchesOf(type).map((each) => [each['broadcaster_user_id'], each['user_id']].map(loginOf));
  return Object.fromEntries(pairs);
}

const entries = async () => (await app.recent('otto')).map(({ kind, amount }) => ({ kind, amount }));

const chatsAre = (count: number) =>
  soon(() => expect(app.hearing.status().chat).toMatchObject({ covered: count, exceptions: {} }));

describe('The chats of favourites', () => {
  it('tell of subs, of a gift bomb as one, and of a raid once', async () => {
    app = await startListening({ viewer: { ...chatWish, favourites: ['otto'] } });
    await chatsAre(1);
    await soon(() => expect(app.hearing.status().coverage.push).toBe(1));
    app.simulator.eventSub.subscribe('otto');
    await soon(async () => expect(await entries()).toMatchObject([{ kind: 'sub' }]));
    app.simulator.eventSub.giftBomb('otto', null, 8);
    await soon(async () =>
      expect(await entries()).toMatchObject([{ kind: 'gift-bomb', amount: 8 }, { kind: 'sub' }]),
    );
    app.simulator.eventSub.raid('hazelrove', 'otto', 33);
    const told = () => app.simulator.eventSub.deliveries().filter(({ sent }) => sent > 0).length;
    // The sub, the bomb and its eight gifts, the raid by both ways.
    await soon(() => expect(told()).toBe(12));
    await soon(() => expect(app.hearing.status().counts.heard).toBe(12));
    expect(await entries()).toMatchObject([
      { kind: 'raid', amount: 33 },
      { kind: 'gift-bomb', amount: 8 },
      { kind: 'sub' },
    ]);
    expect(await app.status()).toMatch(/1 user reads the chat of 1/);
  });

  it('move to another reader when theirs signs out, or it is said', async () => {
    app = await startListening({ viewer: { ...chatWish, favourites: ['otto'] } });
    await chatsAre(1);
    await app.addUser('gusbackrow', { ...chatWish, favourites: ['otto'] });
    const [first] = watchesOf('channel.chat.notification');
    expect(first?.['user_id']).toBe(app.idOf('ada_follows'));
    app.simulator.tokens.expireAccess(app.idOf('ada_follows'));
    await app.store.tokens.remove(app.idOf('ada_follows'));
    await soon(() =>
      expect(watchesOf('channel.chat.notification')).toMatchObject([{ user_id: app.idOf('gusbackrow') }]),
    );
    await chatsAre(1);
    app.simulator.eventSub.subscribe('otto');
    await soon(async () => expect(await entries()).toMatchObject([{ kind: 'sub' }]));
    await app.store.tokens.remove(app.idOf('gusbackrow'));
    await soon(() => expect(app.hearing.status().readers).toEqual([]));
    expect(await app.status()).not.toMatch(/subs and gifts of/i);
  });

  it('move to another reader when theirs is banned there, while there is one', async () => {
    const favourites = ['otto', 'fernhollow'];
    app = await startListening({ viewer: { ...chatWish, favourites } });
    await chatsAre(2);
    await app.addUser('gusbackrow', { ...chatWish, favourites });
    app.simulator.eventSub.banFromChat('otto', 'ada_follows');
    await soon(() =>
      expect(readersOf('channel.chat.notification')).toEqual({
        otto: 'gusbackrow',
        fernhollow: 'ada_follows',
      }),
    );
    await chatsAre(2);
    app.simulator.eventSub.subscribe('otto');
    await soon(async () => expect(await entries()).toMatchObject([{ kind: 'sub' }]));
    app.simulator.eventSub.dropSockets();
    app.simulator.eventSub.banFromChat('otto', 'gusbackrow');
    await soon(() => expect(readersOf('channel.chat.notification')).toEqual({ fernhollow: 'ada_follows' }));
    await soon(() =>
      expect(app.hearing.status().chat).toEqual({
        covered: 1,
        exceptions: { [app.idOf('otto')]: expect.stringContaining('let in') },
      }),
    );
  });

  it('of more than a hundred are spread over the readers', async () => {
    const many = Array.from({ length: 130 }, (_, index) => `many${index}`);
    app = await startListening({
      viewer: { ...chatWish, favourites: [] },
      prepare({ simulator }) {
        for (const [index, login] of many.entries())
          simulator.world.addStreamer({ id: String(880_000 + index), login, displayName: login });
      },
    });
    await app.addUser('gusbackrow', { ...chatWish, favourites: many });
    await soon(() => expect(watchesOf('channel.chat.notification')).toHaveLength(100));
    await soon(async () => expect(await app.status()).toMatch(/1 user reads the chat of 100/));
    expect(Object.values(app.hearing.status().chat.exceptions)).toHaveLength(30);
    await app.favour('ada_follows', ...many);
    await chatsAre(130);
    const of = (login: string) =>
      watchesOf('channel.chat.notification').filter(({ user_id: id }) => id === app.idOf(login)).length;
    expect(of('gusbackrow') + of('ada_follows')).toBe(130);
    expect(Math.max(of('gusbackrow'), of('ada_follows'))).toBeLessThanOrEqual(100);
  });
});

describe('What is said in a chat', () => {
  it.each([
    'sub',
    'resub',
    'sub_gift',
    'community_sub_gift',
    'gift_paid_upgrade',
    'prime_paid_upgrade',
    'pay_it_forward',
    'raid',
    'announcement',
    'watch_streak',
    'bits_badge_tier',
    'modiversary',
    'charity_donation',
    'something_new',
  ])('is one entry (%s), however many subscriptions tell it', async (type) => {
    app = await startListening({ environment: { EVENTSUB_TRANSPORT: 'poll' } });
    const object = { id: 'b', ...person('user', '77') };
    const said = (messageId: string) => notice('chat-message', messageId, type, object);
    expect(await app.hearing.hear(said('x1'), 'websocket')).toBe('stored');
    expect(await app.hearing.hear(said('x2'), 'websocket')).toBe('known');
    expect(await app.hearing.hear(said('x3'), 'conduit')).toBe('known');
    expect(await entries()).toHaveLength(1);
    expect(await app.hearing.hear(notice('another', 'x4', type, object), 'websocket')).not.toBe('known');
  });

  it('names who got a gift of a bomb once', async () => {
    app = await startListening({ environment: { EVENTSUB_TRANSPORT: 'poll' } });
    for (const to of ['1', '2'])
      for (const source of ['websocket', 'conduit'] as const)
        await app.hearing.hear(notice(`gift-${to}`, `${source}-${to}`, 'sub_gift', giftOfBomb(to)), source);
    const [bomb] = await app.recent('otto');
    expect(bomb).toMatchObject({ kind: 'gift-bomb', amount: 2, payload: { to: [{ id: '1' }, { id: '2' }] } });
  });
});

describe('The own channel', () => {
  it('tells of follows and cheers when the broadcaster has connected it', async () => {
    app = await startListening({ viewer: { favourites: ['otto'] } });
    await app.addUser('otto', {
      scopes: ['moderator:read:followers', 'bits:read'],
      kinds: ['follows', 'bits'],
    });
    await soon(() => expect(watchesOf('channel.follow')).toHaveLength(1));
    await soon(() => expect(watchesOf('channel.cheer')).toHaveLength(1));
    await soon(() => expect(app.hearing.status().coverage.push).toBe(1));
    app.simulator.eventSub.follow('otto');
    app.simulator.eventSub.cheer('otto', 250);
    await soon(async () =>
      expect((await entries()).map(({ kind }) => kind).toSorted()).toEqual(['cheer', 'follow']),
    );
  });

  it('tells of a gift bomb once, although its chat is read too', async () => {
    app = await startListening({ viewer: { ...chatWish, favourites: ['otto'] } });
    await app.addUser('otto', { scopes: ['channel:read:subscriptions'], kinds: ['subs'] });
    await chatsAre(1);
    await soon(() => expect(watchesOf('channel.subscribe')).toHaveLength(1));
    await soon(() => expect(watchesOf('channel.subscription.gift')).toHaveLength(1));
    await soon(() => expect(app.hearing.status().coverage.push).toBe(1));
    app.simulator.eventSub.giftBomb('otto', 'hazelrove', 10);
    // By chat the bomb and its ten gifts, and as many by the broadcaster's own watches.
    await soon(() => expect(app.hearing.status().counts.heard).toBe(22));
    expect(await entries()).toEqual([{ kind: 'gift-bomb', amount: 10 }]);
  });
});

describe('A user who signs in with a second browser', () => {
  it('goes on reading chats although the first token has expired meanwhile', async () => {
    app = await startListening({
      environment: { EVENTSUB_TRANSPORT: 'poll' },
      viewer: { ...chatWish, favourites: ['otto'] },
    });
    await chatsAre(1);
    app.simulator.tokens.expireAccess(app.idOf('ada_follows'));
    expect((await signIn(app, app.browser())).status).toBe(303);
    expect(await app.store.tokens.find(app.idOf('ada_follows'))).toMatchObject({
      scopes: ['user:read:chat'],
    });
    expect(await app.store.watches.readers()).toHaveLength(1);
    expect((await app.viewer.get('/twitch/account')).status).toBe(200);
  });
});

describe('A user who has disconnected the app at Twitch', () => {
  it('is forgotten, and the open pages end', async () => {
    const id = await disconnect('conduit');
    await soon(async () => expect(await app.store.users.find(id)).toBeNull());
    expect(await app.store.tokens.find(id)).toBeNull();
    expect((await app.viewer.get('/twitch/status')).status).toBe(303);
  });

  it('is signed out everywhere where Twitch tells only that watches have ended', async () => {
    const id = await disconnect('websocket');
    await soon(async () => expect(await app.store.tokens.find(id)).toBeNull());
    expect((await app.viewer.get('/twitch/status')).status).toBe(303);
  });
});

async function disconnect(transport: string): Promise<string> {
  app = await startListening({
    environment: { EVENTSUB_TRANSPORT: transport },
    viewer: { ...chatWish, favourites: ['otto'] },
  });
  await soon(() => expect(app.hearing.status().coverage.push).toBe(1));
  await chatsAre(1);
  const stream = await openEventStream(`${app.origin}/twitch/live`, { Cookie: app.viewer.cookie });
  expect(stream.status).toBe(200);
  app.simulator.eventSub.disconnectApp('ada_follows');
  await stream.ended;
  return app.idOf('ada_follows');
}

function person(prefix: string, id: string): object {
  return { [`${prefix}_id`]: id, [`${prefix}_login`]: `p${id}`, [`${prefix}_name`]: `P${id}` };
}

function giftOfBomb(to: string): object {
  return { community_gift_id: 'b', ...person('recipient_user', to) };
}

/** What one subscription tells of something that otto's chat has said. */
function notice(chatMessageId: string, messageId: string, type: string, object: object): EventSubMessage {
  return {
    messageId,
    sentAt: new Date(),
    type: 'channel.chat.notification',
    version: '1',
    condition: {},
    subscriptionId: null,
    event: {
      ...person('broadcaster_user', app.idOf('otto')),
      ...person('chatter_user', '5'),
      chatter_is_anonymous: false,
      message_id: chatMessageId,
      message: { text: 'hi' },
      notice_type: type,
      [type]: object,
    },
  };
}
