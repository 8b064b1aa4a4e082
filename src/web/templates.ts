import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ejs, { type Options } from 'ejs';
import { LRUCache } from 'lru-cache';

export type Locals = Record<string, unknown>;

/** Renders the template of that name, such as `pages/landing`. */
export type Render = (name: string, locals: Locals) => string;

type Key = readonly unknown[];
type Template = (locals: Locals) => string;

/**
 * Compiles every template below the folder once. EJS's own `include` asks the disk and copies all
 * locals each time, which on a wall of a hundred cards costs more than the rendering. Here an
 * included template inherits the locals of the one that includes it, and one that is included with a
 * key is rendered once for that key: its first value names the thing, the others are all that the
 * template shows of it. Options from requests never get here.
 * @throws Error that names the template which cannot be compiled, or that is not there
 */
export function loadTemplates(folder: string): Render {
  const templates = new Map<string, Template>();
  const kept = new LRUCache<string, { key: Key; html: string }>({ max: mostKept });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue;
    const name = file.slice(0, -'.ejs'.length).replaceAll(path.sep, '/');
    templates.set(name, compile(path.join(folder, file)));
  }
  return render;

  function render(name: string, given: Locals): string {
    const template = templates.get(name);
    if (template === undefined) throw new Error(`There is no template ${name}`);
    const locals = { ...given, include };
    return template(locals);

    function include(part: string, more?: Locals, key?: Key): string {
      return key === undefined ? render(part, { ...locals, ...more }) : renderOnce(part, key, locals, more);
    }
  }

  /** What `key` says all about is rendered once for everybody, and kept until it says something else. */
  function renderOnce(name: string, key: Key, locals: Locals, more?: Locals): string {
    const thing = `${name} ${String(key[0])}`;
    const known = kept.get(thing);
    if (known !== undefined && isSame(known.key, key)) return known.html;
    const html = render(name, { ...locals, ...more });
    kept.set(thing, { key, html });
    return html;
  }
}

/** Value by value: one long text of them all would take four times as long to build and look up. */
function isSame(one: Key, other: Key): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

const mostKept = 5_000;

function compile(file: string): Template {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('<%')) return () => text;
  // EJS would copy the locals into an object without a prototype. And a scope made by `with` is searched
  // anew for every name, which takes as long as the rest of the rendering.
  const options: Options & { unsafePrototypeLocals: boolean } = {
    filename: file,
    rmWhitespace: true,
    compileDebug: false,
    unsafePrototypeLocals: true,
    _with: false,
    destructuredLocals: namesIn(text),
  };
  // In a block of its own: there a template may declare what is also a local, and `include` is ours.
  const block = `<% { const include = locals.include; %>${text.trim()}<% } %>`;
  return ejs.compile(block, { ...options, async: false, client: false });
}

/**
 * Every name that the code of a template may take from its locals. Too many do no harm: what was not given
 * is `undefined`. A name of JavaScript's own, such as `Math`, keeps its meaning.
 */
function namesIn(template: string): string[] {
  const names = new Set<string>();
  for (const [, code = ''] of template.matchAll(/<%[-_=]?(?!#)(.*?)[-_]?%>/gs)) {
    const withoutTexts = code.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''");
    for (const [name] of withoutTexts.matchAll(nameOutsideOfThings)) names.add(name);
  }
  return [...names].filter((name) => !words.test(name) && !(name in globalThis));
}

/** `streamer` in `streamer.login` and in `...streamer`, not `login`. */
const nameOutsideOfThings = /(?<![\w$]|(?<!\.\.)\.)[A-Za-z_$][\w$]*/g;
const words =
  /^(?:include|const|let|var|for|of|in|if|else|while|do|switch|case|break|continue|function|return|new|typeof|instanceof|null|true|false|this)$/;
