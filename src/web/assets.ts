import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type RequestHandler } from 'express';

/** The files of `public/`, served for a year under addresses that change with their content. */
export interface Assets {
  /** `css/base.css` to `css/base.css?v=1a2b3c4d`. @throws Error for a file that is not there */
  address: (file: string) => string;
  serve: RequestHandler;
}

/** Reads the folder once. */
export function loadAssets(folder: string): Assets {
  const versions = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    versions.set(path.relative(folder, file).replaceAll(path.sep, '/'), digest.slice(0, 8));
  }
  const serveFor = (maxAge: number, immutable: boolean) =>
    express.static(folder, { index: false, redirect: false, maxAge, immutable });
  const versioned = serveFor(365 * 24 * 60 * 60_000, true);
  const plain = serveFor(5 * 60_000, false);
  return {
    address(file) {
      const version = versions.get(file);
      if (version === undefined) throw new Error(`There is no file ${file} in ${folder}`);
      return `${file}?v=${version}`;
    },
    serve: (request, response, next) =>
      (request.query['v'] === undefined ? plain : versioned)(request, response, next),
  };
}
