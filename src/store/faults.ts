import { AppError } from '../domain/errors.ts';

/** True for an INSERT that met a row with the same key. Foreign keys are another matter. */
export function isDuplicateKey(error: unknown): boolean {
  return ['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE'].includes(codeOf(error));
}

/** True for an INSERT that names a row of another table which does not exist, or not any more. */
export function isMissingParent(error: unknown): boolean {
  return ['ER_NO_REFERENCED_ROW_2', 'SQLITE_CONSTRAINT_FOREIGNKEY'].includes(codeOf(error));
}

/** True for what the database, or our reading of it, will refuse however often it is tried. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    refusalCodes.has(codeOf(error)) ||
    codeOf(error).startsWith('SQLITE_CONSTRAINT')
  );
}

/** What to tell a user whose account was deleted while they were doing something. */
export function toSignedOut(cause: unknown): AppError {
  return new AppError('unauthenticated', 'You are no longer signed in. Sign in and try again.', {
    cause,
  });
}

/** True when the same work may well succeed at once: a deadlock, a lock wait, a connection that was cut. */
export function isWorthRepeating(error: unknown): boolean {
  return (
    repeatableCodes.has(codeOf(error)) || isLockedFile(error) || (codeOf(error) === '' && isFatal(error))
  );
}

/** True while another process writes to the file of the embedded database. */
export function isLockedFile(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** True for a table that does not exist, on a database without migrations. */
export function isMissingTable(error: unknown): boolean {
  return (
    codeOf(error) === 'ER_NO_SUCH_TABLE' || (error instanceof Error && /no such table/.test(error.message))
  );
}

/**
 * Turns a fault of the database into `AppError('unavailable')`; anything else, such as broken SQL, stays
 * what it is. Values that were sent are removed from the error either way: they may be secret.
 */
export function toPublicError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  for (const property of ['sql', 'bindings']) Reflect.deleteProperty(error, property);
  if (!isOutage(error)) return error;
  return new AppError('unavailable', 'The database is not answering. Please try again in a moment.', {
    retryAfterS: 5,
    cause: error,
  });
}

const refusalCodes = new Set([
  'ER_BAD_NULL_ERROR',
  'ER_CONSTRAINT_FAILED',
  'ER_DATA_TOO_LONG',
  'ER_DUP_ENTRY',
  'ER_NO_REFERENCED_ROW_2',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_WRONG_VALUE',
  'SQLITE_MISMATCH',
  'SQLITE_TOOBIG',
]);

const repeatableCodes = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
]);

const outageCodes = new Set([
  ...repeatableCodes,
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'HANDSHAKE_NO_SSL_SUPPORT',
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
  'ER_DISK_FULL',
  'ER_HOST_IS_BLOCKED',
  'ER_LOCK_TABLE_FULL',
  'ER_NET_READ_ERROR',
  'ER_NET_READ_INTERRUPTED',
  'ER_NORMAL_SHUTDOWN',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_OUT_OF_RESOURCES',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_READ_ONLY_MODE',
  'ER_RECORD_FILE_FULL',
  'ER_SERVER_SHUTDOWN',
  'ER_STATEMENT_TIMEOUT',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
]);

const sqliteOutage = /^SQLITE_(BUSY|LOCKED|READONLY|IOERR|FULL|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL)/;

function isOutage(error: Error): boolean {
  return (
    outageCodes.has(codeOf(error)) ||
    sqliteOutage.test(codeOf(error)) ||
    isFatal(error) ||
    error.name === 'KnexTimeoutError' ||
    // What the pool says to those who still wait when it is closed.
    error.message === 'aborted'
  );
}

/** mysql2 marks what ended the connection, including commands sent over one that is already closed. */
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && error.fatal === true;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
