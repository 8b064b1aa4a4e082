import type { HearingLog } from './event-sub.ts';
import type { TransportName } from './hearing-status.ts';
import type { Candidate, Ending, Transport } from './transport.ts';

export type TransportChoice = ReturnType<typeof createTransportChoice>;

interface Running {
  name: TransportName;
  /** `null`: the poll, which runs anyway and always works. */
  transport: Transport | null;
  since: number;
  lastWorkedAt: number;
  /** The most that was made of it, and when it became so much. */
  made: { most: number; at: number };
}

const words: Record<TransportName, string> = {
  webhook: 'Twitch calls our public address',
  conduit: 'a conduit on sockets, with the token of the app',
  websocket: 'sockets with the tokens of signed-in users',
  poll: 'the lists of Twitch, asked again and again',
};

/**
 * Chooses how we hear. It begins with the poll and climbs: the best candidate that works is taken, the next
 * when it has not worked for `patienceMs`, and better ones are tried again every `retryBetterMs`. Thousands
 * of watches take minutes to make: patience with what is tried begins anew with all that is made. On a change
 * the new one works before the old one ends. A single candidate with `isFixed` is never left.
 */
export function createTransportChoice(parts: {
  /** The best first. */
  candidates: Candidate[];
  isFixed: boolean;
  patienceMs: number;
  retryBetterMs: number;
  now: () => Date;
  onChange: () => void;
  log: HearingLog;
}) {
  const { candidates, isFixed, patienceMs, retryBetterMs, onChange, log } = parts;
  const nowMs = () => parts.now().getTime();
  const failures = new Map<TransportName, { at: number; why: string }>();
  let present: Running = running('poll', null);
  let trial: Running | null = null;
  let looking: Promise<void> | null = null;
  let isStopped = false;

  async function look(): Promise<void> {
    if ((present.transport?.trouble() ?? null) === null) present.lastWorkedAt = nowMs();
    if (isFixed) await standFast();
    else if (trial === null) await begin();
    else await judge(trial);
  }

  async function standFast(): Promise<void> {
    const [candidate] = candidates;
    if (candidate === undefined || present.transport !== null) return;
    const obstacle = await candidate.obstacle();
    if (isStopped) return;
    if (obstacle !== null) failures.set(candidate.name, { at: nowMs(), why: obstacle });
    else take(running(candidate.name, candidate.open()));
  }

  /** Tries what is better than the present, or anything once the present has failed for too long. */
  async function begin(): Promise<void> {
    const hasFailed = nowMs() - present.lastWorkedAt >= patienceMs;
    for (const candidate of candidates) {
      const failure = failures.get(candidate.name);
      const isDue = failure === undefined || nowMs() - failure.at >= retryBetterMs;
      if (candidate.name === present.name && !hasFailed) return;
      if (candidate.name === present.name || !isDue) continue;
      const obstacle = await candidate.obstacle();
      if (isStopped) return;
      if (obstacle === null) {
        trial = running(candidate.name, candidate.open());
        return;
      }
      failures.set(candidate.name, { at: nowMs(), why: obstacle });
    }
    if (hasFailed && present.name !== 'poll') await change(running('poll', null));
  }

  async function judge(tried: Running): Promise<void> {
    const trouble = tried.transport?.trouble() ?? null;
    const made = tried.transport?.progress() ?? 0;
    if (made > tried.made.most) tried.made = { most: made, at: nowMs() };
    const isBetter = rank(tried.name) < rank(present.name);
    const presentWorks = present.lastWorkedAt === nowMs() || nowMs() - present.lastWorkedAt < patienceMs;
    if (trouble === null && (isBetter || !presentWorks)) {
      trial = null;
      await change(tried);
    } else if (!isBetter && presentWorks) {
      trial = null;
      await tried.transport?.stop('replaced');
    } else if (nowMs() - tried.made.at >= patienceMs) {
      failures.set(tried.name, { at: nowMs(), why: trouble ?? '' });
      trial = null;
      log.warn({ transport: tried.name, trouble }, 'A way of hearing does not work');
      await tried.transport?.stop('failed');
    }
  }

  async function change(next: Running): Promise<void> {
    const old = present;
    const trouble = old.transport?.trouble() ?? null;
    if (trouble !== null) failures.set(old.name, { at: nowMs(), why: trouble });
    take(next);
    await old.transport?.stop(endingOf(old, next));
    // What the old one held counted against the budget of the new one.
    next.transport?.refresh(0);
  }

  function endingOf(old: Running, next: Running): Ending {
    if (next.transport === null) return 'paused';
    return rank(next.name) < rank(old.name) ? 'replaced' : 'failed';
  }

  function take(next: Running): void {
    log.info({ from: present.name, to: next.name }, 'Hears in another way now');
    present = { ...next, since: nowMs(), lastWorkedAt: nowMs() };
    failures.delete(next.name);
    onChange();
  }

  function running(name: TransportName, transport: Transport | null): Running {
    return { name, transport, since: nowMs(), lastWorkedAt: nowMs(), made: { most: 0, at: nowMs() } };
  }

  function rank(name: TransportName): number {
    const index = candidates.findIndex((candidate) => candidate.name === name);
    return index === -1 ? candidates.length : index;
  }

  function why(): string {
    const how = `We hear by ${present.name}: ${words[present.name]}.`;
    if (isFixed) return `${how} EVENTSUB_TRANSPORT asks for ${candidates[0]?.name ?? 'poll'}.`;
    const better = candidates.slice(0, rank(present.name)).map(({ name }) => name);
    if (better.length === 0) return `${how} It is the best way, and it works.`;
    const reasons = better.map(
      (name) => `Not by ${name}: ${failures.get(name)?.why ?? 'It is being tried.'}`,
    );
    return `${how} ${reasons.join(' ')}`;
  }

  return {
    /** To be called again and again: looks how things are, and changes what has to be changed. */
    async look(): Promise<void> {
      if (isStopped) return;
      looking ??= look().finally(() => {
        looking = null;
      });
      await looking;
    },

    present: () => ({ name: present.name, transport: present.transport, since: new Date(present.since) }),

    /** The present, and the one that is being tried. */
    transports: (): Transport[] =>
      [present.transport, trial?.transport ?? null].filter((each) => each !== null),

    why,

    /** A sentence for each thing that is not as it should be. */
    problems(): string[] {
      const trouble = present.transport?.trouble() ?? null;
      const fixed = isFixed && present.transport === null ? candidates[0] : undefined;
      const obstacle = fixed === undefined ? undefined : failures.get(fixed.name)?.why;
      return [...(trouble === null ? [] : [trouble]), ...(obstacle === undefined ? [] : [obstacle])];
    },

    async stop(): Promise<void> {
      isStopped = true;
      await looking;
      await present.transport?.stop('paused');
      await trial?.transport?.stop('paused');
    },
  };
}
