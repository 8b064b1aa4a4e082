import { concerns, keyOf } from './watch.ts';

/** Why a watch is missing, as a clause for people. */
export const reasons = {
  budget: 'Twitch allows this app no more watches',
  limit: 'Twitch allows no more watches of this kind',
  ended: 'Twitch has ended it, and it is not asked for again for a day',
  rejected: 'Twitch refuses it',
  forbidden: 'Twitch does not allow it',
  failed: 'Twitch could not reach us for it, and it is asked for again after a while',
  elsewhere: 'Twitch still keeps it for a socket that is gone',
  later: 'not asked for yet',
} as const;

/** What names a watch and whom it concerns. */
type Concern = { type: string; condition: Record<string, string> };

export type WatchBars = ReturnType<typeof createWatchBars>;

const endedForMs = 24 * 60 * 60_000;
const rejectedForMs = 60 * 60_000;
/** Who fails more rarely than this begins anew with short pauses. */
const rememberedForMs = 24 * 60 * 60_000;
const mostBars = 20_000;

/** Remembers which watches may not be asked for now, and why. */
export function createWatchBars(parts: { now: () => Date; firstPauseMs: number; longestPauseMs: number }) {
  const nowMs = () => parts.now().getTime();
  const bars = new Map<string, { until: number; reason: string }>();
  const failures = new Map<string, { count: number; at: number }>();

  function bar({ type, condition }: Concern, forMs: number, reason: string): void {
    if (bars.size >= mostBars) bars.delete(bars.keys().next().value ?? '');
    bars.set(keyOf(type, condition), { until: nowMs() + forMs, reason });
  }

  return {
    /** Ended by people or for good: asking again would be importunate. */
    ended: (concern: Concern): void => bar(concern, endedForMs, reasons.ended),

    rejected: (concern: Concern): void => bar(concern, rejectedForMs, reasons.rejected),

    /** As `rejected`, whatever becomes of the session or conduit. */
    forbidden: (concern: Concern): void => bar(concern, rejectedForMs, reasons.forbidden),

    /** It was made and has died: asked for again at once, and then after pauses that grow. */
    failed(concern: Concern): void {
      const key = keyOf(concern.type, concern.condition);
      const before = failures.get(key);
      const count = before === undefined || nowMs() - before.at > rememberedForMs ? 1 : before.count + 1;
      failures.set(key, { count, at: nowMs() });
      if (count === 1) return;
      const pauseMs = Math.min(parts.longestPauseMs, parts.firstPauseMs * 2 ** Math.min(count - 2, 30));
      bar(concern, pauseMs * (0.75 + Math.random() / 2), reasons.failed);
    },

    hasFailed: (key: string): boolean => failures.has(key),

    isFree: (key: string): boolean => (bars.get(key)?.until ?? 0) <= nowMs(),

    reasonOf: (key: string): string | null => bars.get(key)?.reason ?? null,

    /** Until when somebody may not have it, in milliseconds since 1970; `null` when it is barred for less. */
    deniedUntil(key: string): number | null {
      const { until, reason } = bars.get(key) ?? { until: 0, reason: null };
      return until > nowMs() && (reason === reasons.ended || reason === reasons.forbidden) ? until : null;
    },

    /** In how many milliseconds the first of those that failed may be asked for again. */
    nextInMs(): number | null {
      const pauses = [...bars.values()]
        .filter(({ until, reason }) => reason === reasons.failed && until > nowMs())
        .map(({ until }) => until - nowMs());
      return pauses.length === 0 ? null : Math.min(...pauses);
    },

    /** Only what is wished may keep others waiting. */
    forgetFailuresBut(keys: ReadonlySet<string>): void {
      for (const key of failures.keys()) {
        if (keys.has(key)) continue;
        failures.delete(key);
        if (bars.get(key)?.reason === reasons.failed) bars.delete(key);
      }
    },

    /** Somebody has allowed something anew: nothing bars a watch that concerns them. */
    forgive: (userId: string): void => {
      for (const key of bars.keys()) if (concerns(key, userId)) bars.delete(key);
    },

    /** What was refused may have been refused for the sake of what is gone. */
    forgiveRejections(): void {
      for (const [key, { reason }] of bars) if (reason === reasons.rejected) bars.delete(key);
    },
  };
}
