import type { Scene } from './categories.ts';
import { mascot, paletteOf } from './portrait.ts';
import { createRandom, seedOf } from './random.ts';
import { scenes } from './scenes.ts';

export interface Picture {
  look: string;
  scene: Scene;
  /** Minutes since any moment; the picture changes every five, as Twitch's previews do. */
  minutes: number;
}

/** Scenes that look right in any colour; skies and rooms do not. */
const tintable: ReadonlySet<Scene> = new Set([
  'music',
  'city',
  'space',
  'blocks',
  'pixel',
  'board',
  'canvas',
]);

/** A frame of a broadcast: the category's scene with the streamer in an upper corner, or before the camera in a studio. */
export function thumbnail({ look, scene, minutes }: Picture, width: number, height: number): string {
  const random = createRandom(seedOf(`${scene} ${look}`));
  const hue = Math.floor(random() * (tintable.has(scene) ? 300 : 60)) - 20;
  const right = random() < 0.5;
  const picture = scenes[scene](random, hue, Math.floor(minutes / 5) % 1000);
  return drawing(width, height, picture + (scene === 'studio' ? onCamera(look) : inCorner(look, right)));
}

/** What a partner's channel shows while it is offline. */
export function offlineBanner(look: string, width: number, height: number): string {
  const [light, dark, , , accent] = paletteOf(look);
  const sky = `<rect width="640" height="360" fill="#14161d"/><rect width="640" height="360" fill="${dark}" opacity=".35"/>`;
  const beam = `<path d="M320-40L150 330h340z" fill="${light}" opacity=".12"/><ellipse cx="320" cy="326" rx="170" ry="22" fill="${accent}" opacity=".18"/>`;
  return drawing(
    width,
    height,
    `${sky}${beam}<g transform="translate(210 112) scale(.73)">${mascot(look)}</g>`,
  );
}

function onCamera(look: string): string {
  const arm =
    '<path d="M640 214L470 246l-26 34" fill="none" stroke="#17151a" stroke-width="10" stroke-linecap="round"/>';
  return `<g transform="translate(150 62)">${mascot(look)}</g>${arm}<rect x="418" y="270" width="46" height="64" rx="20" fill="#2a2830"/>`;
}

/** At the top: over the lower corners, apps write the uptime and the number of viewers. */
function inCorner(look: string, right: boolean): string {
  const [light, dark] = paletteOf(look);
  const x = right ? 486 : 16;
  return [
    `<rect x="${x - 3}" y="13" width="144" height="110" rx="9" fill="#0b0a10" opacity=".55"/>`,
    `<svg x="${x}" y="16" width="138" height="104" viewBox="0 0 138 104"><rect width="138" height="104" rx="7" fill="${dark}"/>`,
    `<circle cx="69" cy="40" r="62" fill="${light}" opacity=".6"/><g transform="translate(9 3) scale(.4)">${mascot(look)}</g></svg>`,
  ].join('');
}

function drawing(width: number, height: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 640 360" preserveAspectRatio="xMidYMid slice">${content}</svg>`;
}
