import type { Knex } from 'knex';
import { connect } from './connection.ts';
import { migrate } from './migrate.ts';

/**
 * Opens the embedded database, which is made where it is missing, and applies what is pending.
 * @throws Error with a sentence for the operator when the file cannot be used
 */
export async function openEmbedded(file: string): Promise<Knex> {
  let knex: Knex | null = null;
  try {
    knex = connect({ kind: 'sqlite', file });
    await migrate(knex);
    return knex;
  } catch (error) {
    await knex?.destroy();
    throw explain(file, error);
  }
}

/** What is no fault of the file, such as a migration that is wrong, stays as it is. */
function explain(file: string, error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === null) return error;
  const problem = /NOTADB|CORRUPT/.test(reason)
    ? `The file ${file} is not a SQLite database, or is damaged. Move it away`
    : `The database ${file} cannot be opened (${reason}). Let Followspot write to the file and to its folder`;
  return new Error(`${problem}, or set DB_FILE to another place.`, { cause: error });
}

function reasonOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // libsql has no code for this one.
  if (error.message.startsWith('ConnectionFailed')) return 'SQLITE_CANTOPEN';
  const code = 'code' in error ? String(error.code) : '';
  return /^(E[A-Z]+|SQLITE_[A-Z_]+)$/.test(code) ? code : reasonOf(error.cause);
}
