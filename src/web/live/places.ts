import { BlockList, isIPv6 } from 'node:net';
import { AppError } from '../../domain/errors.ts';
import { clientNetwork } from '../middleware/client-network.ts';

/** Streams that may be open at once. */
export interface StreamLimits {
  aUser: number;
  /** Of one address, or of one IPv6 network: a house or an office may share one. */
  anAddress: number;
  inAll: number;
}

/** Counts the streams that are open or about to be. */
export function createPlaces(limits: StreamLimits) {
  const byOwner = new Map<string, number>();
  let taken = 0;

  function isFull(owner: string, most: number): boolean {
    return (byOwner.get(owner) ?? 0) >= most;
  }

  function count(owners: string[], change: 1 | -1): void {
    taken += change;
    for (const owner of owners) {
      const now = (byOwner.get(owner) ?? 0) + change;
      if (now === 0) byOwner.delete(owner);
      else byOwner.set(owner, now);
    }
  }

  return {
    areEmpty: () => taken === 0,
    /**
     * Takes one; the function gives it back.
     * @throws AppError `too-many` when the user or the address has all that are theirs, `unavailable` when there is none
     */
    take({ userId, address }: { userId: string; address: string | null }): () => void {
      const user = `user ${userId}`;
      const from = `address ${address === null ? '' : clientNetwork(address)}`;
      if (taken >= limits.inAll) {
        const message = 'Too many pages listen at the moment. Please try again later.';
        throw new AppError('unavailable', message, { retryAfterS: 5 });
      }
      if (isFull(user, limits.aUser)) {
        throw tooMany('You have too many live pages open. Close one of them, please.');
      }
      if (!saysNothing(address) && isFull(from, limits.anAddress)) {
        throw tooMany('Too many live pages are open at your address. Close one of them, please.');
      }
      count([user, from], 1);
      return () => count([user, from], -1);
    },
  };
}

/**
 * A proxy that nobody told us of (`TRUST_PROXY`) brings everybody under one address: of this machine, of a network of
 * containers or of a house.
 */
function saysNothing(address: string | null): boolean {
  return address === null || inside.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Addresses that nobody has on the Internet. An IPv4 address may be written as IPv6. */
const inside = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  inside.addSubnet(network, prefix);
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  inside.addSubnet(network, prefix, 'ipv6');

function tooMany(message: string): AppError {
  return new AppError('too-many', message, { retryAfterS: 30 });
}
