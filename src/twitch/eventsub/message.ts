import type { TwitchEvent, TwitchEventSource } from './event.ts';
import { readChannelEvent } from './channel-wire.ts';
import { readChatEvent } from './chat-wire.ts';
import { readCourseEvent } from './course-wire.ts';
import { readFields } from './fields.ts';
import { readStreamEvent } from './stream-wire.ts';

/** A notification, whichever way it came; `event` is Twitch's own and not looked into yet. */
export interface EventSubMessage {
  /** 1 to 255 letters, digits and signs of base64 or a UUID; equal for every delivery of one message. */
  messageId: string;
  sentAt: Date;
  type: string;
  version: string;
  /** As Twitch has it: what was not set may be an empty text. */
  condition: Record<string, string>;
  subscriptionId: string | null;
  event: unknown;
}

/** What a message turns out to say. `unknown`: a type or notice that we do not tell of. */
export type Heard =
  | { what: 'event'; event: TwitchEvent }
  | { what: 'authorization-revoked'; userId: string }
  | { what: 'shard-disabled'; conduitId: string; shardId: string; status: string }
  | { what: 'unknown'; type: string }
  | { what: 'unreadable'; type: string };

// Each says `null` to the types of the others.
const families = [readStreamEvent, readChatEvent, readChannelEvent, readCourseEvent];

// What fits the integers of every database.
const largestAmount = 2_147_483_647;

/** Understands one message; never throws. Source: Twitch's EventSub reference. */
export function readMessage(message: EventSubMessage, source: TwitchEventSource): Heard {
  const { type, messageId } = message;
  try {
    if (type === 'user.authorization.revoke') return readRevocation(message);
    if (type === 'conduit.shard.disabled') return readShard(message);
    for (const read of families) {
      const draft = read(message);
      if (draft) {
        const at = plausible(draft.happenedAt, message.sentAt);
        const amount = draft.amount === null ? null : Math.min(draft.amount, largestAmount);
        const { happenedAt: _, chatMessageId, ...told } = draft;
        const id = chatMessageId === undefined ? messageId : `chat:${told.streamerId}:${chatMessageId}`;
        return { what: 'event', event: { ...told, amount, messageId: id, type, source, at, isLate: false } };
      }
    }
    return { what: 'unknown', type };
  } catch {
    return { what: 'unreadable', type };
  }
}

function readRevocation({ event }: EventSubMessage): Heard {
  return { what: 'authorization-revoked', userId: readFields(event).id('user_id') };
}

function readShard({ event }: EventSubMessage): Heard {
  const fields = readFields(event);
  return {
    what: 'shard-disabled',
    conduitId: fields.key('conduit_id'),
    shardId: fields.key('shard_id'),
    status: fields.text('status', 128),
  };
}

// Twitch's empty time is the year 1, and a clock far ahead would pin an entry to the top of the history.
function plausible(happenedAt: Date | null, sentAt: Date): Date {
  if (!happenedAt) return sentAt;
  const ahead = happenedAt.getTime() - sentAt.getTime();
  return ahead > 60_000 || ahead < -7 * 86_400_000 ? sentAt : happenedAt;
}
