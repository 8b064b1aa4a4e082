import {
  nameOf,
  type Course,
  type EventKind,
  type EventPayloads,
  type Person,
} from '../domain/stream-event.ts';
import type { SubTier } from '../domain/stream-event.ts';
import type { EventWords } from './event-words.ts';
import { count, lasting } from './format.ts';
import { name, phrase, text, type Phrase, type Said } from './phrase.ts';

/** What an entry says, where a part that it lacks is left out. */
export type Saying = Pick<EventWords, 'icon' | 'sentence'> & Partial<EventWords>;

/** What each kind says. Twitch's own words are quoted, never mixed into ours. */
export const sayings: { [Kind in EventKind]: (payload: EventPayloads[Kind]) => Saying } = {
  live: ({ isRestart, title, category }) => ({
    icon: 'live',
    sentence: isRestart ? phrase`Came back after a short break` : phrase`Went live`,
    quote: title,
    details: only(category),
  }),
  offline: ({ durationS, category }) => ({
    icon: 'moon',
    sentence: durationS === null ? phrase`Went offline` : phrase`Went offline after ${lasting(durationS)}`,
    details: only(category),
  }),
  update: sayUpdate,
  raid: ({ from, viewers }) => ({
    icon: 'arrive',
    sentence: phrase`Was raided by ${of(from)} with ${many(viewers, 'viewer')}`,
  }),
  'raid-out': ({ to, viewers }) => ({
    icon: 'leave',
    sentence: phrase`Raided ${of(to)} with ${many(viewers, 'viewer')}`,
  }),
  renamed: ({ from, to }) => ({
    icon: 'person',
    sentence: phrase`Changed name from ${name(from)} to ${name(to)}`,
  }),
  unavailable: () => ({ icon: 'person', sentence: phrase`Is no longer on Twitch` }),
  available: () => ({ icon: 'person', sentence: phrase`Is back on Twitch` }),
  sub: ({ by, tier, isGift }) => ({
    icon: 'star',
    sentence: isGift ? phrase`${of(by)} was given a sub` : phrase`${of(by)} subscribed`,
    details: level(tier),
  }),
  resub: ({ by, tier, months, streak, gifter, message }) => ({
    icon: 'star',
    sentence: phrase`${of(by)} has subscribed for ${many(months, 'month')}`,
    quote: message,
    details: [
      ...level(tier),
      ...(streak === null || streak < 2 ? [] : [phrase`${count(streak)} months in a row`]),
      ...(gifter === null ? [] : [phrase`A gift from ${of(gifter)}`]),
    ],
  }),
  gift: ({ by, to, tier, months }) => ({
    icon: 'gift',
    sentence: phrase`${of(by)} gave ${to === null ? 'somebody' : of(to)} a sub`,
    details: [...level(tier), ...(months > 1 ? [phrase`For ${many(months, 'month')}`] : [])],
  }),
  'gift-bomb': ({ by, total, tier, cumulative, to }) => ({
    icon: 'gift',
    sentence:
      total === null
        ? phrase`${of(by)} is giving away subs`
        : phrase`${of(by)} gave away ${many(total, 'sub')}`,
    details: [
      ...receivers(to, total),
      ...level(tier),
      ...(cumulative === null ? [] : [phrase`${count(cumulative)} so far in this channel`]),
    ],
  }),
  upgrade: ({ by, how, gifter, to, tier }) => ({
    icon: 'star',
    sentence: {
      gift: phrase`${of(by)} continues a sub that ${gifter === null ? 'somebody' : of(gifter)} gave`,
      prime: phrase`${of(by)} went from Prime to a paid sub`,
      forward: phrase`${of(by)} paid a gifted sub forward${to === null ? '' : phrase` to ${of(to)}`}`,
    }[how],
    details: tier === null ? [] : level(tier),
  }),
  announcement: ({ by, message }) => ({
    icon: 'megaphone',
    sentence: phrase`${of(by)} made an announcement`,
    quote: message,
  }),
  'watch-streak': ({ by, streak, message }) => ({
    icon: 'clock',
    sentence: phrase`${of(by)} has watched ${many(streak, 'stream')} in a row`,
    quote: message,
  }),
  milestone: ({ by, what, value }) => ({
    icon: 'spark',
    sentence:
      what === 'bits-badge'
        ? phrase`${of(by)} earned the badge for ${many(value, 'bit')}`
        : phrase`${of(by)} has been a moderator for ${many(value, 'month')}`,
  }),
  charity: sayCharity,
  notice: ({ by, text: words, message }) => ({
    icon: 'bell',
    sentence: words === '' ? phrase`${of(by)} had a notice in chat` : [text(words)],
    quote: message,
  }),
  follow: ({ by }) => ({ icon: 'heart', sentence: phrase`${of(by)} follows` }),
  cheer: ({ by, bits, what, message }) => ({
    icon: 'spark',
    sentence:
      what === 'cheer'
        ? phrase`${of(by)} cheered with ${many(bits, 'bit')}`
        : phrase`${of(by)} used a power-up for ${many(bits, 'bit')}`,
    quote: message,
  }),
  'hype-train': ({ level: reached, course, total, goal }) => ({
    icon: 'flag',
    sentence: isOver(course)
      ? phrase`Hype train ended at level ${count(reached)}`
      : phrase`Hype train at level ${count(reached)}`,
    details: [
      isOver(course) || goal === null
        ? phrase`${count(total)} points`
        : phrase`${count(total)} of ${count(goal)} points to the next level`,
    ],
  }),
  poll: ({ title, choices, course }) => ({
    icon: 'bars',
    sentence: phrase`Poll${ending(course, 'open')}`,
    quote: title,
    details: choices.map(({ title: choice, votes }) =>
      votes === null ? [text(choice)] : phrase`${text(choice)}: ${many(votes, 'vote')}`,
    ),
  }),
  prediction: ({ title, outcomes, course }) => ({
    icon: 'bars',
    sentence: phrase`Prediction${ending(course, 'open')}`,
    quote: title,
    details: outcomes.map(({ title: outcome, points, isWinner }) => {
      const stake = points === null ? '' : `: ${many(points, 'point')}`;
      return phrase`${text(outcome)}${stake}${isWinner ? ' (won)' : ''}`;
    }),
  }),
  goal: ({ description, type, current, target, course, isAchieved }) => ({
    icon: 'flag',
    sentence: isAchieved
      ? phrase`Reached a goal: ${count(current)} of ${count(target)} ${goalOf(type)}`
      : phrase`${isOver(course) ? 'A goal ended' : 'Goal'}: ${count(current)} of ${count(target)} ${goalOf(type)}`,
    quote: description,
  }),
  'channel-points': ({ by, reward, cost, input }) => ({
    icon: 'spark',
    sentence: phrase`${of(by)} redeemed ${text(reward)} for ${many(cost, 'point')}`,
    quote: input,
  }),
  shoutout: ({ direction, other, viewers }) => ({
    icon: 'megaphone',
    sentence:
      direction === 'given' ? phrase`Gave ${of(other)} a shoutout` : phrase`Got a shoutout from ${of(other)}`,
    details: viewers > 0 ? [phrase`${many(viewers, 'viewer')} saw it`] : [],
  }),
  'ad-break': ({ durationS }) => ({ icon: 'clock', sentence: phrase`Ad break of ${lasting(durationS)}` }),
};

