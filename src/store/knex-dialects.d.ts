declare module 'knex/lib/dialects/mysql2/index.js' {
  import type { Knex } from 'knex';

  /** What `dialects.ts` overrides of Knex's client for mysql2. */
  export default class MysqlClient extends Knex.Client {
    config: Knex.Config & { queryTimeoutMs?: number };
    _query(connection: object, query: { sql: string; options?: object }): Promise<unknown>;
    destroyRawConnection(connection: object): Promise<void>;
  }
}

declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type { Knex } from 'knex';

  /** What `dialects.ts` overrides of Knex's client for better-sqlite3. */
  export default class BetterSqliteClient extends Knex.Client {
    _driver(): unknown;
    acquireRawConnection(): Promise<{ prepare: (sql: string) => object }>;
    destroyRawConnection(connection: object): Promise<void>;
    _query(connection: object, query: { sql: string }): Promise<unknown>;
  }
}
