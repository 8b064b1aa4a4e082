import type { Request, Response } from 'express';
import type { Assets } from './assets.ts';
import { themeOf } from './theme.ts';
import { ago, compact, count, device, duration, imageUrl, thumbnail } from './format.ts';
import { publicPath, type WebSettings } from './settings.ts';
import type { Locals, Render } from './templates.ts';

/** Renders pages and parts of pages for one request. */
export interface Pages {
  /** A whole page in the layout; `status` is 200 unless given. */
  send(
    request: Request,
    response: Response,
    page: string,
    locals: Locals & { title: string },
    status?: number,
  ): void;
  /** A part without the layout, for scripts. */
  sendPart(request: Request, response: Response, partial: string, locals: Locals): void;
  /** The address of a path below the base, as browsers see it. */
  url: (path: string) => string;
}

/** What every template can use beside its own locals. */
export function createPages(parts: {
  settings: WebSettings;
  assets: Assets;
  render: Render;
  now: () => Date;
}): Pages {
  const { settings, assets, render, now } = parts;
  const base = publicPath(settings);
  const url = (path: string) =>
    (path.startsWith('/?') || path === '/' ? base + path.slice(1) : base + path) || '/';

  function common(request: Request, response: Response): Locals {
    const at = now();
    return {
      url,
      asset: (file: string) => url(`/assets/${assets.address(file)}`),
      user: response.locals['user'] ?? null,
      theme: themeOf(request),
      simulated: settings.simulated,
      path: request.path,
      here: request.originalUrl,
      now: at,
      ago: (date: Date) => ago(date, at),
      duration: (from: Date) => duration(from, at),
      count,
      compact,
      device,
      imageUrl: (address: string | null) => imageUrl(address, settings.imageUrls),
      thumbnail: (address: string | null, width: number, height: number) =>
        thumbnail(address, width, height, settings.imageUrls, at),
    };
  }

  return {
    send(request, response, page, locals, status = 200) {
      const all = { ...common(request, response), ...locals };
      const html = render('layouts/page', { ...all, body: render(`pages/${page}`, all) });
      sendHtml(response, html, status);
    },
    sendPart(request, response, partial, locals) {
      sendHtml(response, render(`partials/${partial}`, { ...common(request, response), ...locals }), 200);
    },
    url,
  };
}

/** Pages belong to one user, so no cache may keep them, the browser's included. */
function sendHtml(response: Response, html: string, status: number): void {
  response
    .status(status)
    .set({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'private, no-store' })
    .send(html);
}
