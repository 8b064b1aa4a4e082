import { pause } from './duty.ts';
import {
  isLimit,
  isRejected,
  type Created,
  type Revocation,
  type Subscription,
  type SubscriptionCosts,
} from './event-sub.ts';
import type { Costs, WatchCounts } from './hearing-status.ts';
import { affordable } from './watch-budget.ts';
import { keyOf, type Watch } from './watch.ts';

/** What the reconciler wants of one transport. */
export interface ReconcilerParts {
  list(): Promise<{ subscriptions: Subscription[] } & SubscriptionCosts>;
  create(watch: Watch): Promise<Created>;
  remove(id: string): Promise<void>;
  /** Whether a subscription belongs to this transport. All others are left alone. */
  isOurs(subscription: Subscription): boolean;
  now: () => Date;
  /** How long to wait before the next few calls, in milliseconds. */
  scarceForMs?: () => number;
  /** How many calls at once. */
  atOnce?: number;
}

export interface Reconciled {
  /** Watches that Twitch has still to confirm. */
  pending: number;
  created: number;
  removed: number;
}

/** Tells whether a watch may be asked for; `isProven`: Twitch has confirmed one of ours already. */
export type MayCreate = (watch: Watch, isProven: boolean) => boolean;

type Held = Pick<Subscription, 'id' | 'status' | 'type' | 'condition'>;

export type Reconciler = ReturnType<typeof createReconciler>;

/** Ended by people or for good: asking again would be importunate (dev.twitch.tv, subscription status). */
const finalStatuses = new Set([
  'authorization_revoked',
  'user_removed',
  'chat_user_banned',
  'moderator_removed',
  'version_removed',
]);
const barredForMs = 24 * 60 * 60_000;
const rejectedForMs = 60 * 60_000;
const mostBars = 20_000;
/** Something is wrong with all of them, such as a conduit or a session that is gone. */
const mostRejectedInARow = 20;

export const reasons = {
  budget: 'Twitch allows this app no more watches',
  limit: 'Twitch allows no more watches of this kind',
  ended: 'Twitch has ended it, and it is not asked for again for a day',
  rejected: 'Twitch refuses it',
  later: 'not asked for yet',
} as const;

