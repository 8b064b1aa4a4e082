import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { migrations } from '../migrations/index.ts';
import { readConfig } from '../src/config.ts';
import { settingNames, settings } from '../src/settings.ts';
import { lonelyExports } from './support/exports.ts';
import {
  environmentKeys,
  environmentReaders,
  inlineCode,
  installScripts,
  machinePaths,
  missingOptionals,
  type Files,
  projectFiles,
  rawOutputs,
  resolvedPackages,
  select,
  strayImports,
  tableOfSettings,
  unregisteredMigrations,
  vagueFolders,
} from './support/house.ts';

const root = path.resolve(import.meta.dirname, '..');
const files = projectFiles(root);
const views = select(files, 'views/', '.ejs');
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
      resolved: z.string().optional(),
    }),
  ),
});
const { packages } = lockSchema.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));

describe('The folders of src', () => {
  it('import only the neighbours that they may know', () => {
    expect(strayImports(files)).toEqual([]);
  });

  it.each([
    ['src/domain/user.ts', '../store/users.ts'],
    ['src/domain/user.ts', '../config.ts'],
    ['src/twitch/helix.ts', '../domain/user.ts'],
    ['src/store/users.ts', '../web/app.ts'],
    ['src/web/handlers/wall.ts', '../../store/users.ts'],
    ['src/web/handlers/wall.ts', '../../twitch/helix.ts'],
    ['src/main.ts', './simulator/index.ts'],
    ['src/somewhere/new.ts', '../domain/user.ts'],
  ])('are caught when %s imports %s', (name, specifier) => {
    for (const text of [
      `import { a } from '${specifier}';`,
      `await import("${specifier}")`,
      `import '${specifier}';`,
    ]) {
      expect(strayImports(new Map([[name, text]]))).toHaveLength(1);
    }
  });

  it.each([
    ['src/demo.ts', './simulator/index.ts'],
    ['src/web/app.ts', '../twitch/index.ts'],
    ['src/web/handlers/wall.ts', '../../domain/user.ts'],
    ['src/store/users.ts', '../../migrations/index.ts'],
    ['src/web/app.ts', './routes.ts'],
  ])('may let %s import %s', (name, specifier) => {
    expect(strayImports(new Map([[name, `import { a } from '${specifier}';`]]))).toEqual([]);
  });

  it('have names that say whose things are inside', () => {
    expect(vagueFolders(files)).toEqual([]);
    expect(vagueFolders(new Map([['src/web/utils/text.ts', '']]))).toEqual(['utils']);
  });
});

describe('The environment', () => {
  it('is read in one place, and by the simulator that stands alone', () => {
    expect(environmentReaders(files, ['src/config.ts', 'src/main.ts', 'src/simulator/main.ts'])).toEqual([]);
    expect(environmentReaders(new Map([['src/web/app.ts', 'if (process.env.X) {}']]), [])).toHaveLength(1);
  });

  it('has the same keys in .env.dist and in the config', () => {
    expect(environmentKeys(files.get('.env.dist') ?? '').toSorted()).toEqual(settingNames.toSorted());
    expect(environmentKeys('# The port.\nA_PORT=1\n# OTHER=\nnot = this\n')).toEqual(['A_PORT', 'OTHER']);
  });
});

describe('The settings', () => {
  const explained = parse(files.get('.env.dist') ?? '');
  const table = tableOfSettings(files.get('README.md') ?? '');

  it('are what they would be without .env.dist when it is copied as it is', () => {
    expect(readConfig(explained, root)).toEqual(readConfig({}, root));
  });

  it('all stand in the README’s table, with the defaults of .env.dist', () => {
    expect([...table.keys()].toSorted()).toEqual(settingNames.toSorted());
    const defaults = Object.entries(explained).filter(([, value]) => value !== '');
    const shown = defaults.map(([name]) => [name, table.get(name)?.replace(/^.*Compose: |\)$/g, '')]);
    expect(shown).toEqual(defaults);
    expect([...tableOfSettings('| Name | Default |\n| `A_B` | `1`  | One |')]).toEqual([['A_B', '1']]);
  });
});

