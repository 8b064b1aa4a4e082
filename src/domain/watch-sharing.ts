import type { Watch } from './watch.ts';

/**
 * Shares watches, the dearest first, among the users whose sockets carry them. A watch that needs a user's
 * leave goes to that user; of the others each user carries as many as the budget allows, and the first of them
 * those that cost nothing. What somebody carries already stays there as long as it is among those that fit.
 */
export function shareWatches(
  watches: Watch[],
  users: { userId: string; budget: number }[],
  before: ReadonlyMap<string, string>,
): { of: Map<string, Watch[]>; left: Watch[] } {
  const of = new Map(users.map(({ userId }) => [userId, [] as Watch[]]));
  const room = new Map(users.map(({ userId, budget }) => [userId, Math.max(0, budget)]));
  const left: Watch[] = [];
  const costly: Watch[] = [];
  for (const watch of watches) {
    if (watch.userId === null && watch.cost > 0) costly.push(watch);
    else if (watch.userId === null)
      (of.get(before.get(watch.key) ?? '') ?? of.get(users[0]?.userId ?? '') ?? left).push(watch);
    else (of.get(watch.userId) ?? left).push(watch);
  }
  const total = [...room.values()].reduce((sum, each) => sum + each, 0);
  left.push(...costly.slice(total));
  const homeless = costly.slice(0, total).filter((watch) => !give(watch, before.get(watch.key)));
  for (const watch of homeless) {
    const free = [...room].find(([, rest]) => rest > 0);
    if (!give(watch, free?.[0])) left.push(watch);
  }
  return { of, left };

  function give(watch: Watch, userId: string | undefined): boolean {
    const rest = room.get(userId ?? '') ?? 0;
    if (userId === undefined || rest === 0) return false;
    room.set(userId, rest - 1);
    of.get(userId)?.push(watch);
    return true;
  }
}
