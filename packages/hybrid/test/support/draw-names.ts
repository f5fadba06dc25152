/** Prints, for each name in the arguments, the hash and the number of dark pixels of the line that a contact sheet has for it. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Manifest } from '../../src/index.ts';
import { renderContactSheet } from '../../src/output/contact-sheet.ts';

const line = { left: 16, top: 72 + 256 + 8, width: 256, height: 22 };
const lines: { hash: string; ink: number }[] = [];
for (const name of process.argv.slice(2)) {
  const card = { kind: 'card', id: 'a', name, state: 'pending', gate: null, path: null };
  const manifest = { sessionId: 's', sceneText: null, backend: null, model: null, assets: [card] };
  const sheet = await renderContactSheet(manifest as unknown as Manifest, new Map());
  const pixels = await sharp(sheet).extract(line).greyscale().raw().toBuffer();
  lines.push({
    hash: createHash('sha256').update(pixels).digest('hex'),
    ink: pixels.filter((one) => one < 110).length,
  });
}
console.log(JSON.stringify(lines));
