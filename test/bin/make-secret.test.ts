import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../bin/make-secret.js');

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-secret-'));
  file = path.join(folder, 'data', 'app-secret');
});

afterEach(() => rmSync(folder, { recursive: true }));

function run(environment: Record<string, string>): string {
  return execFileSync(process.execPath, [script], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
}

describe('bin/make-secret.js', () => {
  it('makes a secret once, for its owner alone, and does not print it', () => {
    const output = run({ APP_SECRET_FILE: file, APP_SECRET: ' ' });
    const secret = readFileSync(file, 'utf8');
    expect(secret.trim()).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(output).toContain(file);
    expect(output).not.toContain(secret.trim());
    run({ APP_SECRET_FILE: file, APP_SECRET: '' });
    expect(readFileSync(file, 'utf8')).toBe(secret);
  });

  it('makes none where the settings have one', () => {
    run({ APP_SECRET_FILE: file, APP_SECRET: 'a secret of their own' });
    expect(existsSync(file)).toBe(false);
  });
});
