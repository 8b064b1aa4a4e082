import type { Database } from './database.ts';

/** Which conduit is ours, by the application at Twitch that it belongs to. */
export interface Conduits {
  find(clientId: string): Promise<string | null>;
  /** Puts `next` in the place of `before`, unless another process was faster; tells which one is ours now. */
  replace(clientId: string, before: string | null, next: string): Promise<string>;
}

export function createConduits({ run }: Database, now: () => number): Conduits {
  async function find(clientId: string): Promise<string | null> {
    const [id] = await run((knex) =>
      knex('conduits').where({ client_id: clientId }).pluck<string[]>('conduit_id'),
    );
    return id ?? null;
  }

  return {
    find,
    async replace(clientId, before, next) {
      const row = { conduit_id: next, made_at: now() };
      await run(async (knex) => {
        await knex('conduits')
          .insert({ client_id: clientId, ...row })
          .onConflict('client_id')
          .ignore();
        await knex('conduits').where({ client_id: clientId, conduit_id: before }).update(row);
      });
      return (await find(clientId)) ?? next;
    },
  };
}
