import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import { somebody } from '../crowd.ts';
import type { Random } from '../random.ts';
import { WorldError, type World } from '../world.ts';
import { person } from './notices.ts';
import type { Post } from './post.ts';
import { about, broadcaster } from './stream-events.ts';
import { timeOnWire } from './time.ts';

/** What goes on for a while: `begin` starts a new one, the others go on with it; `end` forgets it. */
export type Step = 'begin' | 'progress' | 'end';

/** What only broadcasters who let the application in hear of their own channel. Each takes their login first. */
export interface OwnChannel {
  follow(login: string, by?: string): void;
  /** Tells both `channel.cheer` and `channel.bits.use`, as Twitch does. `by` `null`: anonymous. */
  cheer(login: string, bits: number, message?: string, by?: string | null): void;
  powerUp(login: string, bits: number, by?: string): void;
  hypeTrain(login: string, step: Step, level?: number): void;
  poll(login: string, step: Step): void;
  prediction(login: string, step: Step | 'lock'): void;
  goal(login: string, step: Step): void;
  charityCampaign(login: string, step: Step): void;
  redeem(login: string, input?: string, by?: string): void;
  redeemAutomatic(login: string, by?: string): void;
  /** Tells the giver and the receiver, each if they let the application in. */
  shoutout(from: string, to: string, viewers: number): void;
  adBreak(login: string, seconds: number): void;
}

interface Parts {
  world: World;
  random: Random;
  post: Pick<Post, 'emit'>;
  now: () => Date;
}

