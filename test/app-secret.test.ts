import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deriveKey, loadAppSecret } from '../src/app-secret.ts';

describe('the secret of the app', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'followspot-'));
  });

  afterEach(async () => await rm(folder, { recursive: true }));

  it('is the one in the settings', async () => {
    expect(await loadAppSecret({ value: 'given' })).toBe('given');
  });

  it('is made once, for its owner alone, and stays the same', async () => {
    const file = path.join(folder, 'data', 'app-secret');
    const together = await Promise.all([1, 2, 3].map(() => loadAppSecret({ file, create: true })));
    expect(new Set(together).size).toBe(1);
    expect(together[0]?.length).toBeGreaterThanOrEqual(43);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(together[0]);
  });

  it('is never made where the settings name a file', async () => {
    const file = path.join(folder, 'missing');
    await expect(loadAppSecret({ file, create: false })).rejects.toThrow(/cannot read .*missing/);
  });

  it('has to be long enough', async () => {
    const file = path.join(folder, 'short');
    await writeFile(file, 'short\n');
    await chmod(file, 0o600);
    await expect(loadAppSecret({ file, create: false })).rejects.toThrow(/too short/);
  });

  it('explains a folder that cannot be made', async () => {
    const file = path.join(folder, 'file', 'app-secret');
    await writeFile(path.join(folder, 'file'), '');
    await expect(loadAppSecret({ file, create: true })).rejects.toThrow(/cannot write to/);
  });

  it('gives a different key for each purpose', () => {
    expect(deriveKey('secret', 'a')).not.toBe(deriveKey('secret', 'b'));
    expect(deriveKey('secret', 'a')).toMatch(/^[0-9a-f]{64}$/);
  });
});
