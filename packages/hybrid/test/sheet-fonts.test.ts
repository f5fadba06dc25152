import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { letterOutlines } from '../src/output/letter-outlines.ts';
import { drawLine, outlineSymbols } from '../src/output/sheet-line.ts';

const names = ['青花面碗', '巷口灯光', 'ラーメン丼', 'ちょうちん', '국수 그릇', '종이 등불', 'paper lantern', 'Éclair'];

it('draws Chinese, Japanese and Korean letters, each differently, on a machine without fonts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-fonts-'));
  try {
    await writeFile(
      join(folder, 'fonts.conf'),
      `<?xml version="1.0"?><fontconfig><cachedir>${folder}/cache</cachedir></fontconfig>`,
    );
    const draw = fileURLToPath(new URL('./support/draw-names.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@holodeck/source', draw, ...names, '\u0e01\u0e02', '\u0e01\u0e03'],
      { env: { ...process.env, FONTCONFIG_FILE: join(folder, 'fonts.conf'), FONTCONFIG_PATH: folder } },
    );
    const pictures = JSON.parse(stdout) as readonly { readonly hash: string; readonly ink: number }[];
    const drawn = pictures.slice(0, names.length);
    expect(new Set(drawn.map(({ hash }) => hash)).size).toBe(names.length);
    for (const { ink } of drawn) expect(ink).toBeGreaterThan(50);
    // The machine has no fonts: letters of a script without outlines are boxes, all alike.
    expect(pictures.at(-1)!.hash).toBe(pictures.at(-2)!.hash);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('has an outline of its own for every letter, and none for what no font has', async () => {
  const letters = [...new Set(names.join('').replaceAll(' ', ''))];
  const outlines = await letterOutlines(names);
  const paths = letters.map((letter) => outlines.get(letter)?.path ?? '');
  for (const path of paths) {
    const numbers = path.match(/-?\d+/g)?.map(Number) ?? [];
    expect(numbers.length).toBeGreaterThan(7);
    // Inside the letter's own square, or close to it.
    expect(Math.max(...numbers.map(Math.abs))).toBeLessThan(1200);
  }
  expect(new Set(paths).size).toBe(letters.length);
  expect(outlines.get('碗')?.width).toBe(1);
  expect((await letterOutlines(['\u0e01'])).size).toBe(0);
  expect(outlineSymbols(outlines).match(/<path id="letter-7897" d="M[^"]+"\/>/)).not.toBeNull();
});

it('leaves letters without an outline to the fonts of the machine, in runs between the others', async () => {
  const place = { left: 0, top: 0, width: 400, size: 16 };
  const outlines = await letterOutlines(['碗 b']);
  expect(drawLine('碗', place, new Map())).toContain('>碗</text>');
  const mixed = drawLine('碗กข<b', place, outlines);
  expect(mixed.match(/<use /g)).toHaveLength(2);
  expect(mixed).toContain('<text x="1000" font-size="1000" xml:lang="zh-Hans">กข&#60;</text>');
});
