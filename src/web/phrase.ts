/** Words of somebody else within ours. `name`: of a person; `text`: a title, a category, a message. */
export interface Said {
  as: 'name' | 'text';
  words: string;
}

/** A sentence in which our words and those of others are told apart, so that each keeps its direction. */
export type Phrase = (string | Said)[];

/** Builds a phrase: what a template holds is ours, what is put in may be somebody's. */
export function phrase(ours: TemplateStringsArray, ...theirs: (string | number | Said | Phrase)[]): Phrase {
  const parts = ours.flatMap((words, index) => [words, ...partsOf(theirs[index] ?? '')]);
  return parts.filter((part) => part !== '').reduce<Phrase>(joined, []);
}

export function text(words: string): Said {
  return { as: 'text', words };
}

export function name(words: string): Said {
  return { as: 'name', words };
}

/** The phrase as plain text. */
export function plain(words: Phrase): string {
  return words.map((part) => (typeof part === 'string' ? part : part.words)).join('');
}

function partsOf(value: string | number | Said | Phrase): Phrase {
  return Array.isArray(value) ? value : [typeof value === 'number' ? String(value) : value];
}

function joined(before: Phrase, part: string | Said): Phrase {
  const last = before.at(-1);
  if (typeof last !== 'string' || typeof part !== 'string') return [...before, part];
  return [...before.slice(0, -1), last + part];
}
