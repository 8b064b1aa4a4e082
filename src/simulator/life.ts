import type { Account } from './account.ts';
import { titlesByLanguage } from './cast.ts';
import { between, pick, type Random } from './random.ts';
import type { World } from './world.ts';

const minute = 60_000;

export interface Life {
  /** About a third of the streamers begin some time in the last hours. */
  begin(): void;
  /** A few seconds of the world: audiences drift, now and then somebody comes, goes or changes the title. */
  step(): void;
  /** Takes a step every `everyMs` until `stop`; keeps no process alive. */
  start(everyMs?: number): void;
  stop(): void;
}

export function createLife({ world, random, now }: { world: World; random: Random; now: () => Date }): Life {
  let timer: NodeJS.Timeout | undefined;
  const streamers = () => world.everybody().filter(({ kind, banned }) => kind === 'streamer' && !banned);
  const ageOf = (account: Account) => now().getTime() - account.changedAt.getTime();

  const step = () => {
    for (const account of world.live()) drift(world, account, random);
    const chance = random();
    if (chance < 0.15) comeOrGo();
    else if (chance < 0.25) retitle(world, random);
  };
  const comeOrGo = () => {
    const third = streamers().length / 3;
    const goes = random() < world.live().length / (2 * third);
    const rested = streamers().filter(
      (account) => (account.broadcast !== null) === goes && ageOf(account) > (goes ? 3 : 1.5) * minute,
    );
    const asked = rested.filter(
      ({ askedAt }) => askedAt !== null && now().getTime() - askedAt.getTime() < 3 * minute,
    );
    const pool = asked.length > 0 && random() < 0.4 ? asked : rested;
    if (pool.length === 0) return;
    const { login, popularity } = pick(random, pool);
    if (goes) world.goOffline(login);
    else world.goLive(login, { viewers: Math.ceil(popularity * (0.05 + random() * 0.3)) });
  };

  return {
    begin() {
      for (const { login, popularity } of streamers()) {
        if (random() > 1 / 3) continue;
        const startedAt = new Date(now().getTime() - between(random, 4, 400) * minute);
        world.goLive(login, { startedAt, viewers: Math.ceil(popularity * (0.6 + random() * 0.6)) });
      }
      for (const account of streamers()) account.changedAt = new Date(now().getTime() - 5 * minute);
    },
    step,
    start(everyMs = 4000) {
      timer ??= setInterval(step, everyMs).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** An audience wanders towards its usual size. */
function drift(world: World, account: Account, random: Random): void {
  const viewers = account.broadcast?.viewers ?? 0;
  const pull = (account.popularity - viewers) * 0.01;
  const change = Math.round(pull + viewers * (random() - 0.5) * 0.04 + (random() - 0.5) * 2);
  if (change !== 0) world.setViewers(account.login, Math.max(0, viewers + change));
}

function retitle(world: World, random: Random): void {
  const speaking = world.live().filter(({ category }) => category !== null);
  if (speaking.length === 0) return;
  const { login, language, category, title } = pick(random, speaking);
  const choices = (titlesByLanguage[language] ?? category?.titles ?? []).filter((choice) => choice !== title);
  if (choices.length > 0) world.setTitle(login, pick(random, choices));
}
