/**
 * `node --conditions=@holodeck/source scripts/demo-pages.ts`: makes `artifacts/demo-pages/`, pictures of the demo's pages, and of
 * the reports of its sessions, from a demo on the emulators in a real Chromium: wide, middle and narrow, light and dark, in English and Chinese.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import sharp from 'sharp';

import { startDemoServer, startEmulatedServices } from '../apps/demo/src/server/index.ts';
import { openingIds } from '../apps/demo/src/shared/samples.ts';
import { launchBrowser } from '../apps/demo/test/support/chromium.ts';
import { root } from './support/run-command.ts';

const folder = join(root, 'artifacts', 'demo-pages');
const waitMs = 180_000;
const restMs = 1500;
const sizes = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 375, height: 667 },
] as const;

const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-pages-'));
const services = await startEmulatedServices({ jobMs: 300 });
const server = await startDemoServer({ services, outputDir, makesOpening: true });
const browser = await launchBrowser();
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
let bytes = 0;
try {
  for (const language of ['en', 'zh'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
      const context = await browser.newContext({ locale, colorScheme, reducedMotion: 'reduce' });
      context.setDefaultTimeout(waitMs);
      const page = await context.newPage();
      const shoot = async (name: string, objects: number, isWhole: boolean): Promise<void> => {
        await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
        await page
          .locator('.stage-labels span')
          .nth(objects - 1)
          .waitFor();
        for (const viewport of sizes) {
          await page.setViewportSize(viewport);
          await page.evaluate('scrollTo(0, 0)');
          // The stage draws finely when it has been at rest.
          await page.waitForTimeout(restMs);
          await page.evaluate(
            'Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)))',
          );
          await save(name, viewport.width, isWhole);
        }
      };
      const save = async (name: string, width: number, isWhole: boolean): Promise<void> => {
        const shot = await page.screenshot({ animations: 'disabled', fullPage: isWhole });
        const path = join(folder, `${name}-${width}-${colorScheme}-${language}.webp`);
        await writeFile(path, await sharp(shot).webp({ quality: 70 }).toBuffer());
        bytes += (await stat(path)).size;
      };
      await page.setViewportSize(sizes[0]);
      await page.goto(server.url);
      await shoot('opening', 5, false);
      await page.goto(`${server.url}#/scene/${openingIds[language]}`);
      await page.getByTestId('stage').click();
      await shoot('scene', 5, true);
      await page.setViewportSize(sizes[0]);
      await page.locator('.page-tools button').click();
      await page.locator('#fault-panel').waitFor();
      await page.getByTestId('step-1').getByRole('button').click();
      await page.getByTestId('step-2').getByRole('button').and(page.locator(':enabled')).click();
      await page.getByTestId('locked-down').waitFor();
      await shoot('broken', 4, false);
      await page.setViewportSize(sizes[0]);
      await page.getByTestId('step-3').getByRole('button').and(page.locator(':enabled')).click();
      await page.locator('[data-testid="step-3"][data-done="true"]').waitFor();
      await page.locator('[data-testid="session"][data-running="false"]').waitFor();
      const session = join(outputDir, openingIds[language]);
      await page.goto(pathToFileURL(join(session, 'session.html')).href);
      for (const viewport of sizes) {
        await page.setViewportSize(viewport);
        await save('report', viewport.width, true);
      }
      await context.close();
    }
    const sheet = await sharp(join(outputDir, openingIds[language], 'contact-sheet.png'))
      .webp({ quality: 80 })
      .toBuffer();
    await writeFile(join(folder, `contact-sheet-${language}.webp`), sheet);
  }
  console.log(`artifacts/demo-pages: ${Math.round(bytes / 1000)} kB.`);
} finally {
  await browser.close();
  await server.close();
  await services.close();
  await rm(outputDir, { recursive: true, force: true });
}
