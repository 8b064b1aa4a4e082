import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deriveKey, loadAppSecret } from '../src/app-secret.ts';

const disk = vi.hoisted(() => ({ delayMs: 0 }));

/** A disk that takes its time between making a file and filling it. */
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original();
  const writeFileSlowly: typeof real.writeFile = async (file, text, options) => {
    if (disk.delayMs === 0) return await real.writeFile(file, text, options);
    await real.writeFile(file, '', options);
    await wait(disk.delayMs);
    await real.writeFile(file, text);
  };
  return { ...real, writeFile: writeFileSlowly };
});

describe('the secret of the app', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'followspot-'));
  });

  afterEach(async () => {
    disk.delayMs = 0;
    await rm(folder, { recursive: true });
  });

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

  it('is never read before all of it is written, and leaves no drafts behind', async () => {
    disk.delayMs = 50;
    const file = path.join(folder, 'app-secret');
    const first = loadAppSecret({ file, create: true });
    await wait(20);
    const second = loadAppSecret({ file, create: true });
    expect(await second).toBe(await first);
    expect(await readdir(folder)).toEqual(['app-secret']);
  });

  it('is read, not made, in a folder that may not be written to', async () => {
    const file = path.join(folder, 'app-secret');
    await writeFile(file, 'a secret that is there already\n');
    disk.delayMs = 60_000;
    expect(await loadAppSecret({ file, create: true })).toBe('a secret that is there already');
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
