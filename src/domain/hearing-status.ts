import type { SocketState } from './event-sub.ts';

/** The ways of hearing, the best first. `poll`: Twitch's lists alone. */
const transportNames = ['webhook', 'conduit', 'websocket', 'poll'] as const;

export type TransportName = (typeof transportNames)[number];

/** By what a streamer is covered: all by push, a part of it, or only by the poll. */
export type CoverageBy = 'push' | 'part' | 'poll';

/** A socket, as people see it. Times are ISO 8601 in UTC. */
export interface SocketReport {
  what: string;
  status: SocketState['status'];
  since: string;
  lastMessageAt: string | null;
  reconnects: number;
  lastClose: { code: number; reason: string; at: string } | null;
}

export interface ReaderReport {
  userId: string;
  /** How many channels the reader listens to. */
  channels: number;
  status: SocketState['status'];
  problem: string | null;
}

export interface Costs {
  total: number | null;
  max: number | null;
}

export interface WatchCounts {
  wished: number;
  existing: number;
  missing: number;
}

/** How hearing is going, in JSON. Times are ISO 8601 in UTC. Holds no token and no address of a session. */
export interface HearingStatus {
  wanted: 'auto' | TransportName;
  present: TransportName;
  /** A sentence: why this one. */
  why: string;
  /** Since when this one is the present. */
  since: string;
  /** A sentence for each thing that is not as it should be. */
  problems: string[];
  sockets: SocketReport[];
  shards: { id: string; status: string }[];
  costs: Costs;
  watches: WatchCounts;
  lastEventAt: string | null;
  lastReconcileAt: string | null;
  counts: { heard: number; unknown: number; unreadable: number; failed: number };
  coverage: {
    push: number;
    part: number;
    poll: number;
    /** Who is not fully covered by push, by streamer; at most 2,000. */
    exceptions: Record<string, { by: 'part' | 'poll'; reason: string }>;
  };
  readers: ReaderReport[];
  chat: {
    covered: number;
    /** Why nobody reads the chat of those for whom somebody wished it; at most 2,000. */
    exceptions: Record<string, string>;
  };
}

/** A socket, as the status page shows it. */
export function reportOf(what: string, state: SocketState): SocketReport {
  return {
    what,
    status: state.status,
    since: state.since.toISOString(),
    lastMessageAt: state.lastMessageAt?.toISOString() ?? null,
    reconnects: state.reconnects,
    lastClose:
      state.lastClose === null
        ? null
        : {
            code: state.lastClose.code,
            reason: state.lastClose.reason.slice(0, 200),
            at: state.lastClose.at.toISOString(),
          },
  };
}
