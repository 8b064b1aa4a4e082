// `npm test [vitest's arguments]`: installs and builds what is missing (journeys run the built app), then runs
// every suite that this machine can run. test/support/closing-line-reporter.ts writes the last line.
import { fail } from './failure.js';
import { requireNode } from './node-version.js';

requireNode();
import('./prepare.js')
  .then((preparation) => preparation.prepare())
  .then(() => import('./run.js'))
  .then(({ run }) =>
    run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]),
  )
  .then((code) => process.exit(code))
  .catch(fail);
