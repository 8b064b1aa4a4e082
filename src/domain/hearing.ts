import { openChatReaders, type ChatReaders } from './chat-readers.ts';
import type { ConduitMemory } from './conduit-slots.ts';
import { coverageOf } from './coverage.ts';
import { createErrand } from './errand.ts';
import type { EventIntake } from './event-intake.ts';
import type { EventSub, HearingLog, OpenSocket, ReadMessage, Revocation } from './event-sub.ts';
import { createFreshener } from './freshener.ts';
import { usualPace, type HearingPace } from './hearing-pace.ts';
import { startReporting, statusOf } from './hearing-report.ts';
import type { HearingStatus, TransportName } from './hearing-status.ts';
import { createMessageHearer } from './message-hearer.ts';
import type { Broadcaster } from './own-channel.ts';
import { createPushPromise } from './push-promise.ts';
import { scarceForMs, type RateLimit } from './rate-limit.ts';
import type { Reader } from './reader-assignment.ts';
import { candidatesFor } from './transport-candidates.ts';
import { createTransportChoice } from './transport-choice.ts';
import type { SocketTokens } from './user-socket.ts';
import type { Favoured } from './watch.ts';
import type { Wishes } from './wishes.ts';

/** What hearing wants of the database. */
export interface HearingStore extends Wishes {
  readers(): Promise<Reader[]>;
  saveReport(status: HearingStatus): Promise<void>;
  conduit: ConduitMemory;
}

/** What hearing is made of. */
export interface HearingParts {
  wanted: 'auto' | TransportName;
  clientId: string;
  /** The public address that Twitch may call, with https; `null` when there is none. */
  webhook: { callback: string; secret: string } | null;
  eventSub: EventSub;
  openSocket: OpenSocket;
  readMessage: ReadMessage;
  tokens: SocketTokens;
  store: HearingStore;
  intake: EventIntake;
  /** Asks Twitch about these streamers now. */
  freshen: (streamerIds: string[]) => Promise<void>;
  /** Asks Twitch about everybody: something may have been missed. */
  compare: (signal: AbortSignal) => Promise<void>;
  /** Deletes the user's tokens and what they stand for, unless the user has signed in since `at`. */
  onAuthorizationRevoked: (userId: string, at: Date) => Promise<void>;
  rateLimit: () => RateLimit | null;
  now: () => Date;
  log: HearingLog;
  pace?: Partial<HearingPace>;
}

export type Hearing = ReturnType<typeof createHearing>;