/** Makes what exists at Twitch what is wished, by the difference alone. */
export function createReconciler(parts: ReconcilerParts) {
  const { now, scarceForMs = () => 0, atOnce = 10 } = parts;
  const bars = new Map<string, { until: number; reason: string }>();
  let held = new Map<string, Held>();
  let missing = new Map<string, { watch: Watch; reason: string }>();
  let wishedCount = 0;
  let costs: Costs = { total: null, max: null };
  let reconciledAt: Date | null = null;

  async function reconcile(
    wished: Watch[],
    signal: AbortSignal,
    mayCreate: MayCreate = () => true,
  ): Promise<Reconciled> {
    const listed = await parts.list();
    note(listed);
    const ours = listed.subscriptions.filter((subscription) => parts.isOurs(subscription));
    for (const dead of ours.filter(({ status }) => finalStatuses.has(status))) bar(dead, dead.status);
    const existing = oneOfEach(ours);
    const costOf = new Map([...existing].map(([key, { cost }]) => [key, cost]));
    const { within, beyond } = affordable(wished.filter(isFree), budgetFor(ours, listed), costOf);
    const keep = new Set(within.map(({ key }) => key));
    const surplus = ours.filter((each) => {
      const key = keyOf(each.type, each.condition);
      return !keep.has(key) || existing.get(key) !== each;
    });
    wishedCount = wished.length;
    held = new Map([...existing].filter(([key]) => keep.has(key)));
    missing = new Map([
      ...wished
        .filter((watch) => !isFree(watch))
        .map((watch) => entry(watch, bars.get(watch.key)?.reason ?? reasons.rejected)),
      ...beyond.map((watch) => entry(watch, reasons.budget)),
      ...within.filter(({ key }) => !held.has(key)).map((watch) => entry(watch, reasons.later)),
    ]);
    const isProven = [...held.values()].some(({ status }) => status === 'enabled');
    // Room is made first: whatever is dearer to us may need it.
    await inGroups(surplus, signal, ({ id }) => parts.remove(id));
    const created = await createAll(
      within.filter((watch) => !held.has(watch.key) && mayCreate(watch, isProven)),
      signal,
    );
    if (!signal.aborted) reconciledAt = now();
    const pending = [...held.values()].filter(isPending).length;
    return { pending, created, removed: surplus.length };
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
          adopt(watch, await parts.create(watch));
          created += 1;
          inARow = 0;
        } catch (error) {
          if (isLimit(error)) {
            isLimited = true;
          } else if (isRejected(error)) {
            forbid(watch.key, rejectedForMs, reasons.rejected);
            inARow += 1;
          } else throw error;
          missing.set(watch.key, { watch, reason: isLimit(error) ? reasons.limit : reasons.rejected });
        }
      });
      if (isLimited && tier > 0) isFull = true;
    }
    return created;
  }

  function adopt(watch: Watch, answer: Created): void {
    missing.delete(watch.key);
    if (answer.outcome === 'created') {
      held.set(watch.key, answer.subscription);
      note(answer);
      return;
    }
    // It exists, which is all that was wished; the next list tells more of it.
    const { type, condition } = watch;
    held.set(watch.key, { id: answer.id ?? '', status: 'enabled', type, condition });
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

  function bar(subscription: Pick<Subscription, 'type' | 'condition'>, status: string): void {
    if (finalStatuses.has(status))
      forbid(keyOf(subscription.type, subscription.condition), barredForMs, reasons.ended);
  }

  function forbid(key: string, forMs: number, reason: string): void {
    if (bars.size >= mostBars) bars.delete(bars.keys().next().value ?? '');
    bars.set(key, { until: now().getTime() + forMs, reason });
  }

  function isFree({ key }: Watch): boolean {
    return (bars.get(key)?.until ?? 0) <= now().getTime();
  }

  return {
    reconcile,

    /** Twitch has ended one: it is not held any more, and not asked for again if it was ended for good. */
    revoked: ({ subscriptionId, status }: Revocation): void => {
      for (const [key, subscription] of held) {
        if (subscription.id !== subscriptionId) continue;
        bar(subscription, status);
        held.delete(key);
      }
    },

    /** Forgets what Twitch refused: somebody has allowed something anew. */
    forgive: (): void => {
      bars.clear();
    },

    /** All of it is gone, as with a socket that was lost; and so is what was wrong with it. */
    lost(): void {
      held = new Map();
      for (const [key, { reason }] of bars) if (reason === reasons.rejected) bars.delete(key);
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
    isProven: () => [...held.values()].some(({ status }) => status === 'enabled'),

    /** Whether Twitch has confirmed the watch. */
    isHeld: (key: string): boolean => {
      return held.get(key)?.status === 'enabled';
    },

    reasonOf: (key: string): string | null => missing.get(key)?.reason ?? bars.get(key)?.reason ?? null,

    state(): { costs: Costs; watches: WatchCounts; reconciledAt: Date | null; pending: number } {
      const existing = [...held.values()].filter(({ status }) => status === 'enabled').length;
      return {
        costs,
        watches: { wished: wishedCount, existing, missing: Math.max(0, wishedCount - existing) },
        reconciledAt,
        pending: [...held.values()].filter(isPending).length,
      };
    },
  };
}

function entry(watch: Watch, reason: string): [string, { watch: Watch; reason: string }] {
  return [watch.key, { watch, reason }];
}

function isAlive({ status }: Subscription): boolean {
  return status === 'enabled' || status.endsWith('pending');
}

function isPending({ status }: Held): boolean {
  return status.endsWith('pending');
}

/** Of those that live, one of each kind: confirmed ones first, then the oldest. */
function oneOfEach(subscriptions: Subscription[]): Map<string, Subscription> {
  const best = subscriptions
    .filter(isAlive)
    .toSorted(
      (a, b) => Number(isPending(a)) - Number(isPending(b)) || a.createdAt.getTime() - b.createdAt.getTime(),
    );
  return new Map(best.toReversed().map((each) => [keyOf(each.type, each.condition), each]));
}

/** What is left for us when all that is not ours is paid. */
function budgetFor(ours: Subscription[], { totalCost, maxTotalCost }: SubscriptionCosts): number | null {
  if (maxTotalCost === null) return null;
  const spentByUs = ours.filter(isAlive).reduce((sum, { cost }) => sum + cost, 0);
  return maxTotalCost - Math.max(0, (totalCost ?? 0) - spentByUs);
}
