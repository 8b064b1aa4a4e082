import { connect, migrate } from '../../src/store/index.ts';

// A process that is killed in the middle of its first migration.
const knex = connect(JSON.parse(process.argv[2] ?? ''));
knex.on('query', ({ sql }: { sql: string }) => {
  if (sql.includes('CREATE TABLE IF NOT EXISTS stream_events')) process.kill(process.pid, 'SIGKILL');
});
await migrate(knex);
