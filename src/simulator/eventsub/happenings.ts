import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import { somebody, type Somebody } from '../crowd.ts';
import type { Random } from '../random.ts';
import { WorldError, type World } from '../world.ts';
import { noticeOnWire, person, type Notice } from './notices.ts';
import type { Post } from './post.ts';
import { about, broadcaster } from './stream-events.ts';

export type Tier = '1000' | '2000' | '3000';

/** `by`: a login, `null` for anonymous where Twitch allows that; left out: anybody. `sharedFrom`: a login. */
export interface Given {
  by?: string | null | undefined;
  tier?: Tier;
  message?: string | undefined;
  sharedFrom?: string;
}

/** What happens among people. Each takes the channel's login first, and throws `WorldError` for unknown ones. */
export interface Happenings {
  /** It goes through at once: `channel.raid` in both directions, and a notice in the chat of `to`. */
  raid(from: string, to: string, viewers: number): void;
  subscribe(login: string, given?: Given & { isPrime?: boolean }): void;
  resubscribe(login: string, given?: Given & { months?: number | undefined; streak?: number | null }): void;
  gift(login: string, given?: Given & { to?: string | undefined }): void;
  /** One notice that tells the number, then one for each gift. Answers the id that holds them together. */
  giftBomb(login: string, by: string | null | undefined, total: number, given?: Omit<Given, 'by'>): string;
  upgradeSub(login: string, how: 'gift' | 'prime' | 'forward', given?: Given): void;
  announce(login: string, message: string, given?: Given & { color?: string }): void;
  watchStreak(login: string, streak: number, given?: Given): void;
  /** `value`: a tier of bits, or months. */
  milestone(login: string, what: 'bits_badge_tier' | 'modiversary', value: number, given?: Given): void;
  /** `amount` in cents of a dollar. */
  donate(login: string, amount: number, given?: Given): void;
  /** A kind that nobody knows yet. */
  oddNotice(login: string, type: string, says: string, given?: Given): void;
}

interface Parts {
  world: World;
  random: Random;
  post: Pick<Post, 'emit'>;
}

