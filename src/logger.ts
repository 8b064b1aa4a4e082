import { pino, type DestinationStream, type Logger } from 'pino';

/** Writes JSON lines, to standard output unless told otherwise. What could hold a secret never gets that far. */
export function createLogger(level: string, destination: DestinationStream = standardOutput()): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError, cause: nameError },
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[hidden]',
    },
  };
  return pino(options, destination);
}

const secretFields = ['authorization', 'cookie', 'accessToken', 'refreshToken', 'clientSecret', 'password'];

/** Pino's own default retries for ever at exit when nobody reads standard output any more. */
function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}

interface DescribedError {
  name: string;
  message: string;
  code?: string | number;
  status?: string | number;
  path?: string | number;
  stack?: string;
  cause?: DescribedError;
}

/** Only named fields: the errors of libraries carry requests, configurations and SQL along. */
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: 'NotAnError', message: String(error).slice(0, 200) };
  const described: DescribedError = { name: error.name, message: messageOf(error) };
  for (const key of ['code', 'status', 'path'] as const) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'string' || typeof value === 'number') described[key] = value;
  }
  if (error.stack !== undefined) described.stack = framesOf(error.stack);
  if (error.cause !== undefined && depth < 3) described.cause = describeError(error.cause, depth + 1);
  return described;
}

/** In a line, for a fault that was foreseen. */
function nameError(error: unknown): string {
  const { name, code, message } = describeError(error);
  return [name, code, message].filter((part) => part !== undefined).join(': ');
}

/** Knex puts the statement into the message, and databases the values. */
function messageOf(error: Error): string {
  return isOfDatabase(error) ? 'the database said no' : error.message.slice(0, 500);
}

/** By what every such error keeps: the store takes the statement off, and not each has a name of its own. */
function isOfDatabase(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    'sql' in error || 'sqlMessage' in error || /Sqlite|Knex/.test(error.name) || /^(ER|SQLITE)_/.test(code)
  );
}

function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n');
}
