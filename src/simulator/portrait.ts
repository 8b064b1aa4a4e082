import { createRandom, pick, seedOf, type Random } from './random.ts';

/** Backdrop light and dark, fur, inner fur, accent. */
type Palette = readonly [light: string, dark: string, fur: string, pale: string, accent: string];

const palettes: readonly Palette[] = [
  ['#f7b267', '#d1495b', '#5b3a4b', '#f4d6b8', '#ffe08a'],
  ['#8ecae6', '#1d5b8f', '#f2e9dc', '#ffffff', '#ffb703'],
  ['#b7d7a8', '#2f6f5e', '#e08e45', '#fff1d6', '#24483e'],
  ['#f4c2d7', '#8a4f9e', '#fdf3f7', '#ffd9e6', '#5e2b73'],
  ['#ffd97d', '#e07a1f', '#4a4e69', '#c9cbe0', '#22223b'],
  ['#a0e7e5', '#137c8b', '#344955', '#cfe8ea', '#ffd166'],
  ['#c3bef0', '#3d348b', '#f7b801', '#fff0bd', '#f35b04'],
  ['#f2d0a4', '#a44a3f', '#7d5a50', '#f6e6d3', '#fcbf49'],
  ['#9bb8d3', '#2b3a55', '#ce7777', '#f2e5e5', '#e8c4c4'],
  ['#d9ed92', '#34a0a4', '#184e77', '#b5e4d3', '#f9f871'],
  ['#ffc8a2', '#c9485b', '#f8f4e3', '#ffe3d8', '#55306b'],
  ['#b8c0ff', '#5a4fcf', '#ffd6e0', '#fff5f8', '#2d2a6e'],
  ['#e6ccb2', '#7f5539', '#2f2a26', '#b08968', '#ff9f1c'],
  ['#caf0f8', '#0077b6', '#90a4ae', '#eceff1', '#ff6b6b'],
  ['#f1c0e8', '#6a4c93', '#8ac926', '#e4f5c2', '#ffca3a'],
  ['#ffddd2', '#006d77', '#e29578', '#fff4ec', '#004b52'],
];

/** A square-ish picture of somebody, always the same one for the same look. */
export function portrait(look: string, width: number, height: number): string {
  const random = createRandom(seedOf(`backdrop ${look}`));
  const [light, dark, , , accent] = paletteOf(look);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 300 300" preserveAspectRatio="xMidYMid slice">`,
    `<defs><radialGradient id="b" cx=".5" cy=".35" r=".85"><stop stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></radialGradient></defs>`,
    `<rect width="300" height="300" fill="url(#b)"/>`,
    pick(random, backdrops)(random, accent),
    mascot(look),
    '</svg>',
  ].join('');
}

/** The head and shoulders on a 300 × 300 ground, without a backdrop. */
export function mascot(look: string): string {
  const random = createRandom(seedOf(`face ${look}`));
  const palette = paletteOf(look);
  const [, dark, fur, , accent] = palette;
  const shape = pick(random, [
    'M75 175C75 105 110 85 150 85s75 20 75 90-35 78-75 78-75-8-75-78z',
    'M68 165C68 108 105 92 150 92s82 16 82 73-37 84-82 84-82-27-82-84z',
    'M84 160C84 100 115 82 150 82s66 18 66 78-24 94-66 94-66-34-66-94z',
  ]);
  return [
    `<path d="M40 300c4-52 46-72 110-72s106 20 110 72z" fill="${dark}"/>`,
    `<path d="M108 236q42 34 84 0l8 22q-50 36-100 0z" fill="${accent}"/>`,
    pick(random, ears)(palette),
    `<path d="${shape}" fill="${fur}"/>`,
    pick(random, muzzles)(palette),
    pick(random, eyes)(palette),
    pick(random, extras)(palette, random),
  ].join('');
}

export function paletteOf(look: string): Palette {
  return pick(createRandom(seedOf(`palette ${look}`)), palettes);
}

