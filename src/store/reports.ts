import type { Database } from './database.ts';

/** What a process says of itself for others to show. */
export interface Reports {
  /** Replaces the report of that name. `body` is anything that JSON can hold. */
  save(name: string, body: unknown): Promise<void>;
  /** `null` when there is none. The body is for the caller to check. */
  find(name: string): Promise<{ body: unknown; updatedAt: Date } | null>;
}

interface ReportRow {
  body: string;
  updated_at: number;
}

export function createReports({ run }: Database, now: () => number): Reports {
  return {
    save: (name, body) =>
      run(async (knex) => {
        const row = { name, body: JSON.stringify(body), updated_at: now() };
        await knex('listener_reports').insert(row).onConflict('name').merge();
      }),
    async find(name) {
      const row = await run((knex) =>
        knex('listener_reports').first<ReportRow | undefined>('body', 'updated_at').where({ name }),
      );
      return row === undefined ? null : { body: JSON.parse(row.body), updatedAt: new Date(row.updated_at) };
    },
  };
}
