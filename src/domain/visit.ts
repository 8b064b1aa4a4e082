/** What a user has seen of the events; entries are named by their ids, and later ones have greater ids. */
export interface Look {
  /** Up to here all counts as read: the user said so, or saw it at an earlier visit. */
  readTo: number;
  /** Where the history stood at the last look at a page with news. */
  seenTo: number;
  /** When that was. */
  seenAt: Date;
}

/** The same as a page begins, `seenAt` being `null` before the first look. `end`: where the history stands now. */
export type Visit = Omit<Look, 'seenAt'> & { seenAt: Date | null; end: number };

/** A visit is over when nobody has looked for so long: the half hour that measurers of web traffic use. */
export const visitPauseMs = 30 * 60_000;

/** So long one look stands for all that follow. */
const lookLastsMs = 60_000;

/** What has a greater id is new. It stays where it is as long as the visit lasts. */
export function markOf({ readTo, seenTo, seenAt }: Visit, now: Date): number {
  const isOver = seenAt !== null && now.getTime() - seenAt.getTime() > visitPauseMs;
  return isOver ? Math.max(readTo, seenTo) : readTo;
}

/** What a look at all there is has seen; `null` while an earlier look stands for it. */
export function lookAt(visit: Visit, now: Date): Look | null {
  const { seenAt, end } = visit;
  // Earlier than the last one: a clock was set back.
  if (seenAt !== null && Math.abs(now.getTime() - seenAt.getTime()) < lookLastsMs) return null;
  return { readTo: markOf(visit, now), seenTo: end, seenAt: now };
}