const backdrops: readonly ((random: Random, accent: string) => string)[] = [
  (random, accent) =>
    [140, 108, 76]
      .map(
        (radius) =>
          `<circle cx="150" cy="${120 + random() * 30}" r="${radius}" fill="none" stroke="${accent}" stroke-width="9" opacity=".28"/>`,
      )
      .join(''),
  (_random, accent) =>
    Array.from(
      { length: 12 },
      (_, ray) =>
        `<path d="M150 150L132-90h36z" transform="rotate(${ray * 30} 150 150)" fill="${accent}" opacity=".2"/>`,
    ).join(''),
  (random, accent) =>
    Array.from(
      { length: 26 },
      () =>
        `<circle cx="${round(random() * 300)}" cy="${round(random() * 230)}" r="${round(2 + random() * 6)}" fill="${accent}" opacity=".45"/>`,
    ).join(''),
  (_random, accent) =>
    [60, 110, 160]
      .map(
        (y) =>
          `<path d="M-20 ${y}q40-34 80 0t80 0 80 0 80 0 80 0" fill="none" stroke="${accent}" stroke-width="12" opacity=".25"/>`,
      )
      .join(''),
  (random, accent) =>
    `<circle cx="${round(90 + random() * 120)}" cy="112" r="92" fill="${accent}" opacity=".5"/>`,
  (random, accent) =>
    Array.from(
      { length: 9 },
      () =>
        `<rect x="-16" y="-16" width="32" height="32" rx="7" fill="${accent}" opacity=".26" transform="translate(${round(random() * 300)} ${round(random() * 220)}) rotate(${round(random() * 90)})"/>`,
    ).join(''),
];

const ears: readonly ((palette: Palette) => string)[] = [
  ([, , fur, pale]) =>
    twice(`<path d="M82 140L80 52l62 44z" fill="${fur}"/><path d="M92 116l-2-42 32 24z" fill="${pale}"/>`),
  ([, , fur, pale]) =>
    twice(`<circle cx="92" cy="96" r="30" fill="${fur}"/><circle cx="92" cy="96" r="15" fill="${pale}"/>`),
  ([, , fur, pale]) =>
    twice(
      `<ellipse cx="112" cy="62" rx="21" ry="56" fill="${fur}" transform="rotate(-9 112 62)"/><ellipse cx="112" cy="66" rx="10" ry="38" fill="${pale}" transform="rotate(-9 112 66)"/>`,
    ),
  ([, , fur]) => twice(`<path d="M84 150C60 90 70 60 78 50c14 22 42 30 56 42z" fill="${fur}"/>`),
  ([, , fur, , accent]) =>
    `<path d="M150 92V52" stroke="${fur}" stroke-width="9"/><circle cx="150" cy="46" r="13" fill="${accent}"/>${twice(`<rect x="56" y="146" width="24" height="46" rx="9" fill="${accent}"/>`)}`,
  ([, , , pale]) => twice(`<path d="M104 104C70 98 66 66 78 50c2 22 22 26 46 36z" fill="${pale}"/>`),
  ([, , fur]) => twice(`<path d="M88 122c-42-4-46 44-34 74 14 0 28-18 34-46z" fill="${fur}"/>`),
];

const muzzles: readonly ((palette: Palette) => string)[] = [
  ([, , , pale]) =>
    `<ellipse cx="150" cy="206" rx="42" ry="31" fill="${pale}"/><path d="M140 192h20l-10 11z" fill="#2b2230"/><path d="M150 203v8q-9 12-20 5m20-5q9 12 20 5" fill="none" stroke="#2b2230" stroke-width="4" stroke-linecap="round"/>`,
  ([, , , , accent]) =>
    `<path d="M132 188h36l-18 27z" fill="${accent}" stroke="#2b2230" stroke-opacity=".35" stroke-width="3" stroke-linejoin="round"/>`,
  ([, , , pale]) =>
    `<path d="M150 118c26 0 42 54 42 86 0 26-18 42-42 42s-42-16-42-42c0-32 16-86 42-86z" fill="${pale}" opacity=".85"/><ellipse cx="150" cy="196" rx="12" ry="8" fill="#2b2230"/><path d="M134 218q16 14 32 0" fill="none" stroke="#2b2230" stroke-width="4" stroke-linecap="round"/>`,
  ([, , , pale]) =>
    `<path d="M128 202q22 26 44 0z" fill="#2b2230"/><path d="M138 210q12 9 24 0z" fill="#ef7674"/>${twice(`<circle cx="102" cy="200" r="13" fill="${pale}" opacity=".7"/>`)}`,
];