/** Hears Twitch in the best way that works, and gives what it hears to the intake. */
export function createHearing(parts: HearingParts) {
  const { wanted, store, now, log } = parts;
  const pace = { ...usualPace, ...parts.pace };
  const freshener = createFreshener({
    look: parts.freshen,
    delaysMs: pace.freshenAfterMs,
    gatherMs: pace.gatherMs,
    log,
  });
  const hearer = createMessageHearer({
    ...parts,
    takeAgainMs: pace.takeAgainMs,
    onLive(streamerId) {
      freshener.wentLive(streamerId);
      liveChanged();
    },
    async onAuthorizationRevoked(userId, at) {
      await parts.onAuthorizationRevoked(userId, at);
      refresh(pace.debounceMs);
    },
    onShardDisabled: () => refresh(0),
    onLost: () => comparing.soon(pace.debounceMs),
  });
  const shared = {
    ...parts,
    wishes: store,
    memory: store.conduit,
    readers: () => store.readers(),
    favoured: () => store.favoured(),
    onGap: () => comparing.soon(pace.debounceMs),
    scarceForMs: () => scarceForMs(parts.rateLimit(), now()),
    pace: pace.errand,
    inspectEveryMs: pace.inspectEveryMs,
    confirmEveryMs: pace.confirmEveryMs,
  };
  const choice = createTransportChoice({
    candidates: candidatesFor(wanted, shared, hearer),
    isFixed: wanted !== 'auto',
    patienceMs: pace.patienceMs,
    retryBetterMs: pace.retryBetterMs,
    now,
    onChange: () => comparing.soon(pace.debounceMs),
    log,
  });
  const covers = (streamerId: string) => coverageOf(streamerId, choice.present().transport).by !== 'poll';
  const promise = createPushPromise(covers);
  let chat: ChatReaders | null = null;
  let reporting: { stop(): Promise<void> } | null = null;
  let favoured: Favoured[] = [];
  /** What was wished, and who lets us hear, when the database was asked last. */
  let known: { wishes: string; people: Map<string, string>; live: string } | null = null;

  const often = (everyMs: number) => ({ ...pace.errand, everyMs });
  const looking = createErrand({ name: 'transport', work: look, pace: often(pace.lookEveryMs), log });
  const wishing = createErrand({ name: 'wishes', work: readWishes, pace: often(pace.wishesEveryMs), log });
  // Only when something may have been missed: the poll has its own pace.
  const comparing = createErrand({ name: 'comparing', work: compare, pace: often(Infinity), log });

  async function look(): Promise<null> {
    await choice.look();
    promise.note(favoured.map(({ streamerId }) => streamerId));
    return null;
  }

  async function compare(signal: AbortSignal): Promise<null> {
    const settle = promise.comparing();
    await parts.compare(signal);
    if (!signal.aborted) settle();
    return null;
  }

  /** Other processes change what is wished, too. */
  async function readWishes(): Promise<null> {
    const [nowFavoured, readers, broadcasters, holders] = await Promise.all([
      store.favoured(),
      store.readers(),
      store.broadcasters(),
      store.tokenHolders(),
    ]);
    favoured = nowFavoured;
    const ids = favoured.map(({ streamerId }) => streamerId).toSorted();
    const next = {
      wishes: JSON.stringify([ids, readers]),
      people: peopleOf(readers, broadcasters, holders),
      live: JSON.stringify(favoured.filter(({ isLive }) => isLive).map(({ streamerId }) => streamerId)),
    };
    const before = known;
    known = next;
    const people = [...new Set([...next.people.keys(), ...(before?.people.keys() ?? [])])];
    const changed =
      before === null ? [] : people.filter((id) => next.people.get(id) !== before.people.get(id));
    // Who has gone has allowed nothing anew.
    for (const id of changed) if (next.people.has(id)) forgive(id);
    if (changed.length > 0) refresh(pace.debounceMs);
    // Also at the first reading: who began earlier may have seen less.
    else if (next.wishes !== before?.wishes) refresh(0);
    else if (next.live !== before.live) liveChanged();
    return null;
  }

  function refresh(afterMs: number): void {
    for (const transport of choice.transports()) transport.refresh(afterMs);
    chat?.refresh(afterMs);
  }

  /** Where there is not enough for all, the live come first. */
  function liveChanged(): void {
    chat?.liveChanged(pace.debounceMs);
    for (const transport of choice.transports())
      if (transport.report().watches.missing > 0) transport.refresh(pace.liveFirstMs);
  }

  function forgive(userId: string): void {
    for (const transport of choice.transports()) transport.forgive(userId);
    chat?.forgive(userId);
  }

  function readersChanged(userId: string): void {
    forgive(userId);
    refresh(pace.debounceMs);
  }

  function status(): HearingStatus {
    return statusOf({ wanted, choice, chat, hearer, favoured });
  }

  return {
    /** Begins to listen. Not to be called where only pages are served: webhooks are heard without it. */
    start(): void {
      chat = openChatReaders({ ...shared, hear: hearer.hearFrom('websocket') });
      for (const errand of [wishing, looking]) errand.soon();
      reporting = startReporting({ status, save: (made) => store.saveReport(made), pace, log });
    },

    async stop(): Promise<void> {
      freshener.stop();
      const duties = [looking, wishing, comparing, reporting].filter((each) => each !== null);
      await Promise.all(duties.map((each) => each.stop()));
      await choice.stop();
      await chat?.stop();
      await hearer.stop();
    },

    /** Also what the webhook calls: resolves after the commit. @throws when it could not be stored */
    hear: hearer.hear,

    /** Twitch has told the webhook that a subscription ended. */
    revoked(revocation: Revocation): void {
      for (const transport of choice.transports()) transport.revoked(revocation);
    },

    /** Asks Twitch about everybody, as is to be done again and again. @throws what stood in the way */
    async compare(signal: AbortSignal): Promise<void> {
      await compare(signal);
    },

    favouritesChanged: () => refresh(pace.debounceMs),

    /** A user has allowed something, taken it back, signed in or out. */
    readersChanged,

    /** Whether push tells when this streamer goes live and offline. */
    covers,

    /** Whether it does, or should have done since everybody was last compared. */
    hasPromised: promise.covers,

    status,
  };
}

/** What each user lets us hear, by user. */
function peopleOf(readers: Reader[], broadcasters: Broadcaster[], holders: string[]): Map<string, string> {
  const reading = new Set(readers.map(({ userId }) => userId));
  const own = new Map(broadcasters.map((each) => [each.userId, each]));
  const holding = new Set(holders);
  const ids = new Set([...reading, ...own.keys(), ...holding]);
  return new Map(
    [...ids].map((id) => [id, JSON.stringify([reading.has(id), own.get(id) ?? null, holding.has(id)])]),
  );
}
