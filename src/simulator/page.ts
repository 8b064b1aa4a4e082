import type { Response } from 'express';
import { html, toText, type Html } from './html.ts';

/** What a page is made of. `ancestors`: CSP sources that may frame it; default nobody. */
export interface Page {
  title: string;
  body: Html;
  status?: number;
  /** A name that the style sheet knows. */
  bodyClass?: string;
  /** The file's name below `/assets`. */
  script?: string;
  ancestors?: string;
}

/**
 * Sends a whole HTML page with a policy of its own. There is no `form-action` in it on purpose: Chromium holds a form's
 * redirect against that too, and the consent form redirects to the application.
 */
export function sendPage(response: Response, basePath: string, page: Page): void {
  const { title, body, bodyClass = 'plain', script, ancestors = "'none'" } = page;
  response.removeHeader('X-Frame-Options');
  response
    .status(page.status ?? 200)
    .set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': [
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'",
        `base-uri 'none'; frame-ancestors ${ancestors}`,
      ].join('; '),
      'Referrer-Policy': 'strict-origin-when-cross-origin',
    })
    .type('html')
    .send(
      toText(
        html`<!doctype html>
          <html lang="en">
            <head>
              <meta charset="utf-8" />
              <meta name="viewport" content="width=device-width, initial-scale=1" />
              <meta name="color-scheme" content="dark light" />
              <title>${title}</title>
              <link rel="stylesheet" href="${basePath}/assets/simulator.css" />
              <link rel="icon" href="${basePath}/images/icon.svg" type="image/svg+xml" />
              ${script !== undefined && html`<script type="module" src="${basePath}/assets/${script}"></script>`}
            </head>
            <body class="${bodyClass}">
              ${body}
            </body>
          </html>`,
      ),
    );
}
