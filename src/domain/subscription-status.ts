import type { Subscription, SubscriptionCosts } from './event-sub.ts';
import { keyOf } from './watch.ts';

type WithStatus = Pick<Subscription, 'status'>;

/** Ended by people or for good: asking again would be importunate (dev.twitch.tv, subscription status). */
const finalStatuses = new Set([
  'authorization_revoked',
  'user_removed',
  'chat_user_banned',
  'moderator_removed',
  'version_removed',
]);

export function isEnabled({ status }: WithStatus): boolean {
  return status === 'enabled';
}

/** Whether Twitch has still to confirm it. */
export function isPending({ status }: WithStatus): boolean {
  return status.endsWith('pending');
}

export function isAlive(subscription: WithStatus): boolean {
  return isEnabled(subscription) || isPending(subscription);
}

/** Whether it is not to be asked for again. */
export function isFinal({ status }: WithStatus): boolean {
  return finalStatuses.has(status);
}

/** Of those that live, one of each kind, by the keys of their watches: confirmed ones first, then the oldest. */
export function oneOfEach(subscriptions: Subscription[]): Map<string, Subscription> {
  const best = subscriptions
    .filter(isAlive)
    .toSorted(
      (a, b) => Number(isPending(a)) - Number(isPending(b)) || a.createdAt.getTime() - b.createdAt.getTime(),
    );
  return new Map(best.toReversed().map((each) => [keyOf(each.type, each.condition), each]));
}

/** What is left for us when all that is not ours is paid; `null`: Twitch has not named its limit. */
export function budgetFor(
  ours: Subscription[],
  { totalCost, maxTotalCost }: SubscriptionCosts,
): number | null {
  if (maxTotalCost === null) return null;
  const spentByUs = ours.filter(isAlive).reduce((sum, { cost }) => sum + cost, 0);
  return maxTotalCost - Math.max(0, (totalCost ?? 0) - spentByUs);
}
