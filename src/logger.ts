import { pino, type Logger } from 'pino';

/** Writes JSON lines to standard output. What could hold a secret never gets that far. */
export function createLogger(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    redact: {
      paths: [
        '*.authorization',
        '*.cookie',
        '*.accessToken',
        '*.refreshToken',
        '*.clientSecret',
        '*.password',
      ],
      censor: '[hidden]',
    },
  };
  // Pino's own default retries for ever at exit when nobody reads standard output any more.
  return pino(options, pino.destination({ dest: 1, sync: true }));
}

interface DescribedError {
  name: string;
  message: string;
  code?: unknown;
  status?: unknown;
  path?: unknown;
  stack?: string;
  cause?: DescribedError;
}

/** Only named fields: the errors of libraries carry requests, configurations and SQL along. */
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: 'NotAnError', message: String(error).slice(0, 200) };
  const described: DescribedError = { name: error.name, message: messageOf(error) };
  for (const key of ['code', 'status', 'path'] as const) {
    if (key in error) described[key] = Reflect.get(error, key);
  }
  if (error.stack !== undefined) described.stack = framesOf(error.stack);
  if (error.cause !== undefined && depth < 3) described.cause = describeError(error.cause, depth + 1);
  return described;
}

/** Database drivers put the statement, values included, into the message. */
function messageOf(error: Error): string {
  return 'sql' in error || 'sqlMessage' in error || /SqliteError|Knex/.test(error.name)
    ? 'the database said no'
    : error.message.slice(0, 500);
}

function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n');
}
