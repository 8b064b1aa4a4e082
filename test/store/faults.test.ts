import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { isWorthRepeating, toPublicError } from '../../src/store/faults.ts';

const failure = (properties: object) => Object.assign(new Error('as the driver says'), properties);

describe('a fault of the database', () => {
  it.each([
    'ECONNREFUSED',
    'ETIMEDOUT',
    'PROTOCOL_CONNECTION_LOST',
    'PROTOCOL_SEQUENCE_TIMEOUT',
    'ER_CON_COUNT_ERROR',
    'ER_SERVER_SHUTDOWN',
    'ER_OPTION_PREVENTS_STATEMENT',
    'ER_LOCK_WAIT_TIMEOUT',
    'SQLITE_BUSY',
    'SQLITE_FULL',
    'SQLITE_READONLY_DBMOVED',
  ])('is unavailable to people: %s', (code) => {
    const cause = failure({ code, sql: 'INSERT secret', bindings: ['secret'] });
    const error = toPublicError(cause);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'unavailable', retryAfterS: 5, cause });
    expect(JSON.stringify(cause)).not.toContain('secret');
  });

  it('is also a time-out of the pool and a connection that ended', () => {
    expect(toPublicError(failure({ name: 'KnexTimeoutError' }))).toBeInstanceOf(AppError);
    expect(toPublicError(failure({ fatal: true }))).toBeInstanceOf(AppError);
  });

  it('is not a mistake in a statement', () => {
    for (const code of ['ER_PARSE_ERROR', 'ER_DUP_ENTRY', 'ER_NO_SUCH_TABLE', 'SQLITE_ERROR', undefined]) {
      const mistake = failure({ code, sql: 'SELEC' });
      expect(toPublicError(mistake)).toBe(mistake);
      expect(mistake).not.toHaveProperty('sql');
    }
  });

  it('is worth repeating only when it passes at once', () => {
    const codes = [
      'ER_LOCK_DEADLOCK',
      'PROTOCOL_CONNECTION_LOST',
      'SQLITE_BUSY',
      'ECONNREFUSED',
      'ER_PARSE_ERROR',
    ];
    expect(codes.filter((code) => isWorthRepeating(failure({ code })))).toEqual(codes.slice(0, 3));
  });
});
