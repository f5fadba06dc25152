import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { paintPng } from '@holodeck/emulators';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Manifest, ManifestAsset } from '../src/index.ts';
import { readManifest } from '../src/index.ts';
import { renderContactSheet } from '../src/output/contact-sheet.ts';
import { fitText, xmlText } from '../src/output/sheet-text.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid as withoutReport, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const hybrid: typeof withoutReport = (outputDir, services, options) =>
  withoutReport(outputDir, services, { report: true, ...options });
const sheetOf = (outputDir: string): string => join(outputDir, 's', 'contact-sheet.png');
const card = (id: string, name = id): { id: string; name: string } => ({ id, name });

async function pixelsOf(bytes: Uint8Array, box?: { left: number; top: number; width: number; height: number }) {
  const image = box === undefined ? sharp(bytes) : sharp(bytes).extract(box);
  return image.removeAlpha().raw().toBuffer();
}

/** How many pixels are darker than the sheet's small print. */
async function ink(
  bytes: Uint8Array,
  box: { left: number; top: number; width: number; height: number },
): Promise<number> {
  const pixels = await pixelsOf(bytes, box);
  let count = 0;
  for (let at = 0; at < pixels.length; at += 3) if (Math.max(...pixels.subarray(at, at + 3)) < 110) count += 1;
  return count;
}

