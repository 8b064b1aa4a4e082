import type { Request, Response } from 'express';
import type { ShownEvent } from '../domain/stream-event.ts';
import type { StreamerCard } from '../domain/streamer.ts';
import type { Assets } from './assets.ts';
import { describeEvent, eventKey } from './event-words.ts';
import { type Theme, themeOf } from './theme.ts';
import { ago, compact, count, device, duration, imageUrl, shortDay, thumbnail } from './format.ts';
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
  /** A whole page as anybody sees it, wherever they are. */
  anonymous(page: string, locals: Locals & { title: string }, theme: Theme | null): string;
  /** A part without the layout, for scripts. */
  sendPart(request: Request, response: Response, partial: string, locals: Locals): void;
  /** The text of a part that is the same for everybody. */
  part(partial: string, locals: Locals): string;
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

  let kept: Locals = {};
  let keptAt = Number.NEGATIVE_INFINITY;

  function common(request: Request, response: Response): Locals {
    return {
      ...forEverybody(),
      user: response.locals['user'] ?? null,
      theme: themeOf(request),
      path: request.path,
      // Where a form of the page leads back to, which the address of another form cannot be.
      here: ['GET', 'HEAD'].includes(request.method) ? request.originalUrl : url('/'),
    };
  }

  /** Made once a second: nothing on a page is told more precisely. */
  function forEverybody(): Locals {
    const at = now();
    if (at.getTime() - keptAt >= 0 && at.getTime() - keptAt < 1_000) return kept;
    keptAt = at.getTime();
    kept = helpersAt(at);
    return kept;
  }

  function helpersAt(at: Date): Locals {
    const minute = Math.floor(at.getTime() / 60_000);
    return {
      url,
      asset: (file: string) => url(`/assets/${assets.address(file)}`),
      simulated: settings.simulated,
      now: at,
      ago: (date: Date) => ago(date, at),
      duration: (from: Date) => duration(from, at),
      cardKey: (streamer: StreamerCard) => cardKey(streamer, minute),
      describeEvent,
      eventKey: (event: ShownEvent, isNew: boolean) => eventKey(event, isNew, at),
      count,
      compact,
      device,
      shortDay,
      imageUrl: (address: string | null) => imageUrl(address, settings.imageUrls),
      thumbnail: (address: string | null, width: number, height: number) =>
        thumbnail(address, width, height, settings.imageUrls, at),
    };
  }

  function inLayout(page: string, locals: Locals): string {
    return render('layouts/page', { ...locals, body: render(`pages/${page}`, locals) });
  }

  return {
    send(request, response, page, locals, status = 200) {
      sendHtml(response, inLayout(page, { ...common(request, response), ...locals }), status);
    },
    anonymous: (page, locals, theme) =>
      inLayout(page, { ...forEverybody(), user: null, theme, path: '', here: url('/'), ...locals }),
    sendPart(request, response, partial, locals) {
      sendHtml(response, render(`partials/${partial}`, { ...common(request, response), ...locals }), 200);
    },
    part: (partial, locals) => render(`partials/${partial}`, { ...forEverybody(), ...locals }),
    url,
  };
}

/** Of every page. */
export const pageHeaders = new Map([
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Cache-Control', 'private, no-store'],
  ['Accept-CH', 'Sec-CH-Prefers-Color-Scheme'],
]);

/** All that a card shows: two cards with the same key are the same to the letter for a minute. */
function cardKey(streamer: StreamerCard, minute: number): unknown[] {
  const { broadcast } = streamer;
  return [
    streamer.id,
    streamer.login,
    streamer.displayName,
    streamer.profileImageUrl,
    streamer.title,
    streamer.category,
    broadcast?.startedAt.getTime(),
    broadcast?.viewers,
    broadcast?.thumbnailUrl,
    streamer.lastLiveAt?.getTime(),
    streamer.unavailableSince?.getTime(),
    minute,
  ];
}

/** Pages belong to one user, so no cache may keep them, the browser's included: nothing of what `send` checks applies. */
function sendHtml(response: Response, html: string, status: number): void {
  const body = encode(html);
  response.statusCode = status;
  response.setHeaders(pageHeaders).setHeader('Content-Length', body.length).end(body);
}

/**
 * As UTF-8. `Buffer.from` would go through the text twice, once to find its length; a page with a single name that
 * is not Latin is a tenth of its cost.
 */
function encode(html: string): Buffer {
  const room = Buffer.allocUnsafe(Math.ceil(html.length * 1.25) + 16);
  const length = room.write(html);
  // What does not fit is left out, by whole characters of at most four bytes.
  return length <= room.length - 4 ? room.subarray(0, length) : Buffer.from(html);
}
