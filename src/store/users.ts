import type { Knex } from 'knex';
import { ownTypes } from '../domain/own-channel.ts';
import type { User } from '../domain/user.ts';
import type { Database } from './database.ts';
import { withdrawEvents } from './event-withdrawal.ts';
import { sequenceEnd } from './sequence.ts';
import { toDate } from './streamer-rows.ts';
import { isKey, toAddress, toLogin, toText } from './text.ts';

export interface Users {
  /** Adds the user or brings the row up to date: once for each sign-in. */
  save(user: User): Promise<void>;
  find(id: string): Promise<User | null>;
  /** When the user signed in. */
  signIns(id: string): Promise<{ first: Date; last: Date } | null>;
  /** What the user wishes to hear, besides what all favourites tell; nothing of who is unknown. */
  settings(id: string): Promise<UserSettings>;
  /** The wish to hear subs, gifts and raids from chat. Since when stays as it was. */
  setChatEvents(id: string, isOn: boolean): Promise<void>;
  /**
   * Replaces the kinds of events of the user's own channel, by the names of their groups. What was heard of the
   * others is forgotten.
   */
  setOwnKinds(id: string, kinds: string[]): Promise<void>;
  /**
   * Takes the tokens, sessions and favourites along, and what only the user's leave let us hear of the own
   * channel. With `at`, only who has not signed in since. False when there was no such user.
   */
  remove(id: string, at?: Date): Promise<boolean>;
}

/** What a user has turned on. */
export interface UserSettings {
  /** Since when; `null` while it is off. */
  chatEventsSince: Date | null;
  ownKinds: string[];
}

interface SettingsRow {
  chat_events_since: number | null;
  own_kinds: string;
}

const nothing: SettingsRow = { chat_events_since: null, own_kinds: '' };

/** What the database knows of a user, as far as other tables' queries fetch it too. */
export interface UserRow {
  id: string;
  login: string;
  display_name: string;
  profile_image_url: string | null;
}

export function createUsers(database: Database, now: () => number): Users {
  const { run } = database;

  return {
    save: (user) =>
      run(async (knex) => {
        const end = await sequenceEnd(knex);
        const row = {
          ...toUserRow(user),
          created_at: now(),
          signed_in_at: now(),
          // To a newcomer nothing is new.
          read_event_id: end,
          seen_event_id: end,
          seen_at: now(),
        };
        await knex('users')
          .insert(row)
          .onConflict('id')
          .merge(['login', 'display_name', 'profile_image_url', 'signed_in_at']);
      }),
    async find(id) {
      if (!isKey(id)) return null;
      const row = await run((knex) => knex('users').first<UserRow | undefined>().where({ id }));
      return row === undefined ? null : toUser(row);
    },
    async signIns(id) {
      if (!isKey(id)) return null;
      const row = await run((knex) =>
        knex('users')
          .first<{ created_at: number; signed_in_at: number } | undefined>('created_at', 'signed_in_at')
          .where({ id }),
      );
      return row === undefined ? null : { first: new Date(row.created_at), last: new Date(row.signed_in_at) };
    },
    async settings(id) {
      if (!isKey(id)) return { chatEventsSince: null, ownKinds: [] };
      const row = await run((knex) =>
        knex('users').first<SettingsRow | undefined>('chat_events_since', 'own_kinds').where({ id }),
      );
      return toSettings(row ?? nothing);
    },
    async setChatEvents(id, isOn) {
      if (!isKey(id)) return;
      await run(async (knex) => {
        const since = isOn ? knex.raw('COALESCE(chat_events_since, ?)', [now()]) : null;
        await knex('users').where({ id }).update({ chat_events_since: since });
      });
    },
    async setOwnKinds(id, kinds) {
      if (!isKey(id)) return;
      const names = [...new Set(kinds)].filter((kind) => /^[\w-]+$/.test(kind));
      await withdrawEvents(database, { streamerId: id, types: ownTypes(names) }, async (transaction) => {
        await noteWithdrawn(transaction, id, names);
        await transaction('users')
          .where({ id })
          .update({ own_kinds: names.join(',') });
      });
    },
    async remove(id, at) {
      if (!isKey(id)) return false;
      const until = at?.getTime() ?? Number.MAX_SAFE_INTEGER;
      const named = (knex: Knex) => knex('users').where({ id }).where('signed_in_at', '<=', until);
      if ((await run((knex) => named(knex).pluck('id'))).length === 0) return false;
      const withdrawn = { streamerId: id, types: ownTypes() };
      return await withdrawEvents(database, withdrawn, async (transaction) => {
        if ((await named(transaction).pluck('id')).length === 0) return false;
        await noteWithdrawn(transaction, id, []);
        return (await named(transaction).delete()) > 0;
      });
    },
  };
}

/** What was on, or withdrawn already, and is not among `stillOn`: Twitch tells of it until the watch has ended. */
async function noteWithdrawn(transaction: Knex.Transaction, id: string, stillOn: string[]): Promise<void> {
  const user = await transaction('users').first<SettingsRow | undefined>('own_kinds').where({ id });
  const channel = await transaction('streamers')
    .first<{ withdrawn_kinds: string } | undefined>('withdrawn_kinds')
    .where({ id });
  const were = [...namesOf(user?.own_kinds ?? ''), ...namesOf(channel?.withdrawn_kinds ?? '')];
  const withdrawn = [...new Set(were)].filter((kind) => !stillOn.includes(kind));
  await transaction('streamers')
    .where({ id })
    .update({ withdrawn_kinds: withdrawn.join(',') });
}

function namesOf(kinds: string): string[] {
  return kinds === '' ? [] : kinds.split(',');
}

/** Row to domain. */
export function toSettings({ chat_events_since: since, own_kinds: kinds }: SettingsRow): UserSettings {
  return { chatEventsSince: toDate(since), ownKinds: namesOf(kinds) };
}

/** Row to domain. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    login: row.login,
    displayName: row.display_name,
    profileImageUrl: row.profile_image_url,
  };
}

function toUserRow(user: User): UserRow {
  return {
    id: user.id,
    login: toLogin(user.login),
    display_name: toText(user.displayName, 128),
    profile_image_url: toAddress(user.profileImageUrl),
  };
}
