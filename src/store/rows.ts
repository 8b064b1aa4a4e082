import type { Knex } from 'knex';

/** The rows of a statement that is written out. */
export async function rowsOf<Row>(knex: Knex, sql: string, bindings: (string | number)[]): Promise<Row[]> {
  const answer = await knex.raw(sql, bindings);
  // MySQL answers with rows and fields, SQLite with rows.
  return Array.isArray(answer[0]) ? answer[0] : answer;
}
