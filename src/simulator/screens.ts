import { cloud, dot, ground, hero, many, path, rect, slime, type Painter } from './brush.ts';
import { between, pick } from './random.ts';

/** What games and drawing programs show. */
export const screens = {
  blocks(random, hue) {
    const cube = (column: number, row: number, level: number) => {
      const x = 320 + (column - row) * 36;
      const y = 150 + (column + row) * 18 - level * 36;
      const tint = level === 0 ? 100 + hue * 0.1 : hue;
      return (
        path(`M${x} ${y}l36 18-36 18-36-18z`, `hsl(${tint} 42% 62%)`) +
        path(`M${x - 36} ${y + 18}l36 18v38l-36-18z`, `hsl(${tint} 38% 44%)`) +
        path(`M${x + 36} ${y + 18}l-36 18v38l36-18z`, `hsl(${tint} 40% 34%)`)
      );
    };
    const stack = (index: number) => {
      const [column, row] = [index % 8, Math.floor(index / 8)];
      const levels = column < 4 && row < 4 && random() < 0.6 ? between(random, 1, 3) : random() < 0.1 ? 1 : 0;
      return many(levels + 1, (level) => cube(column, row, level));
    };
    return (
      ground('#9ad1f0', '#dff3fb') +
      dot(90, 70, 30, '#fff6cf') +
      many(3, () => cloud(between(random, 20, 500), between(random, 20, 80))) +
      many(64, stack) +
      many(9, (slot) => rect(186 + slot * 30, 326, 26, 26, slot === 2 ? '#ffffffcc' : '#00000066', 4))
    );
  },
  board(random, hue) {
    const tiles = many(64, (tile) =>
      rect(
        (tile % 8) * 40,
        Math.floor(tile / 8) * 40,
        40,
        40,
        (tile + Math.floor(tile / 8)) % 2 ? `hsl(${hue} 30% 34%)` : `hsl(${hue + 30} 38% 78%)`,
      ),
    );
    const piece = () => {
      const [x, y] = [between(random, 0, 7) * 40 + 20, between(random, 0, 7) * 40 + 20];
      const colour = pick(random, ['#20202a', '#f7f2e6', '#d1495b']);
      return `<g transform="translate(${x} ${y})">${path('M-13 14h26l-6-10q8-8 0-20-7-8-14 0-8 12 0 20z', colour, '#0008', 1.5)}</g>`;
    };
    return (
      ground(`hsl(${hue + 20} 30% 26%)`, `hsl(${hue} 34% 13%)`) +
      `<g transform="translate(160 20)"><rect x="-12" y="-12" width="344" height="344" rx="10" fill="#3b2a1d"/>${tiles}${many(15, piece)}</g>` +
      many(7, (row) => rect(512, 30 + row * 26, between(random, 50, 104), 12, '#ffffff2e', 4)) +
      rect(24, 30, 104, 34, '#ffffff24', 6) +
      rect(24, 296, 104, 34, '#ffffff24', 6)
    );
  },
  canvas(random, hue, minutes) {
    const stroke = () => {
      const [x, y] = [between(random, 120, 560), between(random, 50, 290)];
      return path(
        `M${x} ${y}q${between(random, -70, 70)} ${between(random, -60, 60)} ${between(random, -120, 120)} ${between(random, -30, 30)}`,
        'none',
        `hsl(${hue + between(random, -40, 60)} ${between(random, 35, 75)}% ${between(random, 40, 72)}%)`,
        between(random, 8, 34),
        '',
        0.72,
      );
    };
    return (
      rect(0, 0, 640, 360, '#26252c') +
      rect(92, 22, 500, 316, '#f8f3e8', 3) +
      path('M92 250q120-60 250-20t250-30v138H92z', `hsl(${hue + 180} 34% 72%)`) +
      `<svg x="92" y="22" width="500" height="316" viewBox="92 22 500 316">${many(16 + Math.floor(minutes % 10), stroke)}</svg>` +
      many(7, (tool) => rect(24, 40 + tool * 40, 38, 32, tool === 1 ? '#f4b942' : '#3c3b45', 7)) +
      many(6, (colour) => dot(616, 60 + colour * 40, 13, `hsl(${hue + colour * 34} 60% 58%)`))
    );
  },
  pixel(random, hue, minutes) {
    const platform = (index: number) => {
      const [x, y, length] = [170 + index * 78, between(random, 10, 16) * 16, between(random, 2, 5)];
      return (
        many(
          length,
          (tile) =>
            rect(x + tile * 16, y, 15, 15, `hsl(${hue + 20} 58% 46%)`) +
            rect(x + tile * 16, y, 15, 5, `hsl(${hue + 110} 55% 55%)`),
        ) + dot(x + 16, y - 20, 6, '#ffd84d')
      );
    };
    return (
      rect(150, 0, 490, 360, `hsl(${hue + 210} 62% 66%)`) +
      many(5, () => rect(between(random, 160, 560), between(random, 1, 6) * 16, 64, 16, '#ffffffb0')) +
      many(
        31,
        (tile) =>
          rect(150 + tile * 16, 320, 15, 40, `hsl(${hue + 20} 48% 38%)`) +
          rect(150 + tile * 16, 320, 15, 8, `hsl(${hue + 110} 52% 48%)`),
      ) +
      many(6, platform) +
      hero(220 + (minutes % 12) * 24, 292, `hsl(${hue} 82% 56%)`) +
      slime(520, 300, '#7b4fa3') +
      rect(0, 0, 150, 360, '#14131a') +
      many(
        9,
        (split) =>
          rect(12, 18 + split * 29, between(random, 44, 78), 10, '#ffffff55', 2) +
          rect(
            104,
            18 + split * 29,
            34,
            10,
            split < 6 ? pick(random, ['#62d08f', '#62d08f', '#ef6a6a']) : '#ffffff33',
            2,
          ),
      ) +
      rect(12, 296, 126, 32, '#62d08f', 4)
    );
  },
} satisfies Record<string, Painter>;
