import { charityAmount } from './alike.ts';
import type { EventCourse, EventDraft, TwitchEventBody } from './event.ts';
import { readFields, type Fields } from './fields.ts';
import type { EventSubMessage } from './message.ts';

// What goes on for a while, by the middle of its types' names: `channel.poll.progress`.
const readers: Record<string, (fields: Fields, course: EventCourse) => TwitchEventBody> = {
  hype_train: (fields, course) => ({
    kind: 'hype-train',
    payload: {
      level: fields.count('level'),
      total: fields.count('total'),
      goal: fields.countOrNull('goal'),
      course,
      endsAt: fields.time(course === 'running' ? 'expires_at' : 'ended_at'),
    },
  }),
  poll: (fields, course) => ({
    kind: 'poll',
    payload: {
      title: fields.text('title', 500),
      choices: fields
        .parts('choices', 10)
        .map((choice) => ({ title: choice.text('title', 128), votes: choice.countOrNull('votes') })),
      course,
      endsAt: fields.time(course === 'running' ? 'ends_at' : 'ended_at'),
    },
  }),
  prediction: (fields, course) => {
    const winner = fields.keyOrNull('winning_outcome_id');
    return {
      kind: 'prediction',
      payload: {
        title: fields.text('title', 500),
        outcomes: fields.parts('outcomes', 20).map((outcome) => ({
          title: outcome.text('title', 128),
          points: outcome.countOrNull('channel_points'),
          users: outcome.countOrNull('users'),
          isWinner: winner !== null && outcome.keyOrNull('id') === winner,
        })),
        course,
        endsAt: fields.time(ends[course]),
      },
    };
  },
  goal: (fields, course) => ({
    kind: 'goal',
    payload: {
      type: fields.text('type', 64),
      description: fields.text('description', 500),
      current: fields.count('current_amount'),
      target: fields.count('target_amount'),
      course,
      isAchieved: fields.flag('is_achieved'),
    },
  }),
  charity_campaign: (fields, course) => ({
    kind: 'charity',
    payload: {
      by: null,
      charity: fields.text('charity_name', 128),
      amount: charityAmount(fields.part('current_amount')),
      target: fields.has('target_amount') ? charityAmount(fields.part('target_amount')) : null,
      course,
      sharedFrom: null,
    },
  }),
};

// Of a prediction: until when points can be set, then when it was decided.
const ends: Record<EventCourse, string> = {
  running: 'locks_at',
  locked: 'locked_at',
  ended: 'ended_at',
  cancelled: 'ended_at',
};

const steps: Record<string, EventCourse> = {
  begin: 'running',
  start: 'running',
  progress: 'running',
  lock: 'locked',
  end: 'ended',
  stop: 'ended',
};

/**
 * Hype trains, polls, predictions, goals and charity campaigns; `null` for other types. Each message counts at
 * the time it was sent, for that puts the words about one thing in order.
 */
export function readCourseEvent({ type, event }: EventSubMessage): EventDraft | null {
  const [channel, subject = '', step = '', ...rest] = type.split('.');
  if (channel !== 'channel' || rest.length > 0) return null;
  const read = Object.hasOwn(readers, subject) ? readers[subject] : undefined;
  const usual = Object.hasOwn(steps, step) ? steps[step] : undefined;
  if (!read || !usual) return null;
  const fields = readFields(event);
  const isCancelled = usual === 'ended' && /^cancell?ed$/.test(fields.text('status', 16));
  const body = read(fields, isCancelled ? 'cancelled' : usual);
  return {
    ...body,
    // Charity campaigns are documented with the shorter name.
    streamerId: fields.idOrNull('broadcaster_user_id') ?? fields.id('broadcaster_id'),
    happenedAt: null,
    amount: null,
    relation: { how: 'course', key: `${body.kind}:${fields.key('id')}` },
  };
}
