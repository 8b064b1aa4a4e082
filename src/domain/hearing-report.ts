import type { ChatReaders } from './chat-readers.ts';
import { coverageOfAll } from './coverage.ts';
import { createErrand } from './errand.ts';
import type { HearingLog } from './event-sub.ts';
import type { HearingPace } from './hearing-pace.ts';
import type { HearingStatus, TransportName } from './hearing-status.ts';
import type { MessageHearer } from './message-hearer.ts';
import type { TransportChoice } from './transport-choice.ts';
import type { Favoured } from './watch.ts';

/** What a status is put together from. */
export interface StatusParts {
  wanted: 'auto' | TransportName;
  choice: TransportChoice;
  chat: ChatReaders | null;
  hearer: MessageHearer;
  favoured: Favoured[];
}

/** How hearing is going, in one piece. */
export function statusOf({ wanted, choice, chat, hearer, favoured }: StatusParts): HearingStatus {
  const { name, transport, since } = choice.present();
  const own = transport?.report();
  const reading = chat?.report();
  const ids = favoured.map(({ streamerId }) => streamerId);
  const unread = reading?.readers.filter(({ problem }) => problem !== null).length ?? 0;
  return {
    wanted,
    present: name,
    why: choice.why(),
    since: since.toISOString(),
    problems: [
      ...new Set([...choice.problems(), ...(own?.problems ?? [])]),
      ...(unread === 0 ? [] : [`${unread} of ${reading?.readers.length ?? 0} chat readers do not work.`]),
    ],
    sockets: [...(own?.sockets ?? []), ...(reading?.sockets ?? [])],
    shards: own?.shards ?? [],
    costs: own?.costs ?? { total: null, max: null },
    watches: own?.watches ?? { wished: 0, existing: 0, missing: 0 },
    lastEventAt: hearer.lastEventAt()?.toISOString() ?? null,
    lastReconcileAt: own?.reconciledAt?.toISOString() ?? null,
    counts: hearer.counts(),
    coverage: coverageOfAll(ids, transport),
    readers: reading?.readers ?? [],
    chat: reading?.chat ?? { covered: 0, exceptions: {} },
  };
}

/** Saves the status soon after it has changed in something that matters, and now and then anyway. */
export function startReporting(parts: {
  status: () => HearingStatus;
  save: (status: HearingStatus) => Promise<void>;
  pace: HearingPace;
  log: HearingLog;
}) {
  const { status, save, pace, log } = parts;
  let saved = { what: '', at: -Infinity };
  const errand = createErrand({
    name: 'report',
    work: report,
    pace: { ...pace.errand, everyMs: pace.reportSoonMs },
    log,
  });
  errand.soon();

  async function report(): Promise<null> {
    const made = status();
    const what = essenceOf(made);
    const isOld = performance.now() - saved.at >= pace.reportEveryMs;
    if (what === saved.what && !isOld) return null;
    await save(made);
    saved = { what, at: performance.now() };
    return null;
  }

  return { stop: () => errand.stop() };
}

/** What changes seldom. */
function essenceOf({
  present,
  problems,
  sockets,
  shards,
  watches,
  coverage,
  readers,
}: HearingStatus): string {
  return JSON.stringify([
    [present, problems, shards, watches, readers],
    [coverage.push, coverage.part, coverage.poll],
    sockets.map(({ what, status }) => [what, status]),
  ]);
}
