import { AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../src/logger.ts';
import { toPublicError } from '../src/store/faults.ts';
import { describeOnEveryDatabase } from './support/databases.ts';

/** What the real logger writes for these fields, as text and parsed. */
function logged(fields: object): { line: string; err: z.infer<typeof described> } {
  const lines: string[] = [];
  createLogger('info', { write: (line) => void lines.push(line) }).error(fields, 'request failed');
  expect(lines).toHaveLength(1);
  const [line = ''] = lines;
  return { line, err: z.object({ err: described.default({}) }).parse(JSON.parse(line)).err };
}

const described = z.looseObject({
  name: z.string().optional(),
  message: z.string().optional(),
  stack: z.string().optional(),
  cause: z.looseObject({ name: z.string(), message: z.string() }).optional(),
});

describe('a line of the log', () => {
  it('tells what happened, when and where', () => {
    const { line, err } = logged({
      err: Object.assign(new Error('no such file'), { code: 'ENOENT' }),
      id: 'a1',
    });
    expect(JSON.parse(line)).toMatchObject({ level: 50, id: 'a1', msg: 'request failed' });
    expect(line).toMatch(/"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"/);
    expect(err).toMatchObject({ name: 'Error', message: 'no such file', code: 'ENOENT' });
    expect(err.stack).toMatch(/^\s+at .*logger\.test\.ts/);
  });

  it('holds nothing of the request that an error carries along, however deep the error is', () => {
    const secrets = { headers: { Authorization: 'Bearer s3cret' }, data: 'refresh_token=s3cret' };
    const failure = new AxiosError('Request failed with status code 401', 'ERR_BAD_REQUEST');
    Object.assign(failure, {
      status: 401,
      config: secrets,
      request: secrets,
      response: secrets,
      token: 's3cret',
    });
    const outer = new Error('outer', { cause: new Error('inner', { cause: failure }) });
    for (const err of [failure, outer]) expect(logged({ err }).line).not.toContain('s3cret');
    expect(logged({ err: failure }).err).toMatchObject({
      name: 'AxiosError',
      status: 401,
      code: 'ERR_BAD_REQUEST',
    });
    expect(logged({ err: outer }).err.cause).toMatchObject({
      message: 'inner',
      cause: { name: 'AxiosError' },
    });
  });

  it('holds nothing of a code or status that is no word', () => {
    expect(
      logged({ err: Object.assign(new Error('odd'), { code: { token: 's3cret' } }) }).line,
    ).not.toContain('s3cret');
  });

  it('ends with errors that cause each other', () => {
    const [one, other] = [new Error('one'), new Error('other')];
    one.cause = other;
    other.cause = one;
    expect(logged({ err: one }).line.length).toBeLessThan(10_000);
  });

  it.each(['authorization', 'cookie', 'accessToken', 'refreshToken', 'clientSecret', 'password'])(
    'hides %s at every depth that we write',
    (field) => {
      const hidden = { [field]: 's3cret' };
      const { line } = logged({ ...hidden, one: hidden, two: { deep: hidden } });
      expect(line).not.toContain('s3cret');
      expect(line.match(/\[hidden\]/g)).toHaveLength(3);
    },
  );
});

describeOnEveryDatabase('a fault of the database in the log', (open) => {
  it('shows neither statement nor values', async () => {
    const database = await open();
    await database
      .knex('users')
      .insert({ id: 's3cret', login: 'x', display_name: 'x', created_at: 0, signed_in_at: 0 });
    const faults = [
      database
        .knex('users')
        .insert({ id: 's3cret', login: 'y', display_name: 'y', created_at: 0, signed_in_at: 0 }),
      database.knex('sEcRetTable').where({ token: 's3cret' }).select('id'),
      database.knex.raw("SELEC 's3cret'"),
    ].map((query) =>
      Promise.resolve(query).then(
        () => null,
        (error: unknown) => error,
      ),
    );
    for (const fault of await Promise.all(faults)) {
      expect(fault).toBeInstanceOf(Error);
      for (const prepared of [() => fault, () => toPublicError(fault)]) {
        const { line, err } = logged({ err: prepared() });
        expect(err.message).toBe('the database said no');
        expect(err).toHaveProperty('code');
        expect(line).not.toMatch(/s3cret|insert into|SELEC|sEcRet/i);
        const brief = logged({ cause: prepared() }).line;
        expect(brief).toMatch(/"cause":"\w+: \w+: the database said no"/);
        expect(brief).not.toMatch(/s3cret|insert into|SELEC|sEcRet/i);
      }
    }
    await database.drop();
  });
});

describe('a fault without its statement in the log', () => {
  it('is known by its code alone', () => {
    for (const code of ['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT']) {
      const error = Object.assign(new Error("insert into `users` values ('s3cret')"), { code });
      expect(logged({ err: error }).line).not.toMatch(/s3cret|insert/);
    }
  });
});
