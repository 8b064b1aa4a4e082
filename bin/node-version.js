// Old Nodes must be able to read this file: only syntax and modules that Node 12 knew.
import { readFileSync } from 'fs';

/**
 * What is wrong with this version of Node, as one sentence, or null. `range` is package.json's `engines.node`,
 * of which `^a.b.c`, `>=a.b.c` and `||` are understood.
 */
export function nodeProblem(version, range) {
  const fits = range.split('||').some((part) => inRange(numbers(version), part.trim()));
  if (fits) return null;
  return (
    'Followspot needs Node ' +
    range +
    ' but this is Node ' +
    version +
    ': install a newer one from https://nodejs.org.'
  );
}

/** Ends the process with one sentence when its Node is too old. */
export function requireNode() {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const problem = nodeProblem(process.versions.node, manifest.engines.node);
  if (problem === null) return;
  console.error(problem);
  process.exit(1);
}

function inRange(version, part) {
  const least = numbers(part.replace(/^\D+/, ''));
  const sameMajor = version[0] === least[0];
  if (part[0] === '^' && !sameMajor) return false;
  if (!sameMajor) return version[0] > least[0];
  return version[1] > least[1] || (version[1] === least[1] && version[2] >= least[2]);
}

function numbers(version) {
  return version.split('-')[0].split('.').map(Number);
}
