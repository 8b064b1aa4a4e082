import {
  attachSlots,
  findConduit,
  lowestVacancy,
  shardsOfAConduit,
  type ConduitMemory,
  type Slot,
} from './conduit-slots.ts';
import { createErrand } from './errand.ts';
import type { Shard, Socket } from './event-sub.ts';
import { reportOf } from './hearing-status.ts';
import { createReconciler } from './reconciler.ts';
import { leaveWithinMs, type Transport, type TransportParts } from './transport.ts';
import { appWatches } from './watch.ts';
import { wishedOf } from './wishes.ts';

const repairEveryMs = 5_000;
/** A shard that went down without a word leaves only the other one. */
const shardsEveryMs = 60_000;

/**
 * App-token watches without a public address: a conduit whose shards are our sockets. There are two, since
 * Twitch tries another shard when one is down. A shard has to be attached within ten seconds of the welcome.
 */
export function openConduit(parts: TransportParts & { memory: ConduitMemory }): Transport {
  const { eventSub, memory, clientId, wishes, openSocket, hear, onGap, log, pace, inspectEveryMs } = parts;
  const lookEveryMs = Math.min(inspectEveryMs, shardsEveryMs);
  const app = { kind: 'app' } as const;
  const slots: Slot[] = [];
  let conduitId: string | null = null;
  let shards: Shard[] = [];
  let wasDeaf = false;
  let leaving: Socket | null = null;
  let vacancy: { id: string; since: number } | null = null;

  const reconciler = createReconciler({
    ...parts,
    list: () => eventSub.list(app, conduitId === null ? {} : { conduitId }),
    create: ({ type, version, condition }) =>
      eventSub.create(app, {
        type,
        version,
        condition,
        transport: { method: 'conduit', conduitId: conduitId ?? '' },
      }),
    remove: (id) => eventSub.remove(app, id),
    isOurs: ({ transport }) => transport.method === 'conduit' && transport.conduitId === conduitId,
  });
  // Apart from each other: a shard cannot wait until a thousand watches are made.
  const shardErrand = createErrand({ name: 'conduit shards', work: attach, pace, log });
  const watchErrand = createErrand({ name: 'conduit watches', work: reconcile, pace, log });
  shardErrand.soon();

  async function attach(signal: AbortSignal): Promise<number | null> {
    const conduit = await findConduit(eventSub, memory, conduitId, log);
    if (conduit.id !== conduitId) {
      if (conduitId !== null) onGap();
      conduitId = conduit.id;
      reconciler.lost();
      for (const slot of slots) Object.assign(slot, { shardId: null, isAttached: false });
      watchErrand.soon();
    }
    if (signal.aborted) return null;
    while (slots.length < shardsOfAConduit) slots.push(openSlot());
    shards = await attachSlots(eventSub, conduit, slots);
    noteGap();
    closeRanks();
    const isWhole = slots.every((slot) => slot.sessionId === null || slot.isAttached);
    return isWhole ? lookEveryMs : repairEveryMs;
  }

  /**
   * Twitch tries a message on one other shard only, and cuts off none but the last: what another listener has
   * left below ours would lose messages for ever. Unless it comes back, a fresh socket of ours moves down, and
   * the highest of ours ends.
   */
  function closeRanks(): void {
    if (slots.length > shardsOfAConduit) {
      if (slots.every(({ isAttached }) => isAttached)) endHighest();
      return;
    }
    const id = lowestVacancy(shards, slots);
    const nowMs = parts.now().getTime();
    if (id !== (vacancy?.id ?? null)) vacancy = id === null ? null : { id, since: nowMs };
    else if (vacancy !== null && nowMs - vacancy.since >= lookEveryMs) {
      vacancy = null;
      slots.push(openSlot());
    }
  }

  function endHighest(): void {
    slots.sort((a, b) => Number(a.shardId) - Number(b.shardId));
    leaving = slots.pop()?.socket ?? null;
    leaving?.retire();
  }

  function openSlot(): Slot {
    const slot: Slot = { socket: null, sessionId: null, shardId: null, attachedAs: null, isAttached: false };
    slot.socket = openSocket({
      onSession({ id, isResumed }) {
        slot.sessionId = id;
        if (isResumed) return;
        slot.isAttached = false;
        shardErrand.soon();
      },
      onMessage: hear,
      onRevocation: revoked,
      onDown() {
        Object.assign(slot, { sessionId: null, isAttached: false });
        if (isDeaf()) wasDeaf = true;
      },
    });
    return slot;
  }

  async function reconcile(signal: AbortSignal): Promise<number | null> {
    if (conduitId === null) return null;
    const wished = await wishedOf(wishes, appWatches(clientId, conduitId));
    const { pending } = await reconciler.reconcile(wished, signal);
    return pending > 0 ? repairEveryMs : inspectEveryMs;
  }

  function revoked(revocation: Parameters<Transport['revoked']>[0]): void {
    reconciler.revoked(revocation);
    if (revocation.status === 'conduit_deleted') shardErrand.soon();
    watchErrand.soon(pace.firstRetryMs);
  }

  const isDeaf = () => !slots.some(({ isAttached }) => isAttached);

  function noteGap(): void {
    if (wasDeaf && !isDeaf()) onGap();
    wasDeaf = isDeaf();
  }

  async function leave(signal: AbortSignal): Promise<void> {
    if (conduitId === null) return;
    const served = (await eventSub.shards(conduitId)).filter(({ status }) => status === 'enabled');
    if (served.every(isOurs)) await reconciler.leave(signal);
  }

  function isOurs({ id, sessionId }: Shard): boolean {
    return slots.some((slot) => slot.isAttached && slot.shardId === id && slot.sessionId === sessionId);
  }

  /** What we know of our own is newer than what Twitch has told. */
  function shardReport({ id, status }: Shard): { id: string; status: string } {
    const isLost = slots.some(({ shardId, isAttached }) => shardId === id && !isAttached);
    return { id, status: isLost && status === 'enabled' ? 'websocket_disconnected' : status };
  }

  function trouble(): string | null {
    if (isDeaf() && shardErrand.fault() !== null) return 'Twitch gives us no conduit.';
    if (slots.every(({ sessionId }) => sessionId === null)) return 'No socket to Twitch is open.';
    if (isDeaf()) return 'No socket is attached to the conduit yet.';
    if (reconciler.state().reconciledAt === null) return 'The watches are not made yet.';
    return null;
  }

  return {
    refresh(afterMs) {
      shardErrand.soon(afterMs);
      watchErrand.soon(afterMs);
    },
    revoked,
    forgive: reconciler.forgive,
    trouble,
    progress: reconciler.progress,
    isHeld: (key) => !isDeaf() && reconciler.isHeld(key),
    reasonOf: reconciler.reasonOf,
    report: () => ({
      ...reconciler.state(),
      problems: [
        ...(shardErrand.fault() === null || isDeaf()
          ? []
          : ['Twitch does not answer when it is asked about the conduit.']),
        ...(watchErrand.fault() === null ? [] : ['Twitch does not answer when it is asked for watches.']),
      ],
      sockets: slots.flatMap(({ socket, shardId }) =>
        socket === null
          ? []
          : [reportOf(shardId === null ? 'without a shard' : `shard ${shardId}`, socket.state())],
      ),
      shards: shards.map(shardReport),
    }),
    // Its watches outlive its sockets: they wait for its return, and other listeners may be heard by them.
    async stop(because) {
      await Promise.all([shardErrand.stop(), watchErrand.stop()]);
      if (because === 'replaced') await leave(AbortSignal.timeout(leaveWithinMs)).catch(() => undefined);
      for (const socket of [leaving, ...slots.map((slot) => slot.socket)]) socket?.close();
    },
  };
}
