// `npm start`: installs and builds what is missing, then becomes the app (or `simulator`) in this very process,
// so that signals reach it directly. Old Nodes must be able to read this file: see node-version.js.
import { expected, fail } from './failure.js';
import { requireNode } from './node-version.js';

const entries = { app: '../dist/src/main.js', simulator: '../dist/src/simulator/main.js' };
const name = process.argv[2] || 'app';

requireNode();
if (!(name in entries)) {
  fail(expected('"' + name + '" cannot be started. Known: ' + Object.keys(entries).join(', ') + '.'));
}
import('./prepare.js')
  .then((preparation) => preparation.prepare())
  .then(() => import(entries[name]))
  .catch(fail);
