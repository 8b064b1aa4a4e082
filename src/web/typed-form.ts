import type { Request } from 'express';
import { textOf } from './query.ts';

/** A form in which something was typed, to be shown again after an error. */
export interface TypedForm {
  partial: 'add-form' | 'search-form';
  locals: Record<string, unknown>;
  /** The path below the base of the page on which it stands, filled in. */
  page: string;
}

/** What the form for adding a favourite shows beside its field. */
export const emptyAddForm = { value: '', error: null, matches: [] };

const longestValue = 300;

/** The text that a form for adding a favourite carries: `streamer`, or `streamer_name` in the first version. */
export function typedStreamer(body: unknown): string {
  const fields: Record<string, unknown> = { ...(typeof body === 'object' ? body : {}) };
  return (textOf(fields['streamer'] ?? fields['streamer_name']) ?? '').slice(0, longestValue);
}

/** The form that a request was sent with; `null` when nothing was typed. */
export function typedFormOf(request: Request, basePath: string): TypedForm | null {
  const path = request.path.slice(basePath.length);
  if (request.method === 'POST' && (path === '/favourites' || path === '/streamer')) {
    const value = typedStreamer(request.body);
    const page = `/favourites?streamer=${encodeURIComponent(value)}`;
    return value === '' ? null : { partial: 'add-form', locals: { form: { ...emptyAddForm, value } }, page };
  }
  const query = path === '/search' ? (textOf(request.query['q']) ?? '').slice(0, longestValue) : '';
  const page = `/search?q=${encodeURIComponent(query)}`;
  return query === '' ? null : { partial: 'search-form', locals: { query }, page };
}
