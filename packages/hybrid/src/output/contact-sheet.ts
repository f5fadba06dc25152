import type { OverlayOptions } from 'sharp';
import { reportWords, titleOf } from './report-words.ts';
import type { ReportWords } from './report-words.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { letterOutlines } from './letter-outlines.ts';
import { reportFileName } from './report-files.ts';
import { drawLine, outlineSymbols } from './sheet-line.ts';
import type { SheetLine } from './sheet-line.ts';
import { ellipsis } from './sheet-text.ts';

/** Sizes in pixels. */
const gap = 16;
const captionHeight = 52;
const headerHeight = 72;
const footerHeight = 24;
const [titleSize, nameSize, noteSize] = [24, 16, 13];
/** With more cards than this, cells get smaller, so that the sheet of a large session can still be opened. */
const cellSides = [
  { upTo: 64, side: 256 },
  { upTo: 400, side: 128 },
] as const;
const mostCells = 400;
const mostColumns = 10;
/** No line is wide enough for more. */
const mostLetters = 1000;

const colors = {
  paper: '#fafafa',
  ink: '#1c1c1e',
  faint: '#6c6c70',
  good: '#1a7f37',
  bad: '#c4221b',
  unsure: '#9a6700',
};

/** One picture on the sheet. */
interface Cell {
  readonly asset: ManifestAsset;
  readonly left: number;
  readonly top: number;
  /** Of the square that the picture lies in. */
  readonly side: number;
}

/** The layout of the sheet, in pixels. */
interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly Cell[];
  /** Number of pictures that did not fit. */
  readonly leftOut: number;
}

/**
 * The contact sheet of a session as PNG: the scene reference, then every card and image with its name and verdict.
 * Superseded pictures are not on it. The same manifest and pictures give the same bytes. Letters are drawn
 * with the fonts that are installed as packages, otherwise with those of the machine. Loads sharp on first use.
 *
 * @param pictures Pictures by path, in any format and size that sharp reads. Where one is missing, its cell says so.
 */
