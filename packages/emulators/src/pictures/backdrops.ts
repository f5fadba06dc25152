import type { Random } from '../base/random.ts';

/** Colours of a backdrop, in any notation that SVG accepts. */
export interface Palette {
  readonly skyTop: string;
  readonly skyLow: string;
  readonly far: string;
  readonly near: string;
  readonly ground: string;
  readonly dark: string;
  readonly light: string;
}

/** A place for scenes, drawn as shapes on 160 x 100. */
interface Backdrop {
  readonly words: RegExp;
  readonly draw: (palette: Palette, random: Random) => string;
}

/** Height at which things stand in a backdrop, as a share of the picture. */
export const horizon = 0.66;

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`;
const path = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`;
const disc = (x: number, y: number, radius: number, fill: string): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
const repeat = (count: number, draw: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => draw(index)).join('');

const outdoors = ({ ground }: Palette): string => rect(0, 62, 160, 38, ground);

function room(palette: Palette): string {
  return (
    rect(0, 0, 160, 66, palette.far) +
    rect(0, 62, 160, 4, palette.dark) +
    path('M0 66h160v34H0z', palette.ground) +
    repeat(9, (index) =>
      path(`M${80 + (index - 4) * 14} 66l${(index - 4) * 16} 34h1.4l${(4 - index) * 16}-34z`, palette.near),
    )
  );
}

function windowPane(x: number, y: number, palette: Palette): string {
  return (
    rect(x, y, 30, 34, palette.dark) +
    rect(x + 2, y + 2, 12, 14, palette.light) +
    rect(x + 16, y + 2, 12, 14, palette.light) +
    rect(x + 2, y + 18, 12, 14, palette.light) +
    rect(x + 16, y + 18, 12, 14, palette.light)
  );
}

function houses(palette: Palette, random: Random, count: number): string {
  const wide = 160 / count;
  return repeat(count, (index) => {
    const top = 22 + random() * 20;
    const left = index * wide;
    const panes = repeat(6, (pane) =>
      rect(
        left + 3 + (pane % 3) * (wide / 3.4),
        top + 6 + Math.floor(pane / 3) * 11,
        wide / 6,
        6,
        random() < 0.6 ? palette.light : palette.dark,
      ),
    );
    return (
      rect(left, top, wide - 1, 66 - top, index % 2 === 0 ? palette.near : palette.far) +
      path(`M${left - 1} ${top}l${wide / 2}-7l${wide / 2} 7z`, palette.dark) +
      panes
    );
  });
}

function hills(palette: Palette, random: Random): string {
  const crest = (level: number, fill: string): string => {
    const points = Array.from({ length: 9 }, (_, index) => `${index * 20} ${level - random() * 14}`);
    return path(`M0 70L${points.join('L')}L160 70z`, fill);
  };
  return crest(50, palette.far) + crest(60, palette.near) + outdoors(palette);
}

function trees(palette: Palette, random: Random): string {
  return repeat(9, (index) => {
    const x = 6 + index * 18 + random() * 6;
    const tall = 26 + random() * 16;
    return (
      rect(x - 1.5, 50, 3, 16, palette.dark) +
      path(`M${x} ${62 - tall}l11 ${tall - 8}h-22z`, index % 2 === 0 ? palette.near : palette.far)
    );
  });
}

