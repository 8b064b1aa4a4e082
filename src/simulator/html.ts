/** Markup that is safe to send. Only `html` makes it. */
export interface Html {
  readonly [markup]: string;
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const markup = Symbol('markup');

/** Everything put into the template is escaped, for text and for quoted attributes; `null` and `false` are nothing. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { [markup]: texts.map((text, index) => text + rendered(values[index])).join('') };
}

export function toText(page: Html): string {
  return page[markup];
}

/** The text with nothing left that HTML or XML could read as markup; control characters that neither allows go. */
function escape(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');
}

function rendered(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  if (isList(value)) return value.map(rendered).join('');
  return value[markup];
}

/** `Array.isArray` does not narrow a read-only array. */
function isList(value: Html | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value);
}
