import { dot, ground, hero, many, path, rect, slime, type Painter } from './brush.ts';
import { between, pick } from './random.ts';

/** Rooms: where people talk, cook, play and are afraid of the dark. */
export const interiors = {
  studio(random, hue) {
    const shelf = (y: number) =>
      many(13, (book) =>
        rect(
          404 + book * 17,
          y - between(random, 34, 58),
          13,
          60,
          `hsl(${between(random, 0, 360)} 45% ${between(random, 38, 66)}%)`,
          2,
        ),
      ) + rect(392, y, 240, 8, '#3a2618');
    return (
      ground(`hsl(${hue} 32% 34%)`, `hsl(${hue + 20} 34% 20%)`) +
      rect(44, 40, 150, 132, '#2a1c14', 6) +
      rect(52, 48, 134, 116, `hsl(${hue + 190} 55% 26%)`, 2) +
      dot(150, 82, 17, '#f6ecc8') +
      many(16, () => dot(between(random, 56, 182), between(random, 52, 158), 1.6, '#fff')) +
      rect(117, 48, 5, 116, '#2a1c14') +
      `<g>${shelf(118)}${shelf(206)}</g>` +
      path(
        'M70 360q-8-70-30-96m34 96q0-84 26-118m-20 118q22-60 58-66',
        'none',
        `hsl(${hue + 90} 40% 40%)`,
        12,
      ) +
      rect(0, 326, 640, 34, '#2a1c14') +
      dot(560, 46, 120, '#ffd98a', 0.16)
    );
  },
  dungeon(random, hue, minutes) {
    const stones = many(48, (stone) =>
      rect(
        (stone % 8) * 82 - (Math.floor(stone / 8) % 2) * 40,
        Math.floor(stone / 8) * 44,
        78,
        40,
        `hsl(${hue} 14% ${between(random, 15, 23)}%)`,
        5,
      ),
    );
    return (
      rect(0, 0, 640, 360, '#120f16') +
      stones +
      path('M244 266v-96q0-78 76-78t76 78v96z', '#0a080d', '#4a3a33', 11) +
      torch(186) +
      torch(454) +
      rect(0, 264, 640, 96, `hsl(${hue} 12% 11%)`) +
      many(9, (slab) =>
        path(`M${320 + (slab - 4) * 40} 264L${320 + (slab - 4) * 130} 360`, 'none', '#2c2530', 3),
      ) +
      hero(180 + (minutes % 9) * 16, 292, `hsl(${hue + 160} 60% 60%)`) +
      slime(430, 300, `hsl(${hue + 90} 55% 52%)`) +
      many(5, (heart) =>
        path(
          `M${30 + heart * 28} 30q-11-14-11-3 0 7 11 15 11-8 11-15 0-11-11 3z`,
          heart < 3 ? '#e5484d' : '#46303a',
        ),
      )
    );
  },
  kitchen(random, hue) {
    const tiles = many(60, (tile) =>
      rect(
        (tile % 12) * 54,
        Math.floor(tile / 12) * 44,
        50,
        40,
        `hsl(${hue} 26% ${between(random, 76, 86)}%)`,
        3,
      ),
    );
    return (
      rect(0, 0, 640, 360, `hsl(${hue} 22% 70%)`) +
      tiles +
      rect(0, 216, 640, 14, '#6b4a32') +
      rect(0, 230, 640, 130, '#8d6545') +
      rect(330, 40, 280, 10, '#5b3d28') +
      many(5, (jar) => rect(350 + jar * 50, 8, 34, 34, `hsl(${between(random, 10, 130)} 52% 52%)`, 6)) +
      path('M180 140h180l-14 82H194z', '#3e434c') +
      rect(168, 134, 204, 14, '#555c67', 7) +
      rect(130, 150, 52, 12, '#2c3037', 6) +
      rect(360, 150, 52, 12, '#2c3037', 6) +
      many(3, (steam) => path(`M${220 + steam * 44} 124q-16-22 0-42t0-42`, 'none', '#ffffff', 9, '', 0.55)) +
      many(9, () =>
        dot(
          between(random, 440, 610),
          between(random, 196, 216),
          between(random, 9, 17),
          pick(random, ['#d1495b', '#f4a259', '#5b8e4a', '#f6e7cb']),
        ),
      ) +
      rect(430, 210, 196, 10, '#d8b98a', 4)
    );
  },
  music(random, hue, minutes) {
    return (
      ground(`hsl(${hue} 46% 20%)`, `hsl(${hue + 50} 56% 11%)`) +
      dot(320, 150, 170, `hsl(${hue} 80% 60%)`, 0.1) +
      many(34, (bar) => {
        const height = 20 + Math.abs(Math.sin(bar * 0.6 + minutes)) * 110 * (0.4 + random() * 0.6);
        return rect(36 + bar * 17, 160 - height / 2, 10, height, `hsl(${hue + bar * 3} 78% 64%)`, 5);
      }) +
      rect(0, 262, 640, 98, '#0c0b10') +
      many(20, (key) =>
        rect(
          key * 32 + 1,
          268,
          30,
          92,
          key === Math.floor(minutes) % 20 ? `hsl(${hue} 85% 72%)` : '#f7f4ec',
          4,
        ),
      ) +
      many(20, (key) => ([2, 6].includes(key % 7) ? '' : rect(key * 32 + 22, 268, 20, 54, '#17151d', 3)))
    );
  },
} satisfies Record<string, Painter>;

function torch(x: number): string {
  return (
    dot(x, 116, 96, '#ff9d3c', 0.13) +
    dot(x, 116, 52, '#ffb454', 0.22) +
    rect(x - 4, 122, 8, 42, '#5b3d22') +
    path(`M${x} 84q17 22 0 42-17-20 0-42z`, '#ffd479')
  );
}
