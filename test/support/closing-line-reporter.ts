import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Vitest reporter that ends the output with the suites left out and why, and `N passed, N failed, N skipped`.
 * A file that does not load, a failing hook and an unhandled error each count as one failure; a run in which
 * nothing ran ends with a code that is not 0. It writes as the process exits, so that nothing comes after it.
 */
export default class ClosingLineReporter implements Reporter {
  #text = closing([], []);

  onInit(): void {
    process.once('exit', () => writeSync(1, this.#text));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#text = closing(modules, unhandled);
    if (ran(count(modules, unhandled)) === 0) process.exitCode = 1;
  }
}

function closing(modules: readonly TestModule[], unhandled: readonly SerializedError[]): string {
  const left = modules.flatMap(leftOut);
  const list = left.length === 0 ? [] : ['Left out:', ...left.map((line) => `  ${line}`), ''];
  const { passed, failed, skipped } = count(modules, unhandled);
  return ['', ...list, `${passed} passed, ${failed} failed, ${skipped} skipped`, ''].join('\n');
}

function leftOut(module: TestModule): string[] {
  return [...module.children.allSuites()].flatMap((suite) => {
    const reason = suite.meta().leftOut;
    return reason === undefined || isInside(suite, reason) ? [] : [`${suite.fullName}: ${reason}`];
  });
}

/** Suites inside a left-out one inherit its reason: it is told once. */
function isInside(suite: TestSuite, reason: string): boolean {
  return suite.parent.type === 'suite' && suite.parent.meta().leftOut === reason;
}

function count(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Counts {
  const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const module of modules) {
    counts.failed += [module, ...module.children.allSuites()].filter(
      (each) => each.errors().length > 0,
    ).length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return counts;
}

function ran(counts: Counts): number {
  return counts.passed + counts.failed;
}