const eyes: readonly ((palette: Palette) => string)[] = [
  () =>
    twice(
      '<circle cx="119" cy="164" r="16" fill="#fff"/><circle cx="121" cy="166" r="10" fill="#2b2230"/><circle cx="125" cy="161" r="4" fill="#fff"/>',
    ),
  () =>
    twice(
      '<path d="M104 168q15-18 30 0" fill="none" stroke="#2b2230" stroke-width="6" stroke-linecap="round"/>',
    ),
  ([, , , , accent]) =>
    `${twice('<circle cx="118" cy="164" r="17" fill="#fff"/><circle cx="120" cy="165" r="8" fill="#2b2230"/>')}${twice(`<circle cx="118" cy="164" r="23" fill="none" stroke="${accent}" stroke-width="6"/>`)}<path d="M141 160q9-6 18 0" fill="none" stroke="${accent}" stroke-width="6"/>`,
  () =>
    twice(
      '<ellipse cx="120" cy="166" rx="9" ry="13" fill="#fff"/><ellipse cx="121" cy="167" rx="6.5" ry="10" fill="#2b2230"/><circle cx="123" cy="162" r="3" fill="#fff"/>',
    ),
  () =>
    twice(
      '<path d="M102 158q17-12 34 2-4 18-18 18-13 0-16-20z" fill="#fff"/><circle cx="121" cy="166" r="8" fill="#2b2230"/>',
    ),
  ([, , , , accent]) =>
    `<path d="M88 148h124l-6 34q-26 10-46-6h-20q-20 16-46 6z" fill="#221d2e"/><path d="M98 155h34l-22 22z" fill="${accent}" opacity=".75"/>`,
];

const extras: readonly ((palette: Palette, random: Random) => string)[] = [
  ([, dark, , , accent]) =>
    `<path d="M72 168C66 96 108 70 150 70s84 26 78 98" fill="none" stroke="${dark}" stroke-width="13"/>${twice(`<rect x="52" y="146" width="32" height="58" rx="15" fill="${accent}"/>`)}<path d="M66 204q6 34 52 34" fill="none" stroke="${dark}" stroke-width="6"/><circle cx="122" cy="238" r="8" fill="${dark}"/>`,
  ([, dark, , , accent]) =>
    `<path d="M86 104q64-50 128 0l-6 16q-58-22-116 0z" fill="${accent}"/><path d="M60 118q90-34 180 2-90-14-180-2z" fill="${dark}"/>`,
  ([, , , , accent]) =>
    `<g transform="translate(206 104)">${[0, 72, 144, 216, 288].map((turn) => `<circle cx="0" cy="-15" r="11" fill="${accent}" transform="rotate(${turn})"/>`).join('')}<circle r="8" fill="#fff7e0"/></g>`,
  ([light, , , , accent]) =>
    `<path d="M150 30l30 62q-30-12-60 0z" fill="${accent}"/><circle cx="150" cy="30" r="10" fill="${light}"/>`,
  ([, , , , accent], random) =>
    `<path d="M112 130q${round(14 + random() * 10)}-34 66-26-6 18-34 24z" fill="${accent}"/>`,
  () => '',
  ([, dark, , , accent]) =>
    `<path d="M82 132q68-40 136 0l-4-24q-64-42-128 0z" fill="${dark}"/><circle cx="150" cy="98" r="13" fill="${accent}"/>`,
];

/** A part of the left half and its mirror image. */
function twice(part: string): string {
  return `${part}<g transform="matrix(-1 0 0 1 300 0)">${part}</g>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
