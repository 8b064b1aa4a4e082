import { cloud, dot, ground, many, path, rect, type Painter } from './brush.ts';
import { between, pick } from './random.ts';

/** Views of the outside: sea, sky, streets and hills. */
export const landscapes = {
  sea(random, hue, minutes) {
    const wave = (y: number, light: number, shift: number) =>
      path(
        `M-60 ${y}${many(12, () => 'q30-22 60 0')}V380H-60z`,
        `hsl(${hue + 190} 48% ${light}%)`,
        'none',
        0,
        `translate(${shift} 0)`,
      );
    const x = 250 + (minutes % 10) * 8;
    return (
      ground(`hsl(${hue + 20} 76% 74%)`, `hsl(${hue + 340} 58% 62%)`) +
      dot(470, 150, 54, '#fff3cf', 0.95) +
      dot(470, 150, 84, '#fff3cf', 0.25) +
      path('M0 214q60-60 130-34 40-40 96 34z', `hsl(${hue + 200} 22% 42%)`) +
      many(4, () => cloud(between(random, 20, 560), between(random, 24, 100))) +
      wave(214, 44, 0) +
      `<g transform="translate(${x} 150)">${path('M0 92h130l-22 34H22z', '#5b3620')}${rect(60, -20, 6, 112, '#3c2415')}${path('M70-16q60 40 0 92z', '#fff7e8')}${path('M56-6q-48 40 0 80z', '#f0d9b5')}${path('M62-20l26-9-26-9z', '#d1495b')}</g>` +
      wave(256, 36, 30) +
      wave(298, 28, 8) +
      wave(334, 21, 44)
    );
  },
  space(random, hue, minutes) {
    return (
      ground(`hsl(${hue + 230} 52% 13%)`, '#06070f') +
      dot(150, 90, 200, `hsl(${hue + 280} 70% 50%)`, 0.12) +
      many(110, () =>
        dot(
          between(random, 0, 640),
          between(random, 0, 360),
          0.6 + random() * 1.5,
          '#fff',
          0.4 + random() * 0.6,
        ),
      ) +
      dot(468, 150, 92, `hsl(${hue} 55% 56%)`) +
      path('M380 128q88 30 176-8-2 22-4 32-80 28-168 8z', `hsl(${hue + 20} 60% 68%)`, 'none', 0, '', 0.55) +
      `<ellipse cx="468" cy="150" rx="158" ry="32" fill="none" stroke="hsl(${hue + 40} 55% 76%)" stroke-width="9" opacity=".8" transform="rotate(-14 468 150)"/>` +
      `<g transform="translate(${120 + (minutes % 12) * 9} 220) rotate(-8)">${path('M-90 14l70-8v20z', '#8fe3ff', 'none', 0, '', 0.6)}${path('M-20-14h74q40 10 52 28-12 18-52 28h-74l12-28z', '#dfe6ef')}${rect(-10, 26, 66, 22, `hsl(${hue} 55% 46%)`, 4)}${dot(66, 14, 10, '#27486b')}</g>` +
      path('M18 330h150m-150 12h96', 'none', '#7de2d1', 4) +
      path('M560 320a40 40 0 1 1 50 20', 'none', '#7de2d1', 3)
    );
  },
  city(random, hue, minutes) {
    const tower = (index: number) => {
      const height = between(random, 70, 180);
      const windows = many(9, () =>
        rect(
          index * 54 + between(random, 6, 36),
          220 - between(random, 8, height - 8),
          5,
          6,
          `hsl(${pick(random, [hue, hue + 60, 45])} 90% 70%)`,
        ),
      );
      return rect(index * 54, 220 - height, 48, height, '#15132b') + windows;
    };
    return (
      ground(`hsl(${hue + 260} 62% 24%)`, `hsl(${hue + 320} 72% 46%)`) +
      dot(320, 210, 92, `hsl(${hue + 30} 95% 66%)`) +
      many(12, tower) +
      rect(0, 218, 640, 142, '#100e1f') +
      path('M306 218h28L620 360H20z', '#1d1a33') +
      many(6, (line) =>
        rect(318 - line, 224 + line * line * 4 + (minutes % 3) * 3, 4 + line * 2, 6 + line * 3, '#ffe66d'),
      ) +
      path('M306 218L20 360', 'none', `hsl(${hue + 180} 95% 62%)`, 5) +
      path('M334 218l286 142', 'none', `hsl(${hue + 300} 95% 66%)`, 5) +
      `<g transform="translate(${270 + (minutes % 5) * 10} 270)">${path('M8 48l12-34q40-14 80 0l12 34 6 24H2z', `hsl(${hue} 78% 54%)`)}${path('M26 18q34-10 68 0l6 18H20z', '#182338')}${rect(8, 48, 22, 9, '#ff4d5e', 3)}${rect(90, 48, 22, 9, '#ff4d5e', 3)}</g>` +
      path('M36 322a38 38 0 1 1 62 0', 'none', '#f8f9fa', 6) +
      path('M67 300l18-16', 'none', '#ff4d5e', 5)
    );
  },
  orchard(random, hue) {
    const tree = (x: number, y: number, size: number) =>
      rect(x - size * 0.1, y, size * 0.2, size * 0.6, '#6b4428') +
      dot(x, y - size * 0.1, size * 0.5, `hsl(${100 + hue * 0.08} 42% ${between(random, 34, 46)}%)`) +
      many(6, () =>
        dot(
          x + (random() - 0.5) * size * 0.7,
          y - size * 0.1 + (random() - 0.5) * size * 0.7,
          size * 0.07,
          pick(random, ['#e5484d', '#f6c945']),
        ),
      );
    return (
      ground('#bfe3f5', '#f7efd2') +
      dot(540, 70, 34, '#ffe28a') +
      many(3, () => cloud(between(random, 20, 460), between(random, 30, 90))) +
      path('M0 210q160-90 320-20t320-10v180H0z', `hsl(${96 + hue * 0.06} 42% 62%)`) +
      path('M0 262q200-66 380-14t260-20v132H0z', `hsl(${100 + hue * 0.06} 44% 50%)`) +
      rect(420, 158, 86, 58, '#b5473c') +
      path('M408 160l55-40 55 40z', '#6b2e2a') +
      rect(454, 182, 20, 34, '#f3e3c3') +
      many(5, (index) => tree(50 + index * 74, 214 + (index % 2) * 22, 70)) +
      many(4, (index) => tree(420 + index * 66, 276, 74)) +
      many(14, (post) => rect(post * 48, 318, 8, 42, '#e9d8b4')) +
      rect(0, 328, 640, 7, '#e9d8b4')
    );
  },
  rails(random, hue, minutes) {
    const ridge = (y: number, light: number) =>
      path(
        `M0 ${y}${many(8, (peak) => `L${peak * 92 + between(random, 20, 50)} ${y - between(random, 30, 96)} ${peak * 92 + 92} ${y - between(random, 0, 22)}`)}V360H0z`,
        `hsl(${hue + 200} 26% ${light}%)`,
      );
    const x = 60 + (minutes % 15) * 12;
    return (
      ground(`hsl(${hue + 30} 66% 82%)`, `hsl(${hue + 10} 52% 66%)`) +
      ridge(210, 62) +
      ridge(240, 46) +
      rect(0, 262, 640, 98, `hsl(${90 + hue * 0.1} 28% 36%)`) +
      rect(0, 284, 640, 5, '#4a4038') +
      many(32, (sleeper) => rect(sleeper * 20, 289, 10, 8, '#5d4b3c')) +
      `<g transform="translate(${x} 222)">${many(3, (wagon) => rect(wagon * 92, 14, 84, 44, `hsl(${hue + wagon * 24} 52% 46%)`, 6) + many(3, (pane) => rect(wagon * 92 + 10 + pane * 24, 22, 16, 15, '#ffe9a8', 2)) + dot(wagon * 92 + 20, 60, 8, '#26221f') + dot(wagon * 92 + 64, 60, 8, '#26221f'))}${rect(276, 4, 40, 54, '#2f3b46', 4)}${rect(312, 22, 56, 36, '#2f3b46', 8)}${rect(342, 0, 12, 24, '#20282f')}${many(3, (wheel) => dot(288 + wheel * 32, 60, 10, '#26221f'))}${many(4, (puff) => dot(346 - puff * 26, -10 - puff * 11, 9 + puff * 5, '#ffffff', 0.75 - puff * 0.13))}</g>` +
      many(10, () =>
        path(
          `M${between(random, 0, 640)} ${between(random, 312, 344)}l12-34 12 34z`,
          `hsl(${120 + hue * 0.1} 32% 26%)`,
        ),
      )
    );
  },
  snow(random, hue, minutes) {
    const fir = () => {
      const [x, y] = [between(random, 0, 640), between(random, 238, 300)];
      return (
        path(
          `M${x} ${y - 76}l24 40h-12l20 38h-64l20-38h-12z`,
          `hsl(${hue + 180} 22% ${between(random, 18, 28)}%)`,
        ) + path(`M${x} ${y - 76}l12 20q-12 8-24 0z`, '#eef5fb')
      );
    };
    return (
      ground(`hsl(${hue + 210} 46% 18%)`, `hsl(${hue + 190} 36% 44%)`) +
      path('M0 130q160-80 320-20t320-50', 'none', `hsl(${hue + 130} 70% 62%)`, 34, '', 0.22) +
      path('M-20 240l130-130 80 76 110-122 120 116 80-60 160 130z', `hsl(${hue + 210} 26% 34%)`) +
      path('M110 110l34 32-34 8-34 6zM300 64l44 44-40 2-46 16z', '#e8f1fa') +
      path('M0 244q180-44 340-6t300-8v130H0z', '#dfeaf4') +
      many(9, fir) +
      path('M250 316l62-84 62 84z', '#d1703c') +
      path('M300 316l12-44 14 44z', '#5a2c17') +
      dot(420, 304, 60, '#ffb454', 0.25) +
      path('M420 276q20 22 0 42-20-18 0-42z', '#ffcf70') +
      many(70, () =>
        dot(
          between(random, 0, 640),
          (between(random, 0, 360) + minutes * 40) % 360,
          0.8 + random() * 2,
          '#fff',
          0.85,
        ),
      )
    );
  },
} satisfies Record<string, Painter>;
