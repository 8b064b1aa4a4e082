import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Contents by path from the project's folder, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/** What package-lock.json says of one package, as far as the rules care. */
export interface LockedPackage {
  dev?: boolean | undefined;
  hasInstallScript?: boolean | undefined;
  optionalDependencies?: Record<string, string> | undefined;
  resolved?: string | undefined;
}

const generated = new Set(['.git', 'coverage', 'data', 'dist', 'node_modules', '.env']);

/** Which folders of src each of them may import from, itself aside; a file may be named alone. */
const neighbours: Record<string, string[]> = {
  domain: [],
  twitch: [],
  simulator: [],
  store: ['domain', 'migrations'],
  redis: ['domain'],
  web: ['domain', 'twitch/index.ts'],
};

/** Every text file of the project that is not generated. */
export function projectFiles(root: string): Files {
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => !generated.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, entry.name) : [entry.name]));
  const texts = names.map((name) => [name, readFileSync(path.join(root, name), 'utf8')] as const);
  return new Map(texts.filter(([, text]) => !text.includes('\0')));
}

/** The files below a folder that end in one of the given endings. */
export function select(files: Files, folder: string, ...endings: string[]): Files {
  return new Map(
    [...files].filter(([name]) => name.startsWith(folder) && endings.some((ending) => name.endsWith(ending))),
  );
}

/** `a imports b` for each import between folders of src that the architecture does not allow. */
export function strayImports(files: Files): string[] {
  return [...select(files, 'src/', '.ts')].flatMap(([name, text]) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => path.posix.join(path.posix.dirname(name), specifier))
      .filter((target) => !mayImport(name, target))
      .map((target) => `${name} imports ${target}`),
  );
}

/** Files that read the environment and are not among those that may. */
export function environmentReaders(files: Files, allowed: string[]): string[] {
  return [...select(files, 'src/', '.ts')]
    .filter(([name, text]) => !allowed.includes(name) && /\bprocess\s*(\.|\[['"])\s*env\b/.test(text))
    .map(([name]) => name);
}

/** Unescaped output in a view that is neither an include nor the layout's body. */
export function rawOutputs(view: string): string[] {
  return (view.match(/<%-[\s\S]*?%>/g) ?? []).filter(
    (tag) => !/^<%-\s*(body|include\([\s\S]*\))\s*-?%>$/.test(tag),
  );
}

/** Scripts, handlers and styles inside a view, all of which the content security policy blocks. */
export function inlineCode(view: string): string[] {
  return view.match(/<script(?![^>]*\ssrc=)[^>]*>|<style\b|\s(?:on[a-z]+|style)=["'][^"']*["']/gi) ?? [];
}

/** The keys that a `.env` file explains, those in a comment line (`# KEY=`) included. */
export function environmentKeys(text: string): string[] {
  return [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? '');
}

/** The defaults by name of a table whose first two columns are `NAME` and a default, without their code marks. */
export function tableOfSettings(markdown: string): Map<string, string> {
  const rows = markdown.matchAll(/^\| `([A-Z][A-Z0-9_]+)` *\| ([^|]*?) *\|/gm);
  return new Map([...rows].map(([, name = '', text = '']) => [name, text.replaceAll('`', '')]));
}

/** Mentions of folders that exist on one machine only. */
export function machinePaths(text: string): string[] {
  return text.match(/(?<![\w.:/-])\/(?:home|root|Users|work|tmp)\/[\w.-]+/g) ?? [];
}

/** Folders named after nothing: a thing lives with its owner. */
export function vagueFolders(files: Files): string[] {
  const vague = /(?:^|\/)(utils?|helpers?|common|types|misc|lib|shared)\//;
  return [...new Set([...files.keys()].flatMap((name) => vague.exec(name)?.[1] ?? []))];
}

/** Migration files that `index.ts` does not list, or lists under another name. */
export function unregisteredMigrations(fileNames: string[], registered: string[]): string[] {
  const present = fileNames
    .filter((name) => /^\d+_\w+\.ts$/.test(name))
    .map((name) => name.replace('.ts', ''));
  return [
    ...present.filter((name) => !registered.includes(name)),
    ...registered.filter((name) => !present.includes(name)),
  ];
}

/** Production packages that would run a script when they are installed. */
export function installScripts(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages).flatMap(([name, each]) =>
    each.hasInstallScript && !each.dev ? [name] : [],
  );
}

/** Packages with the address of a registry. */
export function resolvedPackages(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages).flatMap(([name, each]) => (each.resolved === undefined ? [] : [name]));
}

/** Optional packages (other systems' binaries) that the lock lacks: `npm ci` refuses to run then. */
export function missingOptionals(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages).flatMap(([name, each]) =>
    Object.keys(each.optionalDependencies ?? {}).filter(
      (optional) =>
        !(`${name}/node_modules/${optional}` in packages) && !(`node_modules/${optional}` in packages),
    ),
  );
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

function mayImport(name: string, target: string): boolean {
  const from = folderOf(name);
  const to = folderOf(target);
  if (from === to && from !== '') return true;
  if (from === '') return to !== 'simulator' || name === 'src/demo.ts';
  return (neighbours[from] ?? []).some((allowed) => allowed === to || target === `src/${allowed}`);
}

/** `domain` of src/domain/x.ts, `migrations` of migrations/x.ts, '' of a file that stands in src itself. */
function folderOf(name: string): string {
  const [top = '', second = '', ...rest] = name.split('/');
  if (top !== 'src') return top;
  return rest.length === 0 ? '' : second;
}
