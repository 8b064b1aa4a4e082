import { pause } from './duty.ts';
import {
  isForbidden,
  isLimit,
  isRejected,
  type Created,
  type Revocation,
  type Subscription,
  type SubscriptionCosts,
} from './event-sub.ts';
import type { Costs, WatchCounts } from './hearing-status.ts';
import { budgetFor, isAlive, isEnabled, isFinal, isPending, oneOfEach } from './subscription-status.ts';
import { createWatchBars, reasons } from './watch-bars.ts';
import { affordable } from './watch-budget.ts';
import { keyOf, type Watch } from './watch.ts';

/** What the reconciler wants of one transport. */
export interface ReconcilerParts {
  list(): Promise<{ subscriptions: Subscription[] } & SubscriptionCosts>;
  create(watch: Watch): Promise<Created>;
  remove(id: string): Promise<void>;
  /** Whether a subscription belongs to this transport. All others are left alone. */
  isOurs(subscription: Subscription): boolean;
  /** Whether one that Twitch says exists is one of ours, listed or not; without it, each is. */
  adopts?: boolean;
  /** Whether one of ours is to be replaced: it goes when Twitch has confirmed the one that takes its place. */
  isOutdated?(subscription: Subscription): boolean;
  /**
   * Whether one that works has to stand behind all others: until Twitch has confirmed it, and after some
   * have failed, only one is asked for at a time.
   */
  probes?: boolean;
  /** The pauses before one that failed is asked for again, in milliseconds. */
  retryMs?: { first: number; longest: number };
  now: () => Date;
  /** How long to wait before the next few calls, in milliseconds. */
  scarceForMs?: () => number;
  /** How many calls at once. */
  atOnce?: number;
}

export interface Reconciled {
  /** Watches that Twitch has still to confirm, and those that wait for that. */
  pending: number;
  created: number;
  removed: number;
  /** Watches that Twitch keeps for somebody else than us. */
  elsewhere: number;
  /** In how many milliseconds one that failed may be asked for again. */
  retryInMs: number | null;
}

type Held = Pick<Subscription, 'id' | 'status' | 'type' | 'condition'>;

export type Reconciler = ReturnType<typeof createReconciler>;

const usualRetry = { first: 1_000, longest: 5 * 60_000 };
/** Something is wrong with all of them, such as a conduit or a session that is gone. */
const mostRejectedInARow = 20;

