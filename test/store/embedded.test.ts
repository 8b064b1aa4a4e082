import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/store/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-embedded-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('The embedded database', () => {
  it('is made with its folder and has every table', async () => {
    const knex = await openEmbedded(path.join(folder, 'data', 'a.sqlite'));
    expect(await knex('users').select()).toEqual([]);
    await knex.destroy();
  });

  it('says that its folder cannot be made', async () => {
    // A file where the folder should be: rights would not stop root.
    writeFileSync(path.join(folder, 'data'), '');
    expect(await problemWith(path.join(folder, 'data', 'a.sqlite'))).toBe(
      `The database ${folder}/data/a.sqlite cannot be opened (EEXIST). Let Followspot write to the file and to its folder, or set DB_FILE to another place.`,
    );
  });

  it('says that its file cannot be opened', async () => {
    mkdirSync(path.join(folder, 'a.sqlite'));
    expect(await problemWith(path.join(folder, 'a.sqlite'))).toMatch(
      /a\.sqlite cannot be opened \(SQLITE_CANTOPEN\)\. .* DB_FILE /,
    );
  });

  it('says that its file is something else', async () => {
    writeFileSync(path.join(folder, 'a.sqlite'), 'Dear diary, '.repeat(100));
    expect(await problemWith(path.join(folder, 'a.sqlite'))).toBe(
      `The file ${folder}/a.sqlite is not a SQLite database, or is damaged. Move it away, or set DB_FILE to another place.`,
    );
  });
});

async function problemWith(file: string): Promise<string> {
  return await openEmbedded(file).then(
    () => 'none',
    (error: Error) => error.message,
  );
}
