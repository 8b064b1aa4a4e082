import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected } from './failure.js';
import { run } from './run.js';

/** The project's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Where npm keeps its own list of what it has installed. */
const installedList = 'node_modules/.package-lock.json';
const buildStamp = 'dist/.sources';

/**
 * Installs the packages and builds `dist/` where they are missing or out of date, and moves to the project's
 * folder. Touches neither the network nor the disk when both are fresh. Throws an error with `expected: true`
 * and a sentence for people when one of them fails; ends the process when a signal arrives meanwhile.
 */
export async function prepare() {
  process.chdir(root);
  if (!isInstalled()) await install();
  const hash = hashOfSources();
  if (!isBuilt(hash)) await build(hash);
}

/** Compared package by package, so that an `npm ci` by hand counts and a half-finished one does not. */
function isInstalled() {
  if (!existsSync(installedList)) return false;
  const installed = packagesOf(installedList);
  return Object.entries(packagesOf('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true;
    const present = installed[path];
    if (present === undefined) return wanted.optional === true;
    return present.integrity === wanted.integrity && existsSync(join(path, 'package.json'));
  });
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

async function install() {
  say('Installing packages (npm ci). This happens once and takes up to a minute …');
  const [command, ...args] = npm('ci', '--ignore-scripts', '--include=dev', '--loglevel=error');
  const code = await run(command, args);
  if (code === 0) return;
  throw expected(
    `The packages could not be installed: npm ci ended with code ${code}. See above, check the network, start again.`,
  );
}

/** The npm that runs us, else the one on the path. */
function npm(...args) {
  const own = process.env.npm_execpath ?? '';
  return /npm-cli\.c?js$/.test(own) ? [process.execPath, own, ...args] : ['npm', ...args];
}

/** Content, not times: a checkout or a copy changes times, and a vanished source must count too. */
function hashOfSources() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...sources()]) {
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function sources() {
  return ['src', 'migrations']
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.ts'))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function isBuilt(hash) {
  if (!existsSync(buildStamp) || readFileSync(buildStamp, 'utf8') !== hash) return false;
  return sources().every(
    (file) => file.endsWith('.d.ts') || existsSync(join('dist', file.replace(/\.ts$/, '.js'))),
  );
}

async function build(hash) {
  say('Building …');
  rmSync('dist', { recursive: true, force: true });
  const code = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  if (code !== 0)
    throw expected(`The build failed: tsc ended with code ${code}, its complaints stand above.`);
  writeFileSync(buildStamp, hash);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
