import type { Request } from 'express';

/** The query as it stands in the address; unlike Express's own it keeps order and repeats and never fails. */
export function parametersOf(request: Request): URLSearchParams {
  const start = request.url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : request.url.slice(start + 1));
}

/** The one value of a parameter; `null` when it is absent or given more than once. */
export function single(parameters: URLSearchParams, name: string): string | null {
  const [value, ...more] = parameters.getAll(name);
  return value === undefined || more.length > 0 ? null : value;
}

/** A parsed body (form or JSON) as parameters; anything but an object is empty. */
export function bodyOf(request: Request): URLSearchParams {
  const parameters = new URLSearchParams();
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return parameters;
  for (const [name, value] of Object.entries(body)) {
    for (const item of [value].flat()) {
      if (['string', 'number', 'boolean'].includes(typeof item)) parameters.append(name, String(item));
    }
  }
  return parameters;
}
