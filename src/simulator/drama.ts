import type { Account } from './account.ts';
import { linesFor } from './chatter.ts';
import { isOwnChannelType } from './eventsub/catalogue.ts';
import type { EventSub } from './eventsub/index.ts';
import { between, pick, type Random } from './random.ts';
import type { World } from './world.ts';

/** What makes the demo worth watching: things happen to streamers whom somebody watches. */
export interface Drama {
  /** One thing happens, if anybody is watched. */
  step(): void;
  /** Takes a step about every `everyMs`, never at a steady beat, until `stop`; keeps no process alive. */
  start(everyMs?: number): void;
  stop(): void;
}

interface Parts {
  world: World;
  eventSub: EventSub;
  random: Random;
  now: () => Date;
}

type Scene = (streamer: Account) => void;

export function createDrama({ world, eventSub, random, now }: Parts): Drama {
  let timer: NodeJS.Timeout | undefined;
  const ageMs = ({ changedAt }: Account) => now().getTime() - changedAt.getTime();

  const isAsked = ({ askedAt }: Account) => askedAt !== null && now().getTime() - askedAt.getTime() < 180_000;
  const watched = () => {
    const subscribed = eventSub.subscribedTo();
    return world
      .everybody()
      .filter((account) => account.kind === 'streamer' && !account.banned)
      .filter((account) => subscribed.has(account.id) || isAsked(account));
  };
  const line = (streamer: Account) =>
    pick(random, linesFor(streamer.language)).replace('{name}', streamer.displayName);

  const raidIn: Scene = (streamer) => {
    const others = world.live().filter((other) => other !== streamer && ageMs(other) > 180_000);
    if (others.length > 0) raidFrom(pick(random, others), streamer);
  };
  const raidOut: Scene = (streamer) => {
    const others = world.live().filter((other) => other !== streamer);
    if (others.length > 0 && ageMs(streamer) > 180_000) raidFrom(streamer, pick(random, others));
    else retitle(streamer);
  };
  const raidFrom = (raider: Account, target: Account) => {
    const viewers = Math.max(2, Math.round((raider.broadcast?.viewers ?? 2) * (0.4 + random() * 0.4)));
    eventSub.raid(raider.login, target.login, viewers);
    const audience = (target.broadcast?.viewers ?? 0) + viewers;
    if (target.broadcast !== null) world.setViewers(target.login, audience);
    world.goOffline(raider.login);
  };
  const retitle: Scene = ({ login, category, title }) => {
    const titles = (category?.titles ?? []).filter((other) => other !== title);
    const twins = world.everybody().filter((other) => other.category !== null && other.category !== category);
    const isNewGame = random() < 0.4 && twins.length > 0;
    if (isNewGame) world.describeChannel(login, { category: pick(random, twins).category?.name ?? '' });
    else if (titles.length > 0) world.setTitle(login, pick(random, titles));
  };
  const sub: Scene = ({ login }) => eventSub.subscribe(login, { isPrime: random() < 0.4 });
  const resub: Scene = (streamer) => {
    const months = between(random, 2, 60);
    const streak = random() < 0.5 ? between(random, 1, months) : null;
    eventSub.resubscribe(streamer.login, { months, streak, message: line(streamer) });
  };
  const bomb: Scene = ({ login }) =>
    void eventSub.giftBomb(login, random() < 0.2 ? null : undefined, between(random, 1, 10) * 5);
  const gift: Scene = ({ login }) => eventSub.gift(login);
  const announce: Scene = (streamer) => eventSub.announce(streamer.login, line(streamer));
  const streak: Scene = (streamer) =>
    eventSub.watchStreak(streamer.login, between(random, 3, 40), { message: line(streamer) });
  const scenes = [
    raidIn,
    raidIn,
    raidOut,
    retitle,
    retitle,
    retitle,
    sub,
    resub,
    resub,
    bomb,
    bomb,
    gift,
    announce,
    streak,
  ];

  const own: readonly Scene[] = [
    ({ login }) => eventSub.follow(login),
    ({ login }) => eventSub.cheer(login, between(random, 1, 20) * 50),
    ({ login }) => eventSub.redeem(login),
    ({ login }) => eventSub.subscribe(login),
    ({ login }) => void eventSub.giftBomb(login, undefined, 5),
  ];
  const connected = () =>
    eventSub
      .subscriptions()
      .filter(({ type, status }) => status === 'enabled' && isOwnChannelType(type))
      .map(({ condition }) => world.findById(condition['broadcaster_user_id'] ?? ''))
      .filter((account) => account !== null);

  const step = () => {
    const owners = connected();
    if (owners.length > 0 && random() < 0.2) return pick(random, own)(pick(random, owners));
    const pool = watched();
    if (pool.length === 0) return;
    const live = pool.filter(({ broadcast }) => broadcast !== null);
    const resting = pool.filter((account) => account.broadcast === null && ageMs(account) > 90_000);
    const isQuiet = live.length * 2 < pool.length;
    if (resting.length > 0 && (live.length === 0 || random() < (isQuiet ? 0.3 : 0.05))) {
      const { login, popularity } = pick(random, resting);
      world.goLive(login, { viewers: Math.ceil(popularity * (0.05 + random() * 0.3)) });
    } else if (live.length > 0) pick(random, scenes)(pick(random, live));
  };

  return {
    step,
    start(everyMs = 6_000) {
      const next = () => {
        const waitMs = everyMs * (0.6 + random() * 0.8);
        timer = setTimeout(() => {
          step();
          next();
        }, waitMs).unref();
      };
      if (timer === undefined) next();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