describe('Exports', () => {
  it('are imported by somebody', () => {
    expect(lonelyExports(files)).toEqual([]);
  });

  it('are caught when nobody does', () => {
    const exporting = ['src/a/b.ts', 'export const one = 1;\nexport async function two() {}\n'] as const;
    const elsewhere = ['src/c.ts', "import { one as uno } from './b.ts';"] as const;
    const importing = ['src/a.ts', "import {\n  one as uno,\n} from './a/b.ts';"] as const;
    expect(lonelyExports(new Map([exporting, elsewhere]))).toEqual(['src/a/b.ts: one', 'src/a/b.ts: two']);
    expect(lonelyExports(new Map([exporting, importing]))).toEqual(['src/a/b.ts: two']);
  });
});

describe('The documents', () => {
  it.each([
    ['docs/architecture.md', 120],
    ['docs/decisions/', 40],
  ])('below %s have at most %i lines', (name, most) => {
    const documents = select(files, name, '.md');
    expect(documents.size).toBeGreaterThan(0);
    expect([...documents].filter(([, text]) => text.trimEnd().split('\n').length > most)).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it('gives the app more time to end than the longest DRAIN_S and what comes after it', () => {
    const app = files.get('docker-compose.yml')?.split(/^  app:$/m)[1] ?? '';
    const graceS = Number(/stop_grace_period: (\d+)s/.exec(app)?.[1]);
    expect(graceS).toBeGreaterThan(0);
    const closingS = 5;
    expect(settings.DRAIN_S.safeParse(graceS - closingS).success).toBe(false);
  });
});

describe('Views', () => {
  it('escape all but includes and the body', () => {
    expect(views.size).toBeGreaterThan(0);
    expect(found(views, rawOutputs)).toEqual([]);
  });

  it('have no inline code', () => {
    expect(found(views, inlineCode)).toEqual([]);
  });

  it('are caught when they print something raw', () => {
    expect(rawOutputs('<%- title %>')).toHaveLength(1);
    expect(rawOutputs('<%- include("a") + title %>')).toHaveLength(1);
    expect(rawOutputs("<%- include('a', { b }) %><%- body -%><%= title %>")).toEqual([]);
  });

  it('are caught when they hold inline code', () => {
    expect(inlineCode('<script>a()</script>')).toHaveLength(1);
    expect(inlineCode('<a onclick="b()" style="c: d">')).toHaveLength(2);
    expect(
      inlineCode('<script type="module" src="/a.js"></script><link rel="stylesheet" href="/b.css">'),
    ).toEqual([]);
  });
});

describe('Migrations', () => {
  it('are all registered', () => {
    const registered = migrations.map((migration) => migration.file);
    expect(registered.length).toBeGreaterThan(0);
    expect(unregisteredMigrations(readdirSync(path.join(root, 'migrations')), registered)).toEqual([]);
  });

  it('are caught when a file or its entry is missing', () => {
    expect(unregisteredMigrations(['1_users.ts', 'index.ts'], [])).toEqual(['1_users']);
    expect(unregisteredMigrations([], ['1_users'])).toEqual(['1_users']);
  });
});

describe('package-lock.json', () => {
  it('names no registry', () => {
    expect(resolvedPackages(packages)).toEqual([]);
    expect(resolvedPackages({ a: { resolved: 'https://registry.example/a.tgz' } })).toEqual(['a']);
  });

  it('has no production package with an install script', () => {
    expect(installScripts(packages)).toEqual([]);
    expect(
      installScripts({ a: { hasInstallScript: true }, b: { hasInstallScript: true, dev: true } }),
    ).toEqual(['a']);
  });

  it('lists the binaries of every system, without which npm ci refuses to run', () => {
    expect(missingOptionals(packages)).toEqual([]);
    expect(missingOptionals({ a: { optionalDependencies: { b: '1.0.0' } } })).toEqual(['b']);
  });
});

describe('Files', () => {
  it('name no folder of somebody’s machine', () => {
    expect(found(files, machinePaths)).toEqual([]);
    expect(machinePaths(`see ${['', 'home', 'ada', 'notes'].join('/')}`)).toHaveLength(1);
  });
});

function found(among: Files, rule: (text: string) => string[]): string[] {
  return [...among].flatMap(([name, text]) => rule(text).map((each) => `${name}: ${each}`));
}
