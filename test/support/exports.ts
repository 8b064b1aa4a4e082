import path from 'node:path';
import { type Files, select } from './house.ts';

/**
 * `file: name` for each exported function, constant or class that no other file imports. Types may be exported
 * for what they say of a function alone; what is imported at run time, migrations and bin, is left out.
 */
export function lonelyExports(files: Files): string[] {
  const scripts = select(files, '', '.ts', '.js');
  const imported = importedNames(scripts);
  const checked = [...scripts].filter(([name]) => /^(src|test|bench|public)\//.test(name));
  return checked.flatMap(([name, text]) =>
    exportsOf(text)
      .filter((each) => !imported.has(`${name}: ${each}`))
      .map((each) => `${name}: ${each}`),
  );
}

function exportsOf(text: string): string[] {
  const declarations = text.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm);
  return [...declarations].map((match) => match[1] ?? '');
}

/** In the same words. Handing something on is importing it, too, and so is waiting for it. */
function importedNames(files: Files): Set<string> {
  const named = /\b(?:import|export|const)\s*\{([^}]*)\}\s*(?:from|= await import\()\s*'(\.[^']+)'/g;
  return new Set(
    [...files].flatMap(([importer, text]) =>
      [...text.matchAll(named)].flatMap(([, names = '', specifier = '']) => {
        const from = path.posix.join(path.posix.dirname(importer), specifier);
        return names.split(',').map((each) => `${from}: ${each.trim().split(' as ')[0]}`);
      }),
    ),
  );
}