const places: readonly Backdrop[] = [
  {
    words: /alley|lane|巷|胡同/i,
    draw: (palette) =>
      rect(56, 0, 48, 66, palette.skyLow) +
      path('M0 0h62l-4 66-58 34z', palette.near) +
      path('M160 0H98l4 66 58 34z', palette.far) +
      path('M58 66h44l58 34H0z', palette.ground) +
      repeat(
        3,
        (index) =>
          rect(8 + index * 17, 14 + index * 3, 10, 12, palette.light) +
          rect(142 - index * 17, 14 + index * 3, 10, 12, palette.light),
      ) +
      path('M4 44h50v4H4zm102 0h50v4h-50z', palette.dark),
  },
  {
    words: /street|town|city|market|街|城|集市|市场/i,
    draw: (palette, random) => houses(palette, random, 6) + outdoors(palette),
  },
  {
    words: /lighthouse|灯塔/i,
    draw: (palette) =>
      rect(0, 52, 160, 14, palette.far) +
      outdoors(palette) +
      path('M118 18h12l5 46h-22z', palette.light) +
      rect(116, 10, 16, 9, palette.dark) +
      path('M117 30h14l1 8h-16z', palette.near) +
      path('M132 12l28-8v14zM116 12L60 2v20z', palette.light),
  },
  {
    words: /beach|seaside|sea\b|ocean|harbou?r|海|沙滩|港/i,
    draw: (palette) =>
      rect(0, 46, 160, 20, palette.far) +
      repeat(8, (index) => rect(index * 22, 50 + (index % 3) * 5, 14, 1, palette.light)) +
      path('M0 64q80-8 160 0v36H0z', palette.ground),
  },
  {
    words: /kitchen|厨房|灶间/i,
    draw: (palette) =>
      room(palette) +
      repeat(5, (index) => rect(4 + index * 31, 8, 28, 16, palette.near)) +
      rect(0, 44, 160, 4, palette.dark) +
      rect(0, 48, 160, 18, palette.near) +
      windowPane(66, 26, palette).replaceAll('height="34"', 'height="16"'),
  },
  {
    words: /study|library|bookshop|书房|书店|图书馆/i,
    draw: (palette, random) =>
      room(palette) +
      rect(8, 6, 60, 58, palette.dark) +
      repeat(40, (index) =>
        rect(
          10 + (index % 10) * 5.6,
          8 + Math.floor(index / 10) * 14,
          4.2,
          10 + random() * 2,
          [palette.light, palette.near, palette.skyLow][index % 3] ?? palette.light,
        ),
      ) +
      windowPane(104, 10, palette),
  },
  {
    words: /bedroom|卧室|睡房/i,
    draw: (palette) => room(palette) + windowPane(20, 10, palette) + path('M14 6h8v44h-8zm38 0h8v44h-8z', palette.near),
  },
  {
    words: /noodle|restaurant|tavern|inn\b|bar\b|diner|面馆|饭馆|餐馆|酒馆|茶馆|小店/i,
    draw: (palette) =>
      room(palette) +
      rect(0, 4, 160, 7, palette.dark) +
      repeat(5, (index) => path(`M${12 + index * 30} 11h24v16q-12 5-24 0z`, palette.near)) +
      rect(0, 48, 160, 18, palette.dark) +
      rect(0, 46, 160, 4, palette.light),
  },
  {
    words: /caf[eé]|coffee ?shop|bakery|咖啡|面包店/i,
    draw: (palette) =>
      room(palette) +
      rect(14, 10, 132, 40, palette.dark) +
      rect(17, 13, 61, 34, palette.light) +
      rect(82, 13, 61, 34, palette.light) +
      repeat(8, (index) => path(`M${index * 20} 4h20v8q-10 6-20 0z`, index % 2 === 0 ? palette.near : palette.light)),
  },
  {
    words: /living room|parlou?r|客厅|起居/i,
    draw: (palette) =>
      room(palette) +
      windowPane(64, 8, palette) +
      rect(20, 14, 26, 20, palette.dark) +
      rect(22, 16, 22, 16, palette.near) +
      rect(114, 14, 26, 20, palette.dark) +
      rect(116, 16, 22, 16, palette.skyLow),
  },
  {
    words: /classroom|school|教室|学校/i,
    draw: (palette) =>
      room(palette) +
      rect(34, 10, 92, 36, palette.dark) +
      rect(37, 13, 86, 30, '#2f5d50') +
      path('M44 22h40v1H44zm0 8h56v1H44z', '#e8efe9'),
  },
  {
    words: /workshop|garage|smithy|forge|作坊|车间|车库|铁匠/i,
    draw: (palette) =>
      room(palette) +
      rect(10, 10, 62, 30, palette.near) +
      repeat(6, (index) => rect(14 + index * 10, 14, 3, 18 - (index % 3) * 4, palette.dark)) +
      windowPane(104, 8, palette),
  },
  {
    words: /temple|shrine|pagoda|寺|庙|神社|塔/i,
    draw: (palette, random) =>
      hills(palette, random) +
      path('M40 34q40-14 80 0l8 6H32z', palette.dark) +
      rect(48, 40, 64, 24, palette.near) +
      path('M54 20q26-10 52 0l6 5H48z', palette.dark) +
      rect(60, 25, 40, 10, palette.light) +
      repeat(4, (index) => rect(52 + index * 17, 40, 4, 24, palette.dark)),
  },
  {
    words: /castle|palace|fortress|城堡|宫/i,
    draw: (palette, random) =>
      hills(palette, random) +
      rect(44, 26, 72, 38, palette.near) +
      rect(34, 16, 18, 48, palette.far) +
      rect(108, 16, 18, 48, palette.far) +
      path('M32 16l11-12 11 12zm74 0l11-12 11 12z', palette.dark) +
      path('M72 64V48q8-8 16 0v16z', palette.dark),
  },
  {
    words: /garden|courtyard|park\b|花园|庭院|院子|公园/i,
    draw: (palette, random) =>
      repeat(10, (index) =>
        disc(index * 18, 50 + random() * 6, 10 + random() * 4, index % 2 === 0 ? palette.near : palette.far),
      ) +
      outdoors(palette) +
      repeat(14, () => disc(random() * 160, 70 + random() * 8, 1.4, palette.light)),
  },
  {
    words: /forest|woods|jungle|森林|树林|竹林/i,
    draw: (palette, random) => trees(palette, random) + outdoors(palette),
  },
  {
    words: /mountain|valley|hill|山|谷/i,
    draw: (palette, random) =>
      path('M20 64l34-48 34 48z', palette.far) +
      path('M70 64l40-56 44 56z', palette.near) +
      path('M98 24l12-16 13 16-7 4-6-4-6 4z', palette.light) +
      path(`M0 ${60 + random() * 2}h160v40H0z`, palette.ground),
  },
  {
    words: /desert|dune|沙漠|戈壁/i,
    draw: (palette) =>
      path('M0 60q50-22 90 0t70-6v46H0z', palette.near) + path('M0 68q60-14 160-2v34H0z', palette.ground),
  },
  {
    words: /space|planet|moon base|太空|星球|月球/i,
    draw: (palette, random) =>
      rect(0, 0, 160, 66, '#12142a') +
      repeat(50, () => disc(random() * 160, random() * 60, 0.3 + random() * 0.5, '#fff')) +
      disc(124, 22, 13, palette.near) +
      path('M0 66q80-12 160 0v34H0z', palette.ground),
  },
  {
    words: /cave|dungeon|cellar|洞|地窖|地牢/i,
    draw: (palette) =>
      rect(0, 0, 160, 100, palette.dark) +
      path('M20 66q0-56 60-56t60 56z', palette.near) +
      path('M0 66h160v34H0z', palette.ground) +
      path('M40 0l6 20 6-20zm50 0l5 14 5-14z', palette.far),
  },
  {
    words: /room|house|home|indoors|interior|shop|房间|屋|室|店|家/i,
    draw: (palette) => room(palette) + windowPane(64, 8, palette),
  },
];

