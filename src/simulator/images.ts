import express, { type Response, type Router } from 'express';
import type { Account } from './account.ts';
import { portrait } from './portrait.ts';
import { offlineBanner, thumbnail } from './thumbnail.ts';
import type { World } from './world.ts';

/** Below the given address or path. */
export function portraitPath(base: string, { look }: Account): string {
  return `${base}/images/portraits/${look}-300x300.svg`;
}

/** Ends in the literal placeholders `{width}x{height}`, as Twitch's address does. */
export function thumbnailPath(base: string, { look }: Account): string {
  return `${base}/images/thumbnails/${look}-{width}x{height}.svg`;
}

export function offlineImagePath(base: string, { look }: Account): string {
  return `${base}/images/offline/${look}-1920x1080.svg`;
}

/** Every picture, as SVG of any size from 1 to 4096; names that nobody has get a drawing too. */
export function createImages(world: World, now: () => Date): Router {
  const router = express.Router();
  const lookOf = (look: string) => world.everybody().find((account) => account.look === look) ?? null;
  const picture = (
    folder: string,
    maxAgeS: number,
    draw: (look: string, width: number, height: number) => string,
  ) =>
    router.get(`/${folder}/:file`, (request, response, next) => {
      const [, look, width, height] = /^(\w{1,25})-(\d{1,4})x(\d{1,4})\.svg$/.exec(request.params.file) ?? [];
      if (look === undefined || !isSize(width) || !isSize(height)) return next();
      sendDrawing(response, draw(look, Number(width), Number(height)), maxAgeS);
    });

  picture('portraits', 86_400, portrait);
  picture('offline', 86_400, offlineBanner);
  picture('thumbnails', 60, (look, width, height) =>
    thumbnail(
      { look, scene: lookOf(look)?.category?.scene ?? 'studio', minutes: now().getTime() / 60_000 },
      width,
      height,
    ),
  );
  router.get('/icon.svg', (_request, response) =>
    sendDrawing(response, portrait('simulator', 64, 64), 86_400),
  );
  return router;
}

function isSize(digits: string | undefined): boolean {
  return Number(digits) >= 1 && Number(digits) <= 4096;
}

function sendDrawing(response: Response, drawing: string, maxAgeS: number): void {
  response
    .set({
      'Cache-Control': `public, max-age=${maxAgeS}`,
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cross-Origin-Resource-Policy': 'cross-origin',
    })
    .type('image/svg+xml')
    .send(drawing);
}
