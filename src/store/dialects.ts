// Knex's own names begin like that.
/* oxlint-disable no-underscore-dangle */
import MysqlClient from 'knex/lib/dialects/mysql2/index.js';
import BetterSqliteClient from 'knex/lib/dialects/better-sqlite3/index.js';
import Libsql from 'libsql';
import { LRUCache } from 'lru-cache';

/** A query on MySQL is given up after this many milliseconds; BEGIN and COMMIT count as queries. */
export const queryTimeoutMs = 2500;

/** The same for migrations: changing a table of millions takes minutes, and half a change is worse. */
export const migrationTimeoutMs = 2 * 60 * 60_000;

type BreakableConnection = { __knex__disposed?: unknown; destroy(): void };

/**
 * Knex's mysql2 client with a time-out on every statement, also on the ones that Knex issues itself.
 * A connection that timed out is never used again and is cut instead of said goodbye to.
 */
export class GuardedMysqlClient extends MysqlClient {
  override async _query(
    connection: BreakableConnection,
    query: { sql: string; options?: object },
  ): Promise<unknown> {
    // Otherwise the ROLLBACK after a time-out would wait for a second one.
    if (connection.__knex__disposed !== undefined) throw connection.__knex__disposed;
    try {
      query.options = { timeout: this.config.queryTimeoutMs ?? queryTimeoutMs, ...query.options };
      return await super._query(connection, query);
    } catch (error) {
      if (codeOf(error) === 'PROTOCOL_SEQUENCE_TIMEOUT') {
        connection.__knex__disposed = error;
        connection.destroy();
      }
      throw error;
    }
  }

  override async destroyRawConnection(connection: BreakableConnection): Promise<void> {
    if (connection.__knex__disposed === undefined) await super.destroyRawConnection(connection);
    else connection.destroy();
  }
}

/** Knex's better-sqlite3 client on libsql, which has the same interface and ships ready-built. */
export class LibsqlClient extends BetterSqliteClient {
  override _driver(): unknown {
    return Libsql;
  }

  override async acquireRawConnection(): Promise<Preparing> {
    const connection = await super.acquireRawConnection();
    keepStatements(connection);
    return connection;
  }

  /** Statements that are still known keep SQLite from tidying up by itself: a copied file would lack the last rows. */
  override async destroyRawConnection(connection: Executing): Promise<void> {
    try {
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      await super.destroyRawConnection(connection);
    }
  }

  override async _query(connection: object, query: { sql: string }): Promise<unknown> {
    // A transaction that starts by reading cannot wait for the write lock later: it fails at once.
    if (query.sql === 'BEGIN;') query.sql = 'BEGIN IMMEDIATE;';
    return await super._query(connection, query);
  }
}

interface Executing {
  exec: (sql: string) => void;
}

interface Preparing {
  prepare: (sql: string) => object;
}

/** Prepares each statement once: half the time of a query, and no heap of statements that wait for the collector. */
function keepStatements(connection: Preparing): void {
  const prepare = connection.prepare.bind(connection);
  const kept = new LRUCache<string, object>({ max: 200 });
  connection.prepare = (sql) => {
    const statement = kept.get(sql) ?? prepare(sql);
    kept.set(sql, statement);
    return statement;
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