const fallback: Backdrop = { words: /./, draw: (palette, random) => hills(palette, random) };

/** The backdrop of a scene: the body of an SVG of 160 x 100. Rain, snow and night lie over any place. */
export function drawBackdrop(text: string, palette: Palette, random: Random): string {
  const place = places.find(({ words }) => words.test(text)) ?? fallback;
  const sky = `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${palette.skyTop}"/><stop offset="1" stop-color="${palette.skyLow}"/></linearGradient></defs>${rect(0, 0, 160, 100, 'url(#sky)')}`;
  return sky + place.draw(palette, random) + weather(text, random);
}

function weather(text: string, random: Random): string {
  const night = /night|midnight|夜/i.test(text)
    ? '<rect width="160" height="100" fill="#0b1030" opacity=".34"/>' + disc(112, 12, 5, '#fff3c4')
    : '';
  const rain = /rain|雨/i.test(text)
    ? repeat(90, () => {
        const [x, y] = [random() * 170, random() * 100];
        return `<path d="M${x} ${y}l-2.4 7" stroke="#dfe9f5" stroke-width=".35" opacity=".6"/>`;
      })
    : '';
  const snow = /snow|雪/i.test(text)
    ? repeat(70, () => disc(random() * 160, random() * 100, 0.4 + random() * 0.7, '#ffffff'))
    : '';
  return night + rain + snow;
}
