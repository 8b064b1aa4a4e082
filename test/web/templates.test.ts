import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTemplates } from '../../src/web/templates.ts';

describe('loadTemplates', () => {
  let folder: string;
  const load = (templates: Record<string, string>) => {
    for (const [name, text] of Object.entries(templates))
      writeFileSync(path.join(folder, `${name}.ejs`), text);
    return loadTemplates(folder);
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'followspot-views-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds the locals that a template names, wherever it names them', () => {
    const render = load({
      page: `<% for (const each of [...list, last.name]) { %><%= mark + each %> <% } -%><%= isOn ? 'mark' : "list" %><%= Math.max(a,b) %>`,
    });
    const locals = { list: ['x', 'y'], last: { name: 'z' }, mark: '<', isOn: true, a: 1, b: 2 };
    expect(render('page', locals)).toBe('&lt;x &lt;y &lt;z mark2');
  });

  it('lets a template declare a name that is also a local', () => {
    const render = load({ page: '<% const mark = 1; %><%= mark %>' });
    expect(render('page', { mark: 2 })).toBe('1');
  });

  it('takes what was not given for nothing, and nothing from what all objects have', () => {
    const render = load({ page: '<% if (mark) { %>marked<% } %>[<%= mark %>]' });
    expect(render('page', {})).toBe('[]');
  });

  it('hands an included template what the one around it has, and more', () => {
    const render = load({ page: `<%- include('part', { b: 3 }) %><%= b %>`, part: '<%= a %><%= b %>' });
    expect(render('page', { a: 1, b: 2 })).toBe('132');
  });

  it('keeps what was rendered with a key until one value of the key changes', () => {
    const render = load({ page: `<%- include('part', { title }, [id, key]) %>`, part: '<%= title %>' });
    expect(render('page', { id: 1, key: 'a', title: 'first' })).toBe('first');
    expect(render('page', { id: 1, key: 'a', title: 'not looked at' })).toBe('first');
    expect(render('page', { id: 1, key: 'b', title: 'second' })).toBe('second');
    expect(render('page', { id: 2, key: 'b', title: 'another' })).toBe('another');
  });

  it('names the template that is not there', () => {
    expect(() => load({ page: `<%- include('nowhere') %>` })('page', {})).toThrow('nowhere');
  });
});