function sayUpdate({ title, category, before }: EventPayloads['update']): Saying {
  const isTitleNew = before === null || before.title !== title;
  const isCategoryNew = before === null || before.category !== category;
  const sentence =
    isTitleNew && isCategoryNew
      ? phrase`New title and category`
      : isCategoryNew
        ? phrase`New category: ${text(category || 'none')}`
        : isTitleNew
          ? phrase`New title`
          : phrase`Changed the channel’s details`;
  const was = [
    ...(isTitleNew && before?.title ? [phrase`Title was: ${text(before.title)}`] : []),
    ...(isCategoryNew && before?.category ? [phrase`Category was: ${text(before.category)}`] : []),
  ];
  return {
    icon: 'pencil',
    sentence,
    quote: isTitleNew ? title : null,
    details: [...(isTitleNew && isCategoryNew ? only(category) : []), ...was],
  };
}

function sayCharity({ by, charity, amount, target, course }: EventPayloads['charity']): Saying {
  const details = target === null || target === '' ? [] : [phrase`Goal: ${text(target)}`];
  if (course === null) {
    return {
      icon: 'heart',
      sentence: phrase`${of(by)} donated ${text(amount)} to ${text(charity)}`,
      details,
    };
  }
  const sentence = isOver(course)
    ? phrase`Raised ${text(amount)} for ${text(charity)}`
    : phrase`Raises money for ${text(charity)}: ${text(amount)} so far`;
  return { icon: 'heart', sentence, details };
}

function of(person: Person | null): Said {
  return name(nameOf(person));
}

function many(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

function only(words: string | null): Phrase[] {
  return words === null || words === '' ? [] : [[text(words)]];
}

function level(tier: SubTier): Phrase[] {
  if (tier === '1') return [];
  return tier === 'prime' ? [phrase`With Prime`] : [phrase`Tier ${tier}`];
}

function receivers(to: Person[], total: number | null): Phrase[] {
  if (to.length === 0) return [];
  const names = to.map((person, index) => (index === 0 ? phrase`${of(person)}` : phrase`, ${of(person)}`));
  const others = total === null ? 0 : total - to.length;
  return [phrase`To ${names.flat()}${others > 0 ? ` and ${count(others)} more` : ''}`];
}

function isOver(course: Course): boolean {
  return course === 'ended' || course === 'cancelled';
}

function ending(course: Course, running: string): string {
  return ` ${{ running, locked: 'locked', ended: 'ended', cancelled: 'cancelled' }[course]}`;
}

function goalOf(type: string): string {
  if (type.includes('follow')) return 'followers';
  if (type.includes('bit')) return 'bits';
  return type.includes('sub') ? 'subs' : 'points';
}