export function createHappenings({ world, random, post }: Parts): Happenings {
  const known = (login: string) => {
    const account = world.find(login);
    if (account === null) throw new WorldError(`There is no account named ${login}.`);
    return account;
  };
  const whoIs = (by: string | null | undefined) => (by === null ? null : somebody(world, random, by));
  const tell = (channel: Account, notice: Notice, sharedFrom?: string) => {
    const shared = sharedFrom === undefined ? {} : { sharedFrom: known(sharedFrom) };
    post.emit('channel.chat.notification', about(channel), noticeOnWire(channel, { ...notice, ...shared }));
  };
  const tellOwn = (channel: Account, type: string, fields: object, sharedFrom?: string) => {
    if (sharedFrom === undefined) post.emit(type, about(channel), { ...broadcaster(channel), ...fields });
  };
  const tellGift = (
    channel: Account,
    { by, to, tier, bomb, sharedFrom }: Gift,
    cumulative: number | null = null,
  ) => {
    const details = {
      duration_months: 1,
      cumulative_total: cumulative,
      ...person(to, 'recipient_'),
      sub_tier: tier,
      community_gift_id: bomb,
    };
    const says = `${nameOf(by)} gifted a Tier ${tier[0]} sub to ${to.name}!`;
    tell(channel, { type: 'sub_gift', details, by, says }, sharedFrom);
    tellOwn(channel, 'channel.subscribe', { ...person(to), tier, is_gift: true }, sharedFrom);
  };
  const tellGiftTotal = (channel: Account, by: Somebody | null, total: number, tier: Tier, shared?: string) =>
    tellOwn(
      channel,
      'channel.subscription.gift',
      {
        ...person(by),
        total,
        tier,
        cumulative_total: by === null ? null : total * 3,
        is_anonymous: by === null,
      },
      shared,
    );

  return {
    raid(from, to, viewers) {
      const [raider, target] = [known(from), known(to)];
      if (raider === target) throw new WorldError('Nobody can raid the own channel.');
      const event = { ...broadcaster(raider, 'from_'), ...broadcaster(target, 'to_'), viewers };
      post.emit('channel.raid', { from_broadcaster_user_id: raider.id }, event);
      post.emit('channel.raid', { to_broadcaster_user_id: target.id }, event);
      const by = somebody(world, random, from);
      const details = { ...person(by), viewer_count: viewers, profile_image_url: raider.portraitUrl ?? '' };
      tell(target, { type: 'raid', details, by, says: `${viewers} raiders from ${by.name} have joined!` });
    },
    subscribe(login, { by, tier = '1000', isPrime = false, sharedFrom } = {}) {
      const [channel, subscriber] = [known(login), somebody(world, random, by ?? undefined)];
      const details = { sub_tier: tier, is_prime: isPrime, duration_months: 1 };
      const says = `${subscriber.name} subscribed ${isPrime ? 'with Prime' : `at Tier ${tier[0]}`}.`;
      tell(channel, { type: 'sub', details, by: subscriber, says }, sharedFrom);
      tellOwn(channel, 'channel.subscribe', { ...person(subscriber), tier, is_gift: false }, sharedFrom);
    },
    resubscribe(login, { by, tier = '1000', months = 7, streak = null, message = '', sharedFrom } = {}) {
      const [channel, subscriber] = [known(login), somebody(world, random, by ?? undefined)];
      const details = {
        cumulative_months: months,
        duration_months: 1,
        streak_months: streak,
        sub_tier: tier,
        is_prime: false,
        is_gift: false,
        gifter_is_anonymous: null,
        ...person(null, 'gifter_'),
      };
      const says = `${subscriber.name} subscribed at Tier ${tier[0]}. They've subscribed for ${months} months!`;
      tell(channel, { type: 'resub', details, by: subscriber, says, message }, sharedFrom);
      const own = { cumulative_months: months, streak_months: streak, duration_months: 1 };
      const fields = { ...person(subscriber), tier, message: { text: message, emotes: [] }, ...own };
      tellOwn(channel, 'channel.subscription.message', fields, sharedFrom);
    },
    gift(login, { by, to, tier = '1000', sharedFrom } = {}) {
      const [channel, giver] = [known(login), whoIs(by)];
      const gift = { by: giver, to: somebody(world, random, to), tier, bomb: null, sharedFrom };
      tellGift(channel, gift, giver === null ? null : 3);
      tellGiftTotal(channel, giver, 1, tier, sharedFrom);
    },
    giftBomb(login, by, total, { tier = '1000', sharedFrom } = {}) {
      const [channel, giver, bomb] = [known(login), whoIs(by), randomUUID()];
      const cumulative = giver === null ? null : total * 3;
      const details = { id: bomb, total, sub_tier: tier, cumulative_total: cumulative };
      const says = `${nameOf(giver)} is gifting ${total} Tier ${tier[0]} Subs to ${channel.displayName}'s community!`;
      tell(channel, { type: 'community_sub_gift', details, by: giver, says }, sharedFrom);
      tellGiftTotal(channel, giver, total, tier, sharedFrom);
      for (let count = 0; count < total; count += 1)
        tellGift(channel, { by: giver, to: somebody(world, random), tier, bomb, sharedFrom });
      return bomb;
    },
    upgradeSub(login, how, { by, tier = '1000', sharedFrom } = {}) {
      const [channel, upgrader] = [known(login), somebody(world, random, by ?? undefined)];
      const gifter = { gifter_is_anonymous: false, ...person(somebody(world, random), 'gifter_') };
      const details = {
        gift: gifter,
        prime: { sub_tier: tier },
        forward: { ...gifter, ...person(somebody(world, random), 'recipient_') },
      }[how];
      const type = { gift: 'gift_paid_upgrade', prime: 'prime_paid_upgrade', forward: 'pay_it_forward' }[how];
      const says = `${upgrader.name} ${how === 'forward' ? 'is paying a gift forward' : 'keeps the sub going'}!`;
      tell(channel, { type, details, by: upgrader, says }, sharedFrom);
    },
    announce(login, message, { by, color = 'PRIMARY', sharedFrom } = {}) {
      const channel = known(login);
      const speaker = somebody(world, random, by ?? login);
      tell(channel, { type: 'announcement', details: { color }, by: speaker, says: '', message }, sharedFrom);
    },
    watchStreak(login, streak, { by, message = '' } = {}) {
      const [channel, watcher] = [known(login), somebody(world, random, by ?? undefined)];
      const details = { streak_count: streak, channel_points_awarded: 350 };
      const says = `${watcher.name} watched ${streak} consecutive streams and sparked a watch streak!`;
      tell(channel, { type: 'watch_streak', details, by: watcher, says, message });
    },
    milestone(login, what, value, { by, sharedFrom } = {}) {
      const [channel, hero] = [known(login), somebody(world, random, by ?? undefined)];
      const isBadge = what === 'bits_badge_tier';
      const says = isBadge
        ? `${hero.name} earned a ${value} Bits badge!`
        : `${hero.name} moderates for ${value} months!`;
      tell(
        channel,
        { type: what, details: isBadge ? { tier: value } : { months: value }, by: hero, says },
        sharedFrom,
      );
    },
    donate(login, amount, { by } = {}) {
      const [channel, donor] = [known(login), somebody(world, random, by ?? undefined)];
      const details = {
        charity_name: 'Lighthouse Friends',
        amount: { value: amount, decimal_place: 2, currency: 'USD' },
      };
      const says = `${donor.name} donated to support Lighthouse Friends!`;
      tell(channel, { type: 'charity_donation', details, by: donor, says });
    },
    oddNotice(login, type, says, { by, message = '' } = {}) {
      const [channel, speaker] = [known(login), somebody(world, random, by ?? undefined)];
      tell(channel, { type, details: null, by: speaker, says, message });
    },
  };
}

interface Gift {
  by: Somebody | null;
  to: Somebody;
  tier: Tier;
  bomb: string | null;
  sharedFrom: string | undefined;
}

function nameOf(by: Somebody | null): string {
  return by?.name ?? 'An anonymous user';
}
