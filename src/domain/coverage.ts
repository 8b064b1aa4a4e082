import type { CoverageBy, HearingStatus } from './hearing-status.ts';
import type { Transport } from './transport.ts';
import { watchesOf } from './watch.ts';

const mostExceptions = 2_000;

/** By what one streamer is covered now, and why not by more. */
export function coverageOf(
  streamerId: string,
  transport: Transport | null,
): { by: CoverageBy; reason: string | null } {
  if (transport === null) return { by: 'poll', reason: 'Nothing is pushed to us now.' };
  const trouble = transport.trouble();
  if (trouble !== null) return { by: 'poll', reason: trouble };
  const missing = watchesOf(streamerId).filter(({ key }) => !transport.isHeld(key));
  const [first] = missing;
  if (first === undefined) return { by: 'push', reason: null };
  const reason = `${transport.reasonOf(first.key) ?? 'It is about to be watched'}.`;
  return { by: first.tier === 1 ? 'poll' : 'part', reason };
}

/** The coverage of all favourites. */
export function coverageOfAll(streamerIds: string[], transport: Transport | null): HearingStatus['coverage'] {
  const all = streamerIds.map((streamerId) => ({ streamerId, ...coverageOf(streamerId, transport) }));
  const count = (by: CoverageBy) => all.filter((each) => each.by === by).length;
  return {
    push: count('push'),
    part: count('part'),
    poll: count('poll'),
    exceptions: Object.fromEntries(
      all
        .flatMap(({ streamerId, by, reason }) =>
          by === 'push' ? [] : [[streamerId, { by, reason: reason ?? '' }] as const],
        )
        .slice(0, mostExceptions),
    ),
  };
}
