import { createErrand } from './errand.ts';
import { createReconciler } from './reconciler.ts';
import { leaveWithinMs, type Transport, type TransportParts } from './transport.ts';
import { appWatches } from './watch.ts';
import { wishedOf } from './wishes.ts';

/** The query changes with the secret, and what was made with another secret is to be made anew. */
const withoutQuery = (callback: string) => callback.split('?')[0];

const silence = 'Twitch does not answer when it is asked for watches.';

/**
 * Twitch calls our address. Until it has confirmed one watch, only that one is asked for, and so again when
 * watches fail: an address that cannot be reached is not worth a thousand tries.
 */
export function openWebhook(
  parts: Omit<TransportParts, 'openSocket' | 'hear' | 'onGap'> & {
    callback: string;
    secret: string;
  },
): Transport {
  const { eventSub, callback, secret, clientId, wishes, inspectEveryMs, log } = parts;
  const app = { kind: 'app' } as const;
  /** How often in a row nothing was confirmed of what Twitch has still to confirm. */
  let waits = 0;
  let isSettled = false;
  const reconciler = createReconciler({
    ...parts,
    list: () => eventSub.list(app),
    create: ({ type, version, condition }) =>
      eventSub.create(app, { type, version, condition, transport: { method: 'webhook', callback, secret } }),
    remove: (id) => eventSub.remove(app, id),
    isOurs: ({ transport }) =>
      transport.method === 'webhook' && withoutQuery(transport.callback) === withoutQuery(callback),
    isOutdated: ({ transport }) => transport.method === 'webhook' && transport.callback !== callback,
    probes: true,
    retryMs: { first: parts.pace.firstRetryMs, longest: parts.inspectEveryMs },
  });
  const errand = createErrand({ name: 'webhook watches', work: reconcile, pace: parts.pace, log });
  errand.soon();

  async function reconcile(signal: AbortSignal): Promise<number> {
    const wished = await wishedOf(wishes, appWatches(clientId, null));
    const before = reconciler.progress();
    const { pending, retryInMs } = await reconciler.reconcile(wished, signal);
    isSettled ||= pending === 0 && reconciler.isProven();
    waits = pending === 0 || reconciler.progress() > before ? 0 : waits + 1;
    const confirmInMs = parts.confirmEveryMs * 2 ** Math.min(waits, 16);
    return Math.min(pending > 0 ? confirmInMs : inspectEveryMs, retryInMs ?? Infinity, inspectEveryMs);
  }

  function trouble(): string | null {
    if (!reconciler.isProven())
      return errand.fault() === null
        ? 'Twitch has not confirmed our address: it has to be reachable from outside.'
        : silence;
    if (reconciler.isFailing())
      return 'Twitch cannot reach our address any more: it has to be reachable from outside.';
    return isSettled ? null : 'Twitch has not confirmed all watches yet.';
  }

  return {
    refresh: errand.soon,
    revoked(revocation) {
      reconciler.revoked(revocation);
      errand.soon();
    },
    forgive: reconciler.forgive,
    trouble,
    progress: reconciler.progress,
    isHeld: reconciler.isHeld,
    reasonOf: reconciler.reasonOf,
    report: () => ({
      ...reconciler.state(),
      problems: errand.fault() !== null && reconciler.isProven() ? [silence] : [],
      sockets: [],
      shards: [],
    }),
    // An address that cannot be reached is kept from costing anything.
    async stop(because) {
      await errand.stop();
      if (because !== 'paused')
        await reconciler.leave(AbortSignal.timeout(leaveWithinMs)).catch(() => undefined);
    },
  };
}
