import type { StreamerCard } from './streamer.ts';

/** Those whose login differs from the given one by at most a typo or two, the nearest first. */
export function nearestTo(login: string, streamers: StreamerCard[], most = 5): StreamerCard[] {
  const mostSteps = login.length < 6 ? 1 : 2;
  return streamers
    .map((streamer) => ({ streamer, steps: stepsBetween(login, streamer.login) }))
    .filter(({ steps }) => steps <= mostSteps)
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, most)
    .map(({ streamer }) => streamer);
}

/** How many letters have to be added, taken away or changed (Levenshtein's distance). */
function stepsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [at, each] of Array.from(other).entries()) {
      const changed = (row[at] ?? 0) + (each === letter ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
