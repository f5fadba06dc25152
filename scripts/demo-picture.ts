/**
 * `node --conditions=@holodeck/source scripts/demo-picture.ts`: makes `docs/images/demo.png`, the picture of the demo in the
 * READMEs: a scene on the emulators in a real Chromium.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';

import { startDemoServer, startEmulatedServices } from '../apps/demo/src/server/index.ts';
import { launchBrowser } from '../apps/demo/test/support/chromium.ts';
import { root } from './support/run-command.ts';

const target = join(root, 'docs', 'images', 'demo.png');
/** Every reader of the README loads it. */
const bytesMost = 300_000;
const waitMs = 120_000;

const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-picture-'));
const services = await startEmulatedServices({ jobMs: 300 });
const server = await startDemoServer({ services, outputDir });
const browser = await launchBrowser();
try {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1600, height: 1470 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(waitMs);
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Noodle bar' }).click();
  await page.getByTestId('submit-scene').click();
  await page.locator('[data-testid="session"][data-running="false"]:not(:has(.asset:not(.is-current)))').waitFor();
  await page.getByTestId('stage').click();
  await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
  const canvas = page.getByTestId('stage-panel').locator('canvas');
  for (const key of ['+', 'ArrowRight', 'ArrowUp', 'ArrowUp']) await canvas.press(key);
  await canvas.blur();
  await page.evaluate('scrollTo(0, 0)');
  await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
  const shot = await page.screenshot({ animations: 'disabled' });
  const picture = await sharp(shot).png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 }).toBuffer();
  if (picture.byteLength > bytesMost)
    throw new Error(`The picture has ${picture.byteLength} bytes; at most ${bytesMost}.`);
  await mkdir(join(root, 'docs', 'images'), { recursive: true });
  await writeFile(target, picture);
  console.log(`docs/images/demo.png: ${picture.byteLength} bytes.`);
} finally {
  await browser.close();
  await server.close();
  await services.close();
  await rm(outputDir, { recursive: true, force: true });
}
