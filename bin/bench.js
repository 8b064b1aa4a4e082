// `npm run bench [part of a name …]`: runs bench/*.ts one after the other, those named like an argument if any
// is given. A benchmark that misses its figure exits with a code that is not 0, and then so does this.
import { expected, fail } from './failure.js';
import { requireNode } from './node-version.js';

requireNode();
import('./prepare.js')
  .then((preparation) => preparation.prepare())
  .then(bench)
  .catch(fail);

async function bench() {
  const { readdirSync } = await import('node:fs');
  const { run } = await import('./run.js');
  const names = readdirSync('bench').filter((name) => name.endsWith('.ts') && isWanted(name));
  if (names.length === 0) throw expected('There is no such benchmark.');
  // As the app runs, compiled: a loader that compiles on the way marks each function, which a page pays for.
  if ((await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json'])) !== 0)
    throw expected('The benchmarks could not be compiled, see above.');
  const failed = [];
  for (const name of names.map((file) => file.replace(/\.ts$/, '')).toSorted()) {
    console.log(`\n# ${name}`);
    if ((await run(process.execPath, [`dist/bench/${name}.js`])) !== 0) failed.push(name);
  }
  if (failed.length > 0) throw expected(`Failed: ${failed.join(', ')}`);
}

function isWanted(name) {
  const parts = process.argv.slice(2);
  return parts.length === 0 || parts.some((part) => name.includes(part));
}
