import type { HearingPace } from '../../src/domain/hearing-pace.ts';
import type { ShownEvent } from '../../src/domain/stream-event.ts';
import type { EventSubSettings } from '../../src/simulator/index.ts';
import type { EventSubClocks } from '../../src/twitch/index.ts';
import { type SignedInBrowser, startApp, type TestApp } from './app.ts';
import { openSqlite } from './databases.ts';
import { newestOf } from './events.ts';

/** A program that listens to its simulated Twitch, with clocks that tests can wait for. */
export interface ListeningApp extends TestApp {
  viewer: SignedInBrowser;
  /** The id of a streamer or viewer by login. */
  idOf(login: string): string;
  /** A user with a token of these scopes, whose favourites these are. */
  addUser(login: string, options?: UserOptions): Promise<SignedInBrowser>;
  favour(userLogin: string, ...streamers: string[]): Promise<void>;
  /** What the page of a streamer shows, newest first. */
  recent(login: string): Promise<ShownEvent[]>;
  /** What is stored, by the order of storing. */
  stored(type?: string): Promise<StoredEvent[]>;
  /** The words of the status page, without its code, as the listener reports now. */
  status(): Promise<string>;
  /** The same as whatever was reported last tells it. */
  page(): Promise<string>;
  stopDuties(): Promise<void>;
}

export interface UserOptions {
  scopes?: string[];
  favourites?: string[];
  /** Wishes to hear subs, gifts and raids. */
  chat?: boolean;
  /** Groups of happenings of the own channel. */
  kinds?: string[];
}

export interface StoredEvent {
  messageId: string;
  type: string;
  kind: string;
  source: string;
  isLate: boolean;
  streamerId: string;
  amount: number | null;
  payload: Record<string, unknown>;
}

export interface ListenOptions {
  environment?: Record<string, string>;
  eventSub?: Partial<EventSubSettings>;
  pace?: Partial<HearingPace>;
  clocks?: Partial<EventSubClocks>;
  /** Of the viewer, who is `ada_follows` and has a token. */
  viewer?: UserOptions;
  /** Before anything begins. */
  prepare?: (app: TestApp) => void | Promise<void>;
}

const quickPace: Partial<HearingPace> = {
  errand: { everyMs: 60_000, firstRetryMs: 30, longestRetryMs: 200 },
  confirmEveryMs: 50,
  debounceMs: 30,
  wishesEveryMs: 100,
  lookEveryMs: 20,
  patienceMs: 700,
  retryBetterMs: 900,
  freshenAfterMs: [],
  takeAgainMs: [20, 50, 100],
  reportSoonMs: 20,
  reportEveryMs: 500,
};

/** The poll looks once, at the start: whatever is found later is found by comparing after a gap. */
export async function startListening(options: ListenOptions = {}): Promise<ListeningApp> {
  const app = await startApp({ POLL_INTERVAL_S: '3600', ...options.environment }, openSqlite, {
    hearingPace: { ...quickPace, ...options.pace },
    socketClocks: { firstPauseMs: 40, longestPauseMs: 200, ...options.clocks },
    ...(options.eventSub === undefined ? {} : { simulator: { eventSub: options.eventSub } }),
  });
  const idOf = (login: string) => app.simulator.world.find(login)?.id ?? '';

  async function favour(userLogin: string, ...streamers: string[]): Promise<void> {
    await app.store.streamers.saveProfiles(await app.twitch.usersByIds(streamers.map(idOf)), new Date());
    for (const login of streamers) await app.store.favourites.add(idOf(userLogin), idOf(login));
  }

  async function addUser(login: string, given: UserOptions = {}): Promise<SignedInBrowser> {
    const id = idOf(login);
    const browser = await app.signedIn({ id, login, displayName: login });
    const { tokens } = app.simulator;
    const issued = tokens.redeemCode(tokens.issueCode(id, given.scopes ?? [], ''), '');
    if (typeof issued === 'string') throw new Error(`The simulator gave no token: ${issued}`);
    await app.store.tokens.save(id, {
      accessToken: issued.accessToken,
      refreshToken: issued.refreshToken,
      scopes: [...issued.scopes],
      expiresAt: new Date(Date.now() + issued.expiresInS * 1_000),
    });
    if (given.chat === true) await app.store.users.setChatEvents(id, true);
    if (given.kinds !== undefined) await app.store.users.setOwnKinds(id, given.kinds);
    await favour(login, ...(given.favourites ?? []));
    return browser;
  }

  async function page(): Promise<string> {
    const { text } = await viewer.get('/twitch/status');
    const [, main = ''] = /<main[^>]*>([\s\S]*)<\/main>/.exec(text) ?? [];
    return main.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  }

  const viewer = await addUser('ada_follows', { favourites: ['otto', 'fernhollow'], ...options.viewer });
  await options.prepare?.(app);
  await app.listener.round(new AbortController().signal).catch(() => undefined);
  const duties = app.startDuties();

  return {
    ...app,
    viewer,
    idOf,
    addUser,
    favour,
    recent: (login) => newestOf(app.store, idOf(login), 10),
    async stored(type) {
      const rows = await app.knex('stream_events').orderBy('sequence').select<EventRow[]>();
      return rows.map(toStored).filter((event) => type === undefined || event.type === type);
    },
    async status() {
      await app.store.reports.save('hearing', app.hearing.status());
      return await page();
    },
    page,
    stopDuties: () => duties.stop(),
    async close() {
      app.simulator.faults.clear();
      await duties.stop();
      await app.close();
    },
  };
}

interface EventRow {
  message_id: string;
  type: string;
  kind: string;
  source: string;
  is_late: number | boolean;
  streamer_id: string;
  amount: number | null;
  payload: string;
}

function toFields(json: string): Record<string, unknown> {
  const fields: unknown = JSON.parse(json);
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}

function toStored(row: EventRow): StoredEvent {
  return {
    messageId: row.message_id,
    type: row.type,
    kind: row.kind,
    source: row.source,
    isLate: Boolean(row.is_late),
    streamerId: row.streamer_id,
    amount: row.amount,
    payload: toFields(row.payload),
  };
}