/** Makes what exists at Twitch what is wished, by the difference alone. */
export function createReconciler(parts: ReconcilerParts) {
  const {
    now,
    scarceForMs = () => 0,
    atOnce = 10,
    adopts = true,
    probes = false,
    retryMs = usualRetry,
  } = parts;
  const isOutdated = (subscription: Subscription) => parts.isOutdated?.(subscription) ?? false;
  const bars = createWatchBars({ now, firstPauseMs: retryMs.first, longestPauseMs: retryMs.longest });
  let held = new Map<string, Held>();
  let missing = new Map<string, { watch: Watch; reason: string }>();
  let wishedCount = 0;
  let costs: Costs = { total: null, max: null };
  let reconciledAt: Date | null = null;
  /** The ids that Twitch had confirmed when it was asked last. */
  let confirmed = new Set<string>();
  /** Some have failed, and none was confirmed since. */
  let isFailing = false;
  let untilLost = new AbortController();

  async function reconcile(wished: Watch[], stopping: AbortSignal): Promise<Reconciled> {
    const signal = AbortSignal.any([stopping, untilLost.signal]);
    const listed = await parts.list();
    note(listed);
    const ours = listed.subscriptions.filter((subscription) => parts.isOurs(subscription));
    const current = ours.filter((subscription) => !isOutdated(subscription));
    const existing = oneOfEach(current);
    bars.forgetFailuresBut(new Set(wished.map(({ key }) => key)));
    for (const each of ours.filter(isFinal)) bars.ended(each);
    learn(current, existing);
    const costOf = new Map([...existing].map(([key, { cost }]) => [key, cost]));
    // Before it is asked who is free: one whose pause ends in between is among them.
    const isWaiting = bars.nextInMs() !== null;
    const free = wished.filter(({ key }) => bars.isFree(key));
    const { within, beyond } = affordable(free, budgetFor(ours, listed), costOf);
    const keep = new Set(within.map(({ key }) => key));
    wishedCount = wished.length;
    held = new Map([...existing].filter(([key]) => keep.has(key)));
    const standIns = new Map([...oneOfEach(ours.filter(isOutdated))].filter(([key]) => !isHeld(key)));
    const surplus = ours.filter((each) => {
      const key = keyOf(each.type, each.condition);
      return !keep.has(key) || (existing.get(key) !== each && standIns.get(key) !== each);
    });
    const lacking = within.filter(({ key }) => !held.has(key));
    missing = new Map([
      ...wished
        .filter(({ key }) => !bars.isFree(key))
        .map((watch) => entry(watch, bars.reasonOf(watch.key) ?? reasons.rejected)),
      ...beyond.map((watch) => entry(watch, reasons.budget)),
      ...lacking.map((watch) => entry(watch, reasons.later)),
    ]);
    const asked = lacking.slice(0, mostToAsk(isWaiting));
    // Room is made first: whatever is dearer to us may need it.
    await inGroups(surplus, signal, ({ id }) => parts.remove(id));
    const created = await createAll(asked, signal);
    if (!signal.aborted) reconciledAt = now();
    isFailing &&= wished.some(({ key }) => bars.hasFailed(key) && !isHeld(key));
    const pending = pendingCount() + lacking.length - asked.length;
    const elsewhere = [...missing.values()].filter(({ reason }) => reason === reasons.elsewhere).length;
    return { pending, created, removed: surplus.length, elsewhere, retryInMs: bars.nextInMs() };
  }

  /** What has failed or was confirmed since it was asked last. */
  function learn(current: Subscription[], existing: Map<string, Subscription>): void {
    const failed = new Map(
      current
        .filter((each) => !isAlive(each) && !isFinal(each))
        .map((each) => [keyOf(each.type, each.condition), each] as const)
        .filter(([key]) => !existing.has(key)),
    );
    for (const each of failed.values()) bars.failed(each);
    const enabled = [...existing.values()].filter(isEnabled).map(({ id }) => id);
    if (failed.size > 0) isFailing = true;
    else if (enabled.some((id) => !confirmed.has(id))) isFailing = false;
    confirmed = new Set(enabled);
  }

  function mostToAsk(isWaiting: boolean): number {
    if (!probes || (isProven() && !isFailing)) return Infinity;
    return pendingCount() > 0 || isWaiting ? 0 : 1;
  }

  /** Tier by tier: a limit ends a tier, and all that cost if it was one of those. */
  async function createAll(watches: Watch[], signal: AbortSignal): Promise<number> {
    let created = 0;
    let inARow = 0;
    let isFull = false;
    for (const tier of [0, 1, 2, 3] as const) {
      let isLimited = isFull;
      const ofTier = watches.filter((watch) => watch.tier === tier);
      await inGroups(ofTier, signal, async (watch) => {
        if (isLimited || inARow >= mostRejectedInARow) {
          missing.set(watch.key, { watch, reason: isLimited ? reasons.limit : reasons.later });
          return;
        }
        try {
          const answer = await parts.create(watch);
          if (signal.aborted) return;
          inARow = 0;
          if (adopt(watch, answer)) created += 1;
        } catch (error) {
          if (isLimit(error)) {
            isLimited = true;
          } else if (isRejected(error)) {
            if (isForbidden(error)) bars.forbidden(watch);
            // Else it may be refused for what is gone meanwhile.
            else if (!signal.aborted) bars.rejected(watch);
            inARow += 1;
          } else throw error;
          const reason = isLimit(error) ? reasons.limit : (bars.reasonOf(watch.key) ?? reasons.rejected);
          missing.set(watch.key, { watch, reason });
        }
      });
      if (isLimited && tier > 0) isFull = true;
    }
    return created;
  }

  /** Tells whether it is ours now. */
  function adopt(watch: Watch, answer: Created): boolean {
    if (answer.outcome === 'exists' && !adopts) {
      missing.set(watch.key, { watch, reason: reasons.elsewhere });
      return false;
    }
    missing.delete(watch.key);
    if (answer.outcome === 'created') {
      held.set(watch.key, answer.subscription);
      note(answer);
      return true;
    }
    // It exists, which is all that was wished; the next list tells more of it.
    const { type, condition } = watch;
    held.set(watch.key, { id: answer.id ?? '', status: 'enabled', type, condition });
    return true;
  }

  /** Several calls at once; the first fault is thrown when those of its group have ended. */
  async function inGroups<Item>(
    items: Item[],
    signal: AbortSignal,
    act: (item: Item) => Promise<void>,
  ): Promise<void> {
    for (let start = 0; start < items.length && !signal.aborted; start += atOnce) {
      const scarceMs = scarceForMs();
      if (start > 0 && scarceMs > 0) await pause(scarceMs, signal);
      const outcomes = await Promise.allSettled(items.slice(start, start + atOnce).map(act));
      const fault = outcomes.find((outcome) => outcome.status === 'rejected');
      if (fault !== undefined) throw fault.reason;
    }
  }

  function note({ totalCost, maxTotalCost }: SubscriptionCosts): void {
    costs = { total: totalCost ?? costs.total, max: maxTotalCost ?? costs.max };
  }

  const isHeld = (key: string) => held.get(key)?.status === 'enabled';
  const isProven = () => [...held.values()].some(isEnabled);
  const pendingCount = () => [...held.values()].filter(isPending).length;

  return {
    reconcile,

    /** Twitch has ended one: it is not held any more, and not asked for again if it was ended for good. */
    revoked: ({ subscriptionId, status }: Revocation): void => {
      for (const [key, subscription] of held) {
        if (subscription.id !== subscriptionId) continue;
        if (isFinal({ status })) bars.ended(subscription);
        held.delete(key);
      }
    },

    /** Forgets what Twitch refused about a user, who has allowed something anew. */
    forgive: bars.forgive,

    /**
     * All of it is gone, as with a socket that was lost; and so is what was wrong with it. Tells the ids of
     * what was held.
     */
    lost(): string[] {
      const ids = [...held.values()].map(({ id }) => id);
      untilLost.abort();
      untilLost = new AbortController();
      held = new Map();
      reconciledAt = null;
      bars.forgiveRejections();
      return ids;
    },

    /** Removes all that is ours. */
    async leave(signal: AbortSignal): Promise<void> {
      const { subscriptions } = await parts.list();
      await inGroups(
        subscriptions.filter((subscription) => parts.isOurs(subscription)),
        signal,
        ({ id }) => parts.remove(id),
      );
      held = new Map();
    },

    /** Whether Twitch has confirmed any. */
    isProven,

    /** Whether some have failed and none was confirmed since. */
    isFailing: () => isFailing,

    /** Whether Twitch has confirmed the watch. */
    isHeld,

    deniedUntil: (key: string): number | null => bars.deniedUntil(key),

    reasonOf: (key: string): string | null => missing.get(key)?.reason ?? bars.reasonOf(key),

    /** Grows while watches are made and confirmed. */
    progress: (): number => held.size + [...held.values()].filter(isEnabled).length,

    state(): { costs: Costs; watches: WatchCounts; reconciledAt: Date | null; pending: number } {
      const existing = [...held.values()].filter(isEnabled).length;
      return {
        costs,
        watches: { wished: wishedCount, existing, missing: Math.max(0, wishedCount - existing) },
        reconciledAt,
        pending: pendingCount(),
      };
    },
  };
}

function entry(watch: Watch, reason: string): [string, { watch: Watch; reason: string }] {
  return [watch.key, { watch, reason }];
}