export async function renderContactSheet(
  manifest: Manifest,
  pictures: ReadonlyMap<string, Uint8Array>,
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const layout = layOut(manifest.assets.filter(({ state }) => state !== 'superseded'));
  const overlays: OverlayOptions[] = [];
  const shown = new Set<Cell>();
  for (const cell of layout.cells) {
    const bytes = cell.asset.path === null ? undefined : pictures.get(cell.asset.path);
    if (bytes === undefined) continue;
    const { data, info } = await sharp(bytes)
      .resize({ width: cell.side, height: cell.side, fit: 'inside' })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [left, top] = [
      cell.left + Math.floor((cell.side - info.width) / 2),
      cell.top + Math.floor((cell.side - info.height) / 2),
    ];
    overlays.push({ input: data, raw: info, left, top });
    shown.add(cell);
  }
  return sharp(Buffer.from(await drawing(manifest, layout, shown)))
    .composite(overlays)
    .removeAlpha()
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** The scene reference takes four cells at the upper left; everything else flows around it and below. */
function layOut(assets: readonly ManifestAsset[]): Layout {
  const reference = assets.find(({ kind }) => kind === 'scene-reference');
  const others = assets.filter((asset) => asset !== reference);
  const kept = others.slice(0, mostCells);
  const side = (cellSides.find(({ upTo }) => kept.length <= upTo) ?? cellSides[cellSides.length - 1]!).side;
  const [across, down] = [side + gap, side + captionHeight + gap];
  const places = kept.length + (reference === undefined ? 0 : 4);
  const columns = Math.min(mostColumns, Math.max(3, Math.ceil(Math.sqrt(places * (down / across)))));
  const cells: Cell[] = [];
  if (reference !== undefined)
    cells.push({ asset: reference, left: gap, top: headerHeight, side: side + down - captionHeight });
  const free = freePlaces(columns, reference !== undefined);
  for (const asset of kept) {
    const { column, row } = free.next().value;
    cells.push({ asset, left: gap + column * across, top: headerHeight + row * down, side });
  }
  const bottom = Math.max(headerHeight, ...cells.map((cell) => cell.top + cell.side + captionHeight));
  return {
    width: gap + columns * across,
    height: bottom + gap + footerHeight,
    cells,
    leftOut: others.length - kept.length,
  };
}

/** Places row by row, without the four of the scene reference. */
function* freePlaces(columns: number, hasReference: boolean): Generator<{ column: number; row: number }, never> {
  for (let place = 0; ; place++) {
    const [column, row] = [place % columns, Math.floor(place / columns)];
    if (!hasReference || column >= 2 || row >= 2) yield { column, row };
  }
}

/** A text and its place. */
type Line = SheetLine & { readonly value: string };

async function drawing(manifest: Manifest, layout: Layout, shown: ReadonlySet<Cell>): Promise<string> {
  const { width, height, cells } = layout;
  const words = reportWords(manifest.sceneText);
  const lines = [
    ...frameLines(manifest, layout, words),
    ...cells.flatMap((cell) => cellLines(cell, shown.has(cell), words)),
  ];
  const outlines = await letterOutlines([...lines.map(({ value }) => value.slice(0, mostLetters)), ellipsis]);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" fill="${colors.ink}">
<defs><pattern id="checks" width="16" height="16" patternUnits="userSpaceOnUse"><rect width="16" height="16" fill="#ffffff"/><path d="M0 0h8v8h-8zM8 8h8v8h-8z" fill="#e4e4e8"/></pattern>${outlineSymbols(outlines)}</defs>
<rect width="${width}" height="${height}" fill="${colors.paper}"/>
${cells.map((cell) => cellShapes(cell, words)).join('\n')}
${lines.map((line) => drawLine(line.value, line, outlines)).join('\n')}
</svg>`;
}

/** Above and below the pictures. */
function frameLines(manifest: Manifest, layout: Layout, words: ReportWords): readonly Line[] {
  const { sessionId, backend, model, sceneText } = manifest;
  const place = { left: gap, width: layout.width - 2 * gap };
  const faint = { size: noteSize, color: colors.faint };
  const counts = words.pictures(layout.cells.length, layout.leftOut);
  const facts = [backend === null ? words.noBackend : `${backend}, ${model ?? ''}`, counts, sceneText ?? ''];
  return [
    { ...place, top: 12, size: titleSize, value: sessionId },
    { ...place, ...faint, top: 44, value: facts.filter((fact) => fact !== '').join(' · ') },
    { ...place, ...faint, top: layout.height - footerHeight - gap / 2, value: words.moreIn(reportFileName) },
  ];
}

function cellShapes({ asset, left, top, side }: Cell, report: ReportWords): string {
  return `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="url(#checks)"/>
<rect x="${left}" y="${top + side}" width="${side}" height="4" fill="${verdictOf(asset, report).color}"/>`;
}

function cellLines({ asset, left, top, side }: Cell, isShown: boolean, report: ReportWords): readonly Line[] {
  const { words, color } = verdictOf(asset, report);
  const below = top + side;
  const lines = [
    { left, top: below + 8, width: side, size: nameSize, value: titleOf(asset, report) },
    { left, top: below + 30, width: side, size: noteSize, color, value: words },
  ];
  if (isShown) return lines;
  const middle = { left: left + side / 2 - 30, top: top + side / 2 - 8, width: 80 };
  return [...lines, { ...middle, size: noteSize, color: colors.faint, value: report.noPicture }];
}

/** What is to be said of a picture, and how it looks: by colour too, for machines without fonts. */
function verdictOf(
  { kind, state, gate }: ManifestAsset,
  report: ReportWords,
): { readonly words: string; readonly color: string } {
  if (state === 'failed') return { words: report.notMade, color: colors.bad };
  if (state === 'pending') return { words: report.toMake, color: colors.unsure };
  const isStale = state === 'stale';
  const stale = isStale ? `${report.separator}${report.states[state]}` : '';
  if (gate === null) {
    const words = kind === 'card' ? report.notMeasured : report.made;
    return { words: `${words}${stale}`, color: isStale ? colors.unsure : colors.faint };
  }
  const words = `${report.gates[gate.status]}${stale}`;
  if (gate.status === 'failed') {
    return { words: [words, ...failedChecks(gate.measures)].join(': '), color: colors.bad };
  }
  return { words, color: isStale ? colors.unsure : colors.good };
}

/** The names of the failed checks, joined; none where a manifest of another version does not tell. */
function failedChecks(measures: unknown): string[] {
  const { checks } = (measures ?? {}) as { readonly checks?: unknown };
  if (!Array.isArray(checks)) return [];
  const names = (checks as readonly { readonly name?: unknown; readonly passed?: unknown }[])
    .filter(({ passed }) => passed === false)
    .map(({ name }) => String(name));
  return names.length === 0 ? [] : [names.join(', ')];
}
