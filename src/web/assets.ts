import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type RequestHandler } from 'express';

/** The files of `public/`, served for a year under addresses that change when any of them does. */
export interface Assets {
  /** `css/base.css` to `1a2b3c4d/css/base.css`. @throws Error for a file that is not there */
  address: (file: string) => string;
  serve: RequestHandler;
}

/**
 * Reads the folder once. All files have one version, which is a folder to browsers: so a module that imports
 * `./another.js` gets the other as it was made for it.
 */
export function loadAssets(folder: string): Assets {
  const files = filesIn(folder);
  const digest = createHash('sha256');
  for (const file of files) digest.update(`${file}\n`).update(readFileSync(path.join(folder, file)));
  const version = digest.digest('hex').slice(0, 8);
  const serveFor = (maxAge: number, immutable: boolean) =>
    express.static(folder, { index: false, redirect: false, maxAge, immutable });
  const versioned = serveFor(365 * 24 * 60 * 60_000, true);
  const plain = serveFor(5 * 60_000, false);
  return {
    address(file) {
      if (!files.has(file)) throw new Error(`There is no file ${file} in ${folder}`);
      return `${version}/${file}`;
    },
    serve(request, response, next) {
      const asked = /^\/([0-9a-f]{8})(?=\/)/.exec(request.url);
      // A page from before an upgrade asks for what is no more: what there is now serves it best, but not for a year.
      if (asked !== null) request.url = request.url.slice(asked[0].length);
      (asked?.[1] === version ? versioned : plain)(request, response, next);
    },
  };
}

function filesIn(folder: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return new Set(files.map((file) => file.replaceAll(path.sep, '/')).toSorted());
}
