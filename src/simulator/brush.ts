import type { Random } from './random.ts';

/** Draws on a ground of 640 × 360. `minutes` moves slowly what moves; `hue` (0 to 360) tints it. */
export type Painter = (random: Random, hue: number, minutes: number) => string;

/** A small person with its feet near `y`. */
export function hero(x: number, y: number, colour: string): string {
  return `<g transform="translate(${round(x)} ${y})">${rect(-12, -10, 24, 26, colour, 4)}${dot(0, -20, 12, '#f4d3ae')}${path('M-13-22q13-18 26 0z', colour)}${rect(-10, 16, 8, 10, '#2b2230')}${rect(2, 16, 8, 10, '#2b2230')}</g>`;
}

/** A blob with eyes. */
export function slime(x: number, y: number, colour: string): string {
  return (
    path(`M${x - 26} ${y + 24}q-4-46 26-46t26 46z`, colour) +
    dot(x - 8, y + 2, 4, '#fff') +
    dot(x + 8, y + 2, 4, '#fff')
  );
}

export function cloud(x: number, y: number): string {
  return path(`M${x} ${y}q4-20 26-14 12-18 32-4 22-4 22 18z`, '#ffffff', 'none', 0, '', 0.75);
}

/** A sky or a wall over the whole ground. Once a drawing: its gradient has the id `g`. */
export function ground(top: string, bottom: string): string {
  return `<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs><rect width="640" height="360" fill="url(#g)"/>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, radius = 0): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${radius > 0 ? ` rx="${radius}"` : ''} fill="${fill}"/>`;
}

export function dot(x: number, y: number, radius: number, fill: string, opacity = 1): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}"${opacity < 1 ? ` opacity="${round(opacity * 10) / 10}"` : ''}/>`;
}

export function path(
  d: string,
  fill: string,
  stroke = 'none',
  width = 0,
  transform = '',
  opacity = 1,
): string {
  const line =
    stroke === 'none'
      ? ''
      : ` stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"`;
  return `<path d="${d}" fill="${fill}"${line}${transform === '' ? '' : ` transform="${transform}"`}${opacity < 1 ? ` opacity="${opacity}"` : ''}/>`;
}

/** The drawings for 0 to `count` - 1. */
export function many(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
