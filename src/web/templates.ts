import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ejs, { type Options } from 'ejs';
import { LRUCache } from 'lru-cache';

export type Locals = Record<string, unknown>;

/** Renders the template of that name, such as `pages/landing`. */
export type Render = (name: string, locals: Locals) => string;

type Template = (locals: Locals) => string;

/**
 * Compiles every template below the folder once. EJS's own `include` asks the disk and copies all
 * locals each time, which on a wall of a hundred cards costs more than the rendering. Here an
 * included template inherits the locals of the one that includes it, and one that is included with a
 * key is rendered once for that key: the key has to name all that the template shows. Options from
 * requests never get here.
 * @throws Error that names the template which cannot be compiled, or that is not there
 */
export function loadTemplates(folder: string): Render {
  const templates = new Map<string, Template>();
  const kept = new LRUCache<string, string>({ max: mostKept });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue;
    const name = file.slice(0, -'.ejs'.length).replaceAll(path.sep, '/');
    templates.set(name, compile(path.join(folder, file)));
  }

  function render(name: string, locals: Locals): string {
    const template = templates.get(name);
    if (template === undefined) throw new Error(`There is no template ${name}`);
    return template(locals);
  }

  return (name, given) => {
    // Without a prototype: nothing but what was given can be seen by a template.
    const locals: Locals = Object.assign(Object.create(null), given);
    return render(name, withInclude(locals));
  };

  function withInclude(locals: Locals): Locals {
    locals['include'] = (name: string, more?: Locals, key?: string) => {
      if (key !== undefined) return renderOnce(name, key, locals, more);
      return render(name, more === undefined ? locals : inheriting(locals, more));
    };
    return locals;
  }

  /** What `key` says all about is rendered once for everybody. */
  function renderOnce(name: string, key: string, locals: Locals, more: Locals = {}): string {
    const fullKey = `${name}\n${key}`;
    const known = kept.get(fullKey);
    if (known !== undefined) return known;
    const html = render(name, inheriting(locals, more));
    kept.set(fullKey, html);
    return html;
  }

  function inheriting(locals: Locals, more: Locals): Locals {
    return withInclude(Object.assign(Object.create(locals), more));
  }
}

const mostKept = 5_000;

function compile(file: string): Template {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('<%')) return () => text;
  // EJS would copy the locals into an object without a prototype, which ours is already.
  const options: Options & { unsafePrototypeLocals: boolean } = {
    filename: file,
    rmWhitespace: true,
    compileDebug: false,
    unsafePrototypeLocals: true,
  };
  return ejs.compile(text, { ...options, async: false, client: false });
}
