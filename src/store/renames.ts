import type { Knex } from 'knex';

/** A login that a streamer has just been seen with. */
export interface LoginSighting {
  id: string;
  login: string;
  /** `null` when the streamer is new. */
  formerLogin: string | null;
}

/**
 * Remembers former logins, and has whoever else still holds one of the new logins profiled again soon:
 * a login belongs to one account at a time, so theirs is out of date.
 */
export async function recordLogins(
  transaction: Knex.Transaction,
  sightings: LoginSighting[],
  at: number,
): Promise<void> {
  const changed = sightings.filter(({ login, formerLogin }) => login !== formerLogin);
  if (changed.length === 0) return;
  await transaction('streamers')
    .whereIn(
      'login',
      changed.map(({ login }) => login),
    )
    .whereNotIn(
      'id',
      sightings.map(({ id }) => id),
    )
    .update({ profiled_at: null });
  const former = changed.flatMap(({ id, formerLogin }) =>
    formerLogin === null ? [] : [{ login: formerLogin, streamer_id: id, renamed_at: at }],
  );
  if (former.length === 0) return;
  await transaction('former_logins')
    .insert(former)
    .onConflict(['login', 'streamer_id'])
    .merge(['renamed_at']);
}