export function createOwnChannel({ world, random, post, now }: Parts): OwnChannel {
  const running = new Map<string, Course>();
  const known = (login: string) => {
    const account = world.find(login);
    if (account === null) throw new WorldError(`There is no account named ${login}.`);
    return account;
  };
  const tell = (channel: Account, type: string, fields: object) =>
    post.emit(type, about(channel), { ...broadcaster(channel), ...fields });
  const anybody = (by?: string) => person(somebody(world, random, by));
  const time = (inMs = 0) => timeOnWire(new Date(now().getTime() + inMs));
  const course = (channel: Account, what: string, step: string): Course => {
    const key = `${what} ${channel.id}`;
    const going = step === 'begin' ? undefined : running.get(key);
    const { id, startedAt, count } = going ?? { id: randomUUID(), startedAt: time(), count: 0 };
    const found = { id, startedAt, count: count + 1 };
    if (step === 'end') running.delete(key);
    else running.set(key, found);
    return found;
  };

  return {
    follow: (login, by) => tell(known(login), 'channel.follow', { ...anybody(by), followed_at: time() }),
    cheer(login, bits, message = `Cheer${bits}`, by) {
      const channel = known(login);
      const who = by === null ? person(null) : anybody(by);
      tell(channel, 'channel.cheer', { is_anonymous: by === null, ...who, message, bits });
      const used = { type: 'cheer', message: { text: message, fragments: [] }, power_up: null };
      if (by !== null) tell(channel, 'channel.bits.use', { ...who, bits, ...used, custom_power_up: null });
    },
    powerUp(login, bits, by) {
      const power_up = { type: 'celebration', emote: null, message_effect_id: null };
      const used = { type: 'power_up', message: null, power_up, custom_power_up: null };
      tell(known(login), 'channel.bits.use', { ...anybody(by), bits, ...used });
    },
    hypeTrain(login, step, level) {
      const channel = known(login);
      const { id, startedAt, count } = course(channel, 'hype train', step);
      const total = count * 900;
      const common = { id, total, level: level ?? count, top_contributions: [], is_shared_train: false };
      const state = { shared_train_participants: null, type: 'regular', started_at: startedAt };
      const records = { all_time_high_level: 9, all_time_high_total: 40_000 };
      const going = { progress: total % 800, goal: 1_800, expires_at: time(300_000) };
      const ended = { ended_at: time(), cooldown_ends_at: time(3_600_000) };
      const more = step === 'end' ? ended : { ...going, ...(step === 'begin' ? records : {}) };
      tell(channel, `channel.hype_train.${step}`, { ...common, ...state, ...more });
    },
    poll(login, step) {
      const channel = known(login);
      const { id, startedAt, count } = course(channel, 'poll', step);
      const choices = ['Left at the lighthouse', 'Right at the lighthouse'].map((title, index) => {
        const votes =
          step === 'begin' ? {} : { votes: count * (7 + index * 4), channel_points_votes: 0, bits_votes: 0 };
        return { id: `${id}-${index}`, title, ...votes };
      });
      const voting = { is_enabled: false, amount_per_vote: 0 };
      const ends = step === 'end' ? { status: 'completed', ended_at: time() } : { ends_at: time(120_000) };
      const fields = { id, title: 'Which way?', choices, bits_voting: voting, channel_points_voting: voting };
      tell(channel, `channel.poll.${step}`, { ...fields, started_at: startedAt, ...ends });
    },
    prediction(login, step) {
      const channel = known(login);
      const { id, startedAt, count } = course(channel, 'prediction', step);
      const outcomes = ['Before midnight', 'Not today'].map((title, index) => ({
        id: `${id}-${index}`,
        title,
        color: index === 0 ? 'blue' : 'pink',
        ...(step === 'begin' ? {} : { users: count * 3, channel_points: count * 1_500, top_predictors: [] }),
      }));
      const ended = { winning_outcome_id: `${id}-0`, status: 'resolved', ended_at: time() };
      const ends =
        step === 'end' ? ended : step === 'lock' ? { locked_at: time() } : { locks_at: time(120_000) };
      const fields = { id, title: 'Will it float?', outcomes, started_at: startedAt };
      tell(channel, `channel.prediction.${step}`, { ...fields, ...ends });
    },
    goal(login, step) {
      const channel = known(login);
      const { id, startedAt, count } = course(channel, 'goal', step);
      const amounts = { current_amount: 20 + count * 10, target_amount: 50 };
      const ends = step === 'end' ? { is_achieved: 20 + count * 10 >= 50, ended_at: time() } : {};
      const fields = { id, type: 'follow', description: 'A new lantern', ...amounts, started_at: startedAt };
      tell(channel, `channel.goal.${step}`, { ...fields, ...ends });
    },
    charityCampaign(login, step) {
      const channel = known(login);
      const { id, login: name, displayName } = channel;
      const going = course(channel, 'charity', step);
      const word = { begin: 'start', progress: 'progress', end: 'stop' }[step];
      const ends =
        step === 'begin' ? { started_at: going.startedAt } : step === 'end' ? { stopped_at: time() } : {};
      // These name the channel without the word user.
      post.emit(
        `channel.charity_campaign.${word}`,
        { broadcaster_user_id: id },
        {
          id: going.id,
          broadcaster_id: id,
          broadcaster_login: name,
          broadcaster_name: displayName,
          charity_name: 'Lighthouse Friends',
          charity_description: 'Keeps the lamps lit.',
          charity_logo: '',
          charity_website: '',
          current_amount: dollars((going.count - 1) * 12_500),
          target_amount: dollars(100_000),
          ...ends,
        },
      );
    },
    redeem(login, input = 'Drink something', by) {
      const reward = { id: randomUUID(), title: 'Hydrate', cost: 500, prompt: 'What to drink' };
      const fields = { id: randomUUID(), ...anybody(by), user_input: input, status: 'unfulfilled', reward };
      const type = 'channel.channel_points_custom_reward_redemption.add';
      tell(known(login), type, { ...fields, redeemed_at: time() });
    },
    redeemAutomatic(login, by) {
      const reward = { type: 'send_highlighted_message', channel_points: 100, emote: null };
      const message = { text: 'Look here', fragments: [] };
      const fields = { id: randomUUID(), ...anybody(by), reward, message, redeemed_at: time() };
      tell(known(login), 'channel.channel_points_automatic_reward_redemption.add', fields);
    },
    shoutout(from, to, viewers) {
      const [giver, receiver] = [known(from), known(to)];
      const ends = { cooldown_ends_at: time(120_000), target_cooldown_ends_at: time(3_600_000) };
      const moderator = person({ id: giver.id, login: giver.login, name: giver.displayName }, 'moderator_');
      const common = { viewer_count: viewers, started_at: time() };
      tell(giver, 'channel.shoutout.create', {
        ...broadcaster(receiver, 'to_'),
        ...moderator,
        ...common,
        ...ends,
      });
      tell(receiver, 'channel.shoutout.receive', { ...broadcaster(giver, 'from_'), ...common });
    },
    adBreak(login, seconds) {
      const channel = known(login);
      const requester = person(
        { id: channel.id, login: channel.login, name: channel.displayName },
        'requester_',
      );
      const fields = { duration_seconds: seconds, started_at: time(), is_automatic: false, ...requester };
      tell(channel, 'channel.ad_break.begin', fields);
    },
  };
}

interface Course {
  id: string;
  startedAt: string;
  /** Which message about it this is, from 1. */
  count: number;
}

function dollars(cents: number): object {
  return { value: cents, decimal_places: 2, currency: 'USD' };
}
