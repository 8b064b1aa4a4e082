import type { ConduitMemory } from './conduit-slots.ts';
import { openConduit } from './conduit-transport.ts';
import type { TransportName } from './hearing-status.ts';
import type { MessageHearer } from './message-hearer.ts';
import type { Candidate, TransportParts } from './transport.ts';
import type { SocketTokens } from './user-socket.ts';
import { openWebhook } from './webhook-transport.ts';
import { openWebsocket } from './websocket-transport.ts';

const noPublicAddress = 'Twitch calls only a PUBLIC_URL that begins with https and names no port.';

/** The ways of hearing that are wanted, the best first. None: the poll alone. */
export function candidatesFor(
  wanted: 'auto' | TransportName,
  parts: Omit<TransportParts, 'hear'> & {
    webhook: { callback: string; secret: string } | null;
    memory: ConduitMemory;
    tokens: SocketTokens;
  },
  hearer: MessageHearer,
): Candidate[] {
  const { webhook } = parts;
  const all: Candidate[] = [
    {
      name: 'webhook',
      obstacle: async () => (webhook === null ? noPublicAddress : null),
      open() {
        if (webhook === null) throw new Error('There is no public address');
        return openWebhook({ ...parts, ...webhook });
      },
    },
    {
      name: 'conduit',
      obstacle: async () => null,
      open: () => openConduit({ ...parts, hear: hearer.hearFrom('conduit') }),
    },
    {
      name: 'websocket',
      async obstacle() {
        return (await parts.wishes.tokenHolders()).length === 0 ? 'Nobody has signed in yet.' : null;
      },
      open: () => openWebsocket({ ...parts, hear: hearer.hearFrom('websocket') }),
    },
  ];
  return all.filter(({ name }) => wanted === 'auto' || wanted === name);
}
