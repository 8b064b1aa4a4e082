import { setTimeout as wait } from 'node:timers/promises';
import type { EventIntake } from './event-intake.ts';
import type { EventSubMessage, HearingLog, ReadMessage } from './event-sub.ts';
import type { EventOutcome, EventSource } from './stream-event.ts';

/** How many tries go by between two lines of the log about one that is owed. */
const sayEvery = 100;

export type PushSource = Exclude<EventSource, 'poll'>;

export type MessageHearer = ReturnType<typeof createMessageHearer>;

/** Understands what Twitch says and has it done or stored. */
export function createMessageHearer(parts: {
  readMessage: ReadMessage;
  intake: EventIntake;
  onLive: (streamerId: string) => void;
  /** `at`: when Twitch said so. */
  onAuthorizationRevoked: (userId: string, at: Date) => Promise<void>;
  onShardDisabled: () => void;
  /** An event from a socket is lost to push. */
  onLost: () => void;
  takeAgainMs: number[];
  now: () => Date;
  log: HearingLog;
}) {
  const { readMessage, intake, takeAgainMs, now, log } = parts;
  const counts = { heard: 0, unknown: 0, unreadable: 0, failed: 0 };
  const taking = new Set<Promise<void>>();
  const stopping = new AbortController();
  let lastEventAt: Date | null = null;

  async function hear(message: EventSubMessage, source: PushSource): Promise<EventOutcome | 'ignored'> {
    const heard = readMessage(message, source);
    switch (heard.what) {
      case 'event': {
        const outcome = await intake.take(heard.event);
        counts.heard += 1;
        lastEventAt = now();
        const isNews = outcome === 'stored' || outcome === 'merged';
        if (isNews && heard.event.kind === 'live') parts.onLive(heard.event.streamerId);
        return outcome;
      }
      case 'authorization-revoked':
        await parts.onAuthorizationRevoked(heard.userId, message.sentAt);
        return 'ignored';
      case 'shard-disabled':
        parts.onShardDisabled();
        return 'ignored';
      default:
        counts[heard.what] += 1;
        return 'ignored';
    }
  }

  /**
   * Nothing is sent again over a socket: what could not be stored is tried a few times more. A revocation is tried
   * until it is done, since nothing else finds what it takes along; there is at most one of each user.
   */
  async function persevere(message: EventSubMessage, source: PushSource): Promise<void> {
    const isOwed = message.type === 'user.authorization.revoke';
    for (let tries = 0; ; tries += 1) {
      try {
        await hear(message, source);
        return;
      } catch (error) {
        const isLast = tries >= takeAgainMs.length && !isOwed;
        if (isLast || stopping.signal.aborted) {
          counts.failed += 1;
          log.warn({ err: error, type: message.type }, 'An event from a socket could not be stored');
          parts.onLost();
          return;
        }
        if (tries % sayEvery === takeAgainMs.length) {
          log.warn({ err: error, tries }, 'A revocation cannot be carried out; it is tried until it can');
        }
        const pauseMs = takeAgainMs[tries] ?? takeAgainMs.at(-1) ?? 0;
        const jittered = pauseMs * (0.5 + Math.random());
        await wait(jittered, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  return {
    /** Resolves when it is committed. @throws whatever the database throws: Twitch may send it again */
    hear,

    /** For sockets: takes it, and never rejects. */
    hearFrom(source: PushSource): (message: EventSubMessage) => void {
      return (message) => {
        const persevering = persevere(message, source).finally(() => taking.delete(persevering));
        taking.add(persevering);
      };
    },

    counts: () => ({ ...counts }),
    lastEventAt: () => lastEventAt,

    /** Resolves when all that came has been stored, or tried once more. */
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(taking);
    },
  };
}
