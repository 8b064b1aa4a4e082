import type { ErrandPace } from './errand.ts';
import type { EventSub, EventSubMessage, HearingLog, OpenSocket, Revocation } from './event-sub.ts';
import type { Costs, SocketReport, TransportName, WatchCounts } from './hearing-status.ts';
import type { Wishes } from './wishes.ts';

/** A way of hearing that is under way. It keeps its watches as they are wished, by itself. */
export interface Transport {
  /** What is wished has changed, or something may be broken: looks after it within so many milliseconds. */
  refresh(afterMs?: number): void;
  revoked(revocation: Revocation): void;
  /** A user has allowed something anew: what Twitch refused about them is asked for again. */
  forgive(userId: string): void;
  /** A sentence: why it does not work. `null`: it works. */
  trouble(): string | null;
  /** Grows while its watches are made: it may not work yet, but is not to be given up. */
  progress(): number;
  /** Whether Twitch has confirmed the watch and its events would reach us. */
  isHeld(key: string): boolean;
  reasonOf(key: string): string | null;
  report(): TransportReport;
  /** Ends it. What it leaves behind at Twitch depends on why. */
  stop(because: Ending): Promise<void>;
}

/**
 * Why a way of hearing ends. `paused`: for now, with nothing in its place. `replaced`: by a better one, for
 * good. `failed`: it does not work, and is tried again in minutes.
 */
export type Ending = 'paused' | 'replaced' | 'failed';

export interface TransportReport {
  /** A sentence for each thing that is not as it should be although it works. */
  problems: string[];
  sockets: SocketReport[];
  shards: { id: string; status: string }[];
  costs: Costs;
  watches: WatchCounts;
  reconciledAt: Date | null;
}

/** A way of hearing that could be tried. */
export interface Candidate {
  name: Exclude<TransportName, 'poll'>;
  /** A sentence: why it cannot even be tried. `null`: it can. */
  obstacle(): Promise<string | null>;
  open(): Transport;
}

/** What every transport is made of. */
export interface TransportParts {
  eventSub: EventSub;
  clientId: string;
  wishes: Wishes;
  openSocket: OpenSocket;
  /** Takes what a socket brings; never rejects. */
  hear: (message: EventSubMessage) => void;
  /** Something may have been missed. */
  onGap: () => void;
  now: () => Date;
  scarceForMs: () => number;
  pace: ErrandPace;
  inspectEveryMs: number;
  confirmEveryMs: number;
  log: HearingLog;
}

/** How long a goodbye may take, in milliseconds. */
export const leaveWithinMs = 5_000;
