import type { Knex } from 'knex';

/**
 * The first row of a statement that is written out: for the few that every page needs, where building
 * them anew takes as long as sending them. `undefined` when there is none.
 */
export async function firstRow<Row>(
  knex: Knex,
  sql: string,
  bindings: (string | number)[],
): Promise<Row | undefined> {
  // MySQL answers with rows and fields, SQLite with rows.
  const [first] = await knex.raw(sql, bindings);
  return Array.isArray(first) ? first[0] : first;
}
