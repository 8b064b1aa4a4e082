import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ejs from 'ejs';

export type Locals = Record<string, unknown>;

/** Renders the template of that name, such as `pages/landing`. */
export type Render = (name: string, locals: Locals) => string;

/**
 * Compiles every template below the folder once. EJS's own `include` asks the disk each time, which
 * on a wall of a hundred cards costs more than the rendering; options from requests never get here.
 * @throws Error that names the template which cannot be compiled, or that is not there
 */
export function loadTemplates(folder: string): Render {
  const templates = new Map<string, (locals: Locals) => string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue;
    const filename = path.join(folder, file);
    templates.set(
      file.slice(0, -'.ejs'.length).replaceAll(path.sep, '/'),
      ejs.compile(readFileSync(filename, 'utf8'), { filename, rmWhitespace: true, compileDebug: false }),
    );
  }

  function render(name: string, locals: Locals): string {
    const template = templates.get(name);
    if (template === undefined) throw new Error(`There is no template ${name}`);
    return template({
      ...locals,
      include: (included: string, more: Locals = {}) =>
        render(resolve(name, included), { ...locals, ...more }),
    });
  }

  /** Names count from the root of the views; `../` and `./` from the template that includes. */
  function resolve(from: string, included: string): string {
    const name = included.replace(/\.ejs$/, '');
    return templates.has(name) ? name : path.posix.join(path.posix.dirname(from), name);
  }

  return render;
}
