import DataLoader from 'dataloader';
import session from 'express-session';
import type { User } from '../domain/user.ts';
import type { Visit } from '../domain/visit.ts';
import type { Database } from './database.ts';
import { isDuplicateKey, isMissingParent, toSignedOut } from './faults.ts';
import { rowsOf } from './rows.ts';
import { hashOf } from './sessions.ts';
import { toDate } from './streamer-rows.ts';
import { toText } from './text.ts';
import { toSettings, toUser } from './users.ts';
import type { UserRow, UserSettings } from './users.ts';

declare module 'express-session' {
  interface SessionData {
    /** Whose session it is. Decided when it is first saved: a sign-in needs a new session. */
    userId?: string;
    /** The browser's own description of itself, given with the first save. */
    userAgent?: string;
    /** The user of that id, fetched along with the session and never saved with it. */
    readonly user?: User;
    /** What that user turned on, and what their token allows; fetched likewise. */
    readonly wishes?: UserSettings & { scopes: string[] };
    /** What that user has seen of the events; fetched likewise. */
    readonly visit?: Visit;
  }
}

export interface SessionStoreOptions {
  now: () => number;
  /** A session that nobody uses ends after this time; a shorter `cookie.maxAge` ends it sooner. */
  idleMs?: number;
  /** No session lives longer than this. */
  absoluteMs?: number;
  /** The end is written back when it has moved by more than this. */
  touchMs?: number;
}

/** express-session's store over the table `sessions`: one SELECT for each request, a write every few minutes. */
export class SessionStore extends session.Store {
  readonly #database: Database;
  readonly #options: Required<SessionStoreOptions>;
  /** By hash. Requests that come in the same turn of the event loop are looked up together. */
  readonly #rows: DataLoader<string, SessionRow | null>;

  constructor(database: Database, options: SessionStoreOptions) {
    super();
    this.#database = database;
    this.#rows = new DataLoader((hashes) => this.#findAll(hashes), {
      cache: false,
      batchScheduleFn: setImmediate,
      maxBatchSize: 200,
    });
    this.#options = { idleMs: 7 * day, absoluteMs: 30 * day, touchMs: 5 * 60_000, ...options };
  }

  override get(
    sessionId: string,
    callback: (error: unknown, data?: session.SessionData | null) => void,
  ): void {
    answer(this.#find(sessionId), callback);
  }

  override set(sessionId: string, data: session.SessionData, callback?: (error?: unknown) => void): void {
    answer(this.#save(sessionId, data), callback);
  }

  override destroy(sessionId: string, callback?: (error?: unknown) => void): void {
    answer(this.#remove(sessionId), callback);
  }

  /**
   * A failure is kept quiet: the page is already made, and the next request writes it again. When there is
   * nothing to write the answer is immediate, else express-session would send every page in two pieces.
   */
  override touch(sessionId: string, data: session.SessionData, callback?: () => void): void {
    const due = this.#renewalOf(data);
    if (due === null) callback?.();
    else answer(this.#write(sessionId, due.stored, due.row), () => callback?.());
  }

  /** Hands on what `get` attached: express-session copies enumerable properties only. */
  override createSession(
    request: Parameters<session.Store['createSession']>[0],
    data: session.SessionData,
  ): session.Session & session.SessionData {
    const created = super.createSession(request, data);
    const stored = storedOf(data);
    if (stored !== undefined) attach(created, stored);
    return created;
  }

  async #find(sessionId: string): Promise<session.SessionData | null> {
    const row = await this.#rows.load(hashOf(sessionId));
    return row === null ? null : toSessionData(row);
  }

  async #findAll(hashes: readonly string[]): Promise<(SessionRow | null)[]> {
    const asked = [...new Set(hashes)];
    const sql = `${sessionQuery} AND s.id_hash IN (${asked.map(() => '?').join(', ')})`;
    const rows = await this.#database.run((knex) =>
      rowsOf<SessionRow>(knex, sql, [this.#options.now(), ...asked]),
    );
    const byHash = new Map(rows.map((row) => [row.id_hash, row]));
    return hashes.map((hash) => byHash.get(hash) ?? null);
  }

  async #save(sessionId: string, data: session.SessionData): Promise<void> {
    const stored = storedOf(data);
    if (stored !== undefined) return await this.#update(sessionId, data, stored);
    const now = this.#options.now();
    const fresh = { createdAt: now, expiresAt: this.#expiryOf(data, now) };
    try {
      await this.#database.run((knex) => knex('sessions').insert(toNewRow(sessionId, data, fresh)));
    } catch (error) {
      if (isMissingParent(error)) throw toSignedOut(error);
      // Saved twice by the request that made it.
      if (!isDuplicateKey(error)) throw error;
      await this.#update(sessionId, data, fresh);
    }
    attach(data, fresh);
  }

  /** Never an INSERT: a slow request must not bring back a session that has ended meanwhile. */
  async #update(sessionId: string, data: session.SessionData, stored: Stored): Promise<void> {
    await this.#write(sessionId, stored, { data: toJson(data), ...this.#renewed(data, stored) });
  }

  /** What a touch has to write; `null` while the end has hardly moved. */
  #renewalOf(data: session.SessionData): { stored: Stored; row: RenewedRow } | null {
    const stored = storedOf(data);
    if (stored === undefined) return null;
    const row = this.#renewed(data, stored);
    return Math.abs(row.expires_at - stored.expiresAt) > this.#options.touchMs ? { stored, row } : null;
  }

  async #write(sessionId: string, stored: Stored, row: RenewedRow): Promise<void> {
    await this.#database.run((knex) =>
      knex('sessions')
        .where({ id_hash: hashOf(sessionId) })
        .where('expires_at', '>', this.#options.now())
        .update(row),
    );
    stored.expiresAt = row.expires_at;
  }

  async #remove(sessionId: string): Promise<void> {
    await this.#database.run((knex) =>
      knex('sessions')
        .where({ id_hash: hashOf(sessionId) })
        .delete(),
    );
  }

  #renewed(data: session.SessionData, stored: Stored): RenewedRow {
    return { expires_at: this.#expiryOf(data, stored.createdAt), seen_at: this.#options.now() };
  }

  #expiryOf(data: session.SessionData, createdAt: number): number {
    const { now, idleMs, absoluteMs } = this.#options;
    const idle = Math.min(idleMs, data.cookie.originalMaxAge ?? idleMs);
    return Math.min(now() + idle, createdAt + absoluteMs);
  }
}

