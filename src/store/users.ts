import type { User } from '../domain/user.ts';
import type { Database } from './database.ts';
import { isKey, toAddress, toLogin, toText } from './text.ts';

export interface Users {
  /** Adds the user or brings the row up to date: once for each sign-in. */
  save(user: User): Promise<void>;
  find(id: string): Promise<User | null>;
  /** When the user first signed in. */
  memberSince(id: string): Promise<Date | null>;
  /** Takes the tokens, sessions and favourites along. False when there was no such user. */
  remove(id: string): Promise<boolean>;
}

/** What the database knows of a user, as far as other tables' queries fetch it too. */
export interface UserRow {
  id: string;
  login: string;
  display_name: string;
  profile_image_url: string | null;
}

export function createUsers({ run }: Database, now: () => number): Users {
  return {
    save: (user) =>
      run(async (knex) => {
        const row = { ...toUserRow(user), created_at: now(), signed_in_at: now() };
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
    async memberSince(id) {
      if (!isKey(id)) return null;
      const [createdAt] = await run((knex) => knex('users').where({ id }).pluck<number[]>('created_at'));
      return createdAt === undefined ? null : new Date(createdAt);
    },
    async remove(id) {
      return isKey(id) && (await run((knex) => knex('users').where({ id }).delete())) > 0;
    },
  };
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