describe('contact-sheet.png', () => {
  it('exists after the first picture, and is written again for each new one', async () => {
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [new FakeService('one')]);
    await client.generateSceneReference(scene);
    const first = await readFile(sheetOf(outputDir));
    expect(inspectImage(first)).toMatchObject({ mediaType: 'image/png', complete: true });
    await client.generateObjectCard({ sessionId: 's', object: card('面碗', '青花面碗') });
    const second = await readFile(sheetOf(outputDir));
    expect(second.equals(first)).toBe(false);
    await client.session('s').regenerate('面碗');
    expect((await readFile(sheetOf(outputDir))).equals(second)).toBe(false);
    expect((await readdir(join(outputDir, 's'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is not written while nothing changes; if deleted or damaged, the same file is made again', async () => {
    const outputDir = await outputFolder();
    const service = new FakeService('one');
    const client = hybrid(outputDir, [service]);
    const run = async (): Promise<Buffer> => {
      await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects: [card('a'), card('b')] });
      return readFile(sheetOf(outputDir));
    };
    const whole = await run();
    const { ino } = await stat(sheetOf(outputDir));
    await run();
    expect((await stat(sheetOf(outputDir))).ino).toBe(ino);
    await rm(sheetOf(outputDir));
    expect((await run()).equals(whole)).toBe(true);
    await writeFile(sheetOf(outputDir), whole.subarray(0, 500));
    expect((await run()).equals(whole)).toBe(true);
    await rm(join(outputDir, 's', 'session.html'));
    await run();
    expect(await readFile(join(outputDir, 's', 'session.html'), 'utf8')).toContain('<figure');
    // Another process makes the same sheet of the same session.
    await rm(sheetOf(outputDir));
    await hybrid(outputDir, [service]).generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [card('a'), card('b')],
    });
    expect((await readFile(sheetOf(outputDir))).equals(whole)).toBe(true);
    expect(service.jobs).toHaveLength(2);
  });

  it('calls that end together leave the newest sheet', async () => {
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [new FakeService('one')]);
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(ids.map((id) => client.generateObjectCard({ sessionId: 's', object: card(id) })));
    const sheet = await readFile(sheetOf(outputDir));
    await rm(sheetOf(outputDir));
    await client.generateObjectCards({ sessionId: 's', objects: ids.map((id) => card(id)) });
    expect((await readFile(sheetOf(outputDir))).equals(sheet)).toBe(true);
  });

  it('shows what failed, and is not written when no report is wanted', async () => {
    const outputDir = await outputFolder();
    const service = new FakeService('one');
    const client = hybrid(outputDir, [service]);
    await client.generateObjectCard({ sessionId: 's', withoutReference: true, object: card('a') });
    const before = inspectImage(await readFile(sheetOf(outputDir)));
    service.onSubmit = () => faults.contentPolicy;
    await client.generateObjectCards({ sessionId: 's', objects: [card('b'), card('c'), card('d')] });
    const after = inspectImage(await readFile(sheetOf(outputDir)));
    expect(after!.height).toBeGreaterThan(before!.height);
    const bare = await outputFolder();
    await hybrid(bare, [new FakeService('one')], { report: false }).generateSceneReference(scene);
    await expect(stat(sheetOf(bare))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what is on a sheet', () => {
  const picture = paintPng({ width: 320, height: 320, prompt: 'a', seed: 1, kind: 'object' });

  /** A real manifest with the given cards. */
  async function manifestWith(cards: readonly Partial<ManifestAsset>[]): Promise<Manifest> {
    const outputDir = await outputFolder();
    await hybrid(outputDir, [new FakeService('one')]).generateObjectCard({
      sessionId: 's',
      withoutReference: true,
      object: card('a'),
    });
    const manifest = await readManifest(join(outputDir, 's'));
    return {
      ...manifest,
      assets: cards.map((one, index) => ({ ...manifest.assets[0]!, id: `card/${index}`, ...one })),
    };
  }

  const render = async (cards: readonly Partial<ManifestAsset>[]): Promise<Uint8Array> => {
    const manifest = await manifestWith(cards);
    return renderContactSheet(manifest, new Map([['cards/a.png', picture]]));
  };
  const passed = { status: 'passed', reasons: [], measures: {} } as const;
  const failed = {
    status: 'failed',
    reasons: ['It touches an edge.'],
    measures: { checks: [{ name: 'edge-contact', passed: false }] },
  } as const;
  /** Of the first card, when there is no scene reference. */
  const name = { left: 16, top: 72 + 256 + 8, width: 256, height: 22 };
  const note = { left: 16, top: 72 + 256 + 30, width: 256, height: 18 };
  const bar = { left: 16, top: 72 + 256, width: 256, height: 4 };

  it('names in any script, each in its own place', async () => {
    const [latin, chinese, none] = await Promise.all(
      ['paper lantern', '青花面碗', ' '].map((one) => render([{ name: one }])),
    );
    expect(await ink(latin!, name)).toBeGreaterThan(100);
    expect(await ink(chinese!, name)).toBeGreaterThan(100);
    expect(await ink(none!, name)).toBe(0);
    const inPlace = await pixelsOf(latin!, name);
    expect(inPlace.equals(await pixelsOf(chinese!, name))).toBe(false);
  });

  it('verdicts by colour and in words', async () => {
    const colorOf = async (one: Partial<ManifestAsset>): Promise<number[]> => [
      ...(await pixelsOf(await render([one]), bar)).subarray(0, 3),
    ];
    expect(await colorOf({ gate: passed })).toEqual([0x1a, 0x7f, 0x37]);
    expect(await colorOf({ gate: failed })).toEqual([0xc4, 0x22, 0x1b]);
    expect(await colorOf({ state: 'failed', path: null })).toEqual([0xc4, 0x22, 0x1b]);
    expect(await colorOf({ gate: passed, state: 'stale' })).toEqual([0x9a, 0x67, 0x00]);
    const [good, bad] = [await render([{ gate: passed }]), await render([{ gate: failed }])];
    expect((await pixelsOf(good, note)).equals(await pixelsOf(bad, note))).toBe(false);
  });

  it.each([
    ['an end of the element', '</text><rect x="-999" y="-999" width="9999" height="9999" fill="#f00"/><text>'],
    ['an attribute', '"><image href="file:///etc/hostname" width="256" height="256"/>'],
    ['entities and sections', '&#60;b&amp; <![CDATA[ ]]> <!-- --> <?x ?> &unknown;'],
    ['control characters', '\u0000\u0008\u001b[31m\uffff\ud800 half'],
    ['turned lines', '\u202eright to left\u2066'],
    ['much Latin', 'x'.repeat(100_000)],
    ['much Chinese', '碗'.repeat(500)],
  ])('a hostile name stays text: %s', async (_what, hostile) => {
    const sheet = await render([{ name: hostile }, { name: 'b' }]);
    const plain = await render([{ name: 'a' }, { name: 'b' }]);
    expect(inspectImage(sheet)).toEqual({ ...inspectImage(plain)! });
    const [one, other] = [await pixelsOf(sheet), await pixelsOf(plain)];
    const { width } = inspectImage(sheet)!;
    let outside = 0;
    for (let at = 0; at < one.length; at++) {
      if (one[at] === other[at]) continue;
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      if (x < name.left || x >= name.left + name.width || y < name.top || y >= name.top + name.height + 2) outside += 1;
    }
    expect(outside).toBe(0);
  });

  it('large sessions get smaller cells, and the number of pictures left out', async () => {
    const many = await render(Array.from({ length: 500 }, (_, index) => ({ name: `card ${index}` })));
    const { width, height } = inspectImage(many)!;
    expect(width).toBeLessThan(2000);
    expect(height).toBeLessThan(10_000);
  });

  it('text is cut between whole letters', () => {
    expect(fitText('short', 10)).toBe('short');
    expect(fitText('青花面碗和筷子', 4)).toBe('青花面…');
    expect(fitText('👩‍🍳👩‍🍳👩‍🍳👩‍🍳', 3)).toBe('👩‍🍳👩‍🍳…');
    expect(xmlText('a<b>&"\'\u0001')).toBe('a&#60;b&#62;&#38;&#34;&#39; ');
  });
});
