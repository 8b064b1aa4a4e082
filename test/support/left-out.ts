// This file makes suites and is none: the rules for suites do not fit it.
/* oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/valid-describe-callback, vitest/expect-expect, vitest/no-disabled-tests */
import { describe, it } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why this machine cannot run the suite: the closing line's reporter lists it. */
    leftOut?: string;
  }
}

/**
 * `describe` for a suite that needs something the machine may lack. `available` is `true`, or the reason why
 * the suite cannot run here. A left-out suite is skipped and listed before the closing line; with `CI=true`
 * it is a failing test instead, because there nothing may be missing.
 */
export function describeIf(available: true | string, name: string, body: () => void): void {
  if (available === true) return void describe(name, body);
  if (process.env['CI'] === 'true') return void describe(name, () => it(`cannot run: ${available}`, refuse));
  describe.skip(name, { meta: { leftOut: available } }, body);
}

function refuse(): never {
  throw new Error('With CI=true no suite may be left out. Install what is missing, or start it.');
}
