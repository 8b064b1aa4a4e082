import { createErrand } from './errand.ts';
import { ownWatches } from './own-channel.ts';
import { createReconciler } from './reconciler.ts';
import { leaveWithinMs, type Transport, type TransportParts } from './transport.ts';
import { appWatches, inOrder } from './watch.ts';

const silence = 'Twitch does not answer when it is asked for watches.';

/**
 * Twitch calls our address. Until it has confirmed one watch, only that one is asked for: an address that
 * cannot be reached is not worth a thousand tries.
 */
export function openWebhook(
  parts: Omit<TransportParts, 'openSocket' | 'hear' | 'onGap'> & {
    callback: string;
    secret: string;
  },
): Transport {
  const { eventSub, callback, secret, clientId, wishes, log } = parts;
  const app = { kind: 'app' } as const;
  const reconciler = createReconciler({
    ...parts,
    list: () => eventSub.list(app),
    create: ({ type, version, condition }) =>
      eventSub.create(app, { type, version, condition, transport: { method: 'webhook', callback, secret } }),
    remove: (id) => eventSub.remove(app, id),
    isOurs: ({ transport }) => transport.method === 'webhook' && transport.callback === callback,
  });
  const errand = createErrand({ name: 'webhook watches', work: reconcile, pace: parts.pace, log });
  errand.soon();

  async function reconcile(signal: AbortSignal): Promise<number> {
    const [favoured, broadcasters] = await Promise.all([wishes.favoured(), wishes.broadcasters()]);
    const wished = inOrder(favoured, [
      ...appWatches(clientId, null),
      ...broadcasters.flatMap((each) => ownWatches(each)),
    ]);
    const { pending } = await reconciler.reconcile(
      wished,
      signal,
      (watch, isProven) => isProven || watch.streamerId === null,
    );
    return pending > 0 || !reconciler.isProven() ? parts.confirmEveryMs : parts.inspectEveryMs;
  }

  function trouble(): string | null {
    if (reconciler.isProven()) return null;
    if (errand.fault() !== null) return silence;
    return 'Twitch has not confirmed our address: it has to be reachable from outside.';
  }

  return {
    refresh: errand.soon,
    revoked(revocation) {
      reconciler.revoked(revocation);
      errand.soon();
    },
    forgive: reconciler.forgive,
    trouble,
    isHeld: reconciler.isHeld,
    reasonOf: reconciler.reasonOf,
    report: () => ({
      ...reconciler.state(),
      problems: errand.fault() !== null && reconciler.isProven() ? [silence] : [],
      sockets: [],
      shards: [],
    }),
    async stop({ leaves }) {
      await errand.stop();
      if (leaves) await reconciler.leave(AbortSignal.timeout(leaveWithinMs)).catch(() => undefined);
    },
  };
}
