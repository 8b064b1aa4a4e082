import type { Watch } from './watch.ts';

/** Who does not fit, and why. */
export interface Affordable {
  within: Watch[];
  beyond: Watch[];
}

/**
 * What of the wished watches, the dearest first, fits into `budget`; `null`: no limit is known. `costs`
 * tells what Twitch charges for those that exist; others are taken to cost what they should.
 */
export function affordable(
  wished: Watch[],
  budget: number | null,
  costs: ReadonlyMap<string, number>,
): Affordable {
  const within: Watch[] = [];
  const beyond: Watch[] = [];
  let spent = 0;
  for (const watch of wished) {
    const cost = costs.get(watch.key) ?? watch.cost;
    if (budget !== null && cost > 0 && spent + cost > budget) {
      beyond.push(watch);
    } else {
      within.push(watch);
      spent += cost;
    }
  }
  return { within, beyond };
}
