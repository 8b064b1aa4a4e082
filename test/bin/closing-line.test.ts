import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endProcesses, start } from '../support/processes.ts';

const root = path.resolve(import.meta.dirname, '../..');
const supported = `
import { beforeAll, describe, expect, it } from 'vitest';
import { describeIf } from '${path.join(root, 'test/support/left-out.ts')}';
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-closing-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});

afterEach(() => {
  endProcesses();
  rmSync(folder, { recursive: true });
});

describe('The last line of a test run', () => {
  it('counts what passed, failed and was skipped', async () => {
    const { code, lines } = await run(`
      it('is right', () => expect(1).toBe(1));
      it('is right too', () => expect(1).toBe(1));
      it('is wrong', () => expect(1).toBe(2));
      it.skip('waits', () => {});
    `);
    expect(lines.at(-1)).toBe('2 passed, 1 failed, 1 skipped');
    expect(code).toBe(1);
  });

  it('comes with code 0 when nothing failed', async () => {
    const { code, lines } = await run(`it('is right', () => expect(1).toBe(1));`);
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
    expect(code).toBe(0);
  });

  it.each([
    ['a file that does not load', `throw new Error('no');`],
    [
      'a failing hook',
      `describe('a', () => { beforeAll(() => { throw new Error('no'); }); it('b', () => {}); });`,
    ],
    ['an unhandled rejection', `it('a', () => {}); Promise.reject(new Error('no'));`],
  ])('counts %s as a failure', async (_what, text) => {
    const { code, lines } = await run(text);
    expect(lines.at(-1)).toMatch(/^\d passed, 1 failed, \d skipped$/);
    expect(code).toBe(1);
  });

  it('comes with a failing code when nothing ran', async () => {
    const { code, lines } = await run(`it.skip('waits', () => {});`);
    expect(lines.at(-1)).toBe('0 passed, 0 failed, 1 skipped');
    expect(code).toBe(1);
  });
});

describe('A suite that the machine cannot run', () => {
  const suite = `
    it('is right', () => expect(1).toBe(1));
    describeIf('the moon is not reachable', 'The moon', () => { describe('at night', () => it('shines', () => {})); });
  `;

  it('is skipped and listed once with its reason', async () => {
    const { code, lines } = await run(suite);
    expect(lines.slice(-4)).toEqual([
      'Left out:',
      '  The moon: the moon is not reachable',
      '',
      '1 passed, 0 failed, 1 skipped',
    ]);
    expect(code).toBe(0);
  });

  it('is a failure with CI=true', async () => {
    const { code, lines } = await run(suite, 'true');
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
    expect(code).toBe(1);
  });

  it('runs where it can', async () => {
    const { lines } = await run(`describeIf(true, 'The sun', () => it('shines', () => {}));`, 'true');
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  });
});

async function run(text: string, ci?: string): Promise<{ code: number | string; lines: string[] }> {
  writeFileSync(path.join(folder, 'a.test.ts'), supported + text);
  const reporter = path.join(root, 'test/support/closing-line-reporter.ts');
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const tests = start(
    [process.execPath, vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`],
    { cwd: folder, environment: { CI: ci, VITEST: undefined, FORCE_COLOR: undefined, NO_COLOR: '1' } },
  );
  const code = await tests.ended;
  return { code, lines: tests.output().trimEnd().split('\n') };
}