/** What is known of a session that has a row. `user` as of this request. */
interface Stored {
  createdAt: number;
  expiresAt: number;
  user?: User;
  wishes?: session.SessionData['wishes'];
  visit?: Visit;
}

interface RenewedRow {
  expires_at: number;
  seen_at: number;
  data?: string;
}

interface SessionRow {
  id_hash: string;
  data: string;
  user_id: string | null;
  user_agent: string;
  created_at: number;
  expires_at: number;
  id: string | null;
  login: string;
  display_name: string;
  profile_image_url: string | null;
  chat_events_since: number | null;
  own_kinds: string;
  scopes: string | null;
  read_event_id: number;
  seen_event_id: number;
  seen_at: number | null;
  last_event_id: number | null;
}

const day = 24 * 60 * 60_000;
const sessionQuery = `
  SELECT s.id_hash, s.data, s.user_id, s.user_agent, s.created_at, s.expires_at,
    u.id, u.login, u.display_name, u.profile_image_url, u.chat_events_since, u.own_kinds, t.scopes,
    u.read_event_id, u.seen_event_id, u.seen_at,
    (SELECT q.value FROM sequences q WHERE q.name = 'stream_events') AS last_event_id
  FROM sessions s LEFT JOIN users u ON u.id = s.user_id LEFT JOIN tokens t ON t.user_id = s.user_id
  WHERE s.expires_at > ?`;
const storedKey = Symbol('stored');

function answer<Value>(
  work: Promise<Value>,
  callback: ((error: unknown, value?: Value) => void) | undefined,
): void {
  // setImmediate, so that an error thrown by the callback is not taken for one of the database.
  work.then(
    (value) => setImmediate(() => callback?.(null, value)),
    (error: unknown) => setImmediate(() => callback?.(error)),
  );
}

function storedOf(data: object): Stored | undefined {
  return Object.getOwnPropertyDescriptor(data, storedKey)?.value;
}

/** Not enumerable: neither express-session's comparison nor the row sees it. */
function attach(data: object, stored: Stored): void {
  Object.defineProperty(data, storedKey, { value: stored, configurable: true });
  Object.defineProperty(data, 'user', { value: stored.user, configurable: true });
  Object.defineProperty(data, 'wishes', { value: stored.wishes, configurable: true });
  Object.defineProperty(data, 'visit', { value: stored.visit, configurable: true });
}

function toSessionData(row: SessionRow): session.SessionData | null {
  const saved: Omit<session.SessionData, 'userAgent' | 'userId'> | null = parse(row.data);
  if (saved === null) return null;
  const data: session.SessionData = { ...saved, userAgent: row.user_agent };
  if (row.user_id !== null) data.userId = row.user_id;
  const stored: Stored = { createdAt: row.created_at, expiresAt: row.expires_at };
  if (hasUser(row)) {
    stored.user = toUser(row);
    stored.wishes = { ...toSettings(row), scopes: row.scopes?.split(' ') ?? [] };
    stored.visit = toVisit(row);
  }
  attach(data, stored);
  return data;
}

function toVisit(row: SessionRow): Visit {
  return {
    readTo: row.read_event_id,
    seenTo: row.seen_event_id,
    seenAt: toDate(row.seen_at),
    end: row.last_event_id ?? 0,
  };
}

function toNewRow(sessionId: string, data: session.SessionData, { createdAt, expiresAt }: Stored) {
  return {
    id_hash: hashOf(sessionId),
    user_id: data.userId ?? null,
    data: toJson(data),
    user_agent: toText(data.userAgent ?? '', 255),
    created_at: createdAt,
    seen_at: createdAt,
    expires_at: expiresAt,
  };
}

function toJson(data: session.SessionData): string {
  const { userId: _userId, userAgent: _userAgent, ...saved } = data;
  return JSON.stringify(saved);
}

function parse(json: string): session.SessionData | null {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function hasUser(row: SessionRow): row is SessionRow & UserRow {
  return row.id !== null;
}
