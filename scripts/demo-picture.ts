/**
 * `node --conditions=@holodeck/source scripts/demo-picture.ts`: makes the pictures of the READMEs in `docs/images/`, in English
 * and Chinese, from a demo on the emulators in a real Chromium: a finished scene, and an animation of a scene that is made and
 * of Hunyuan that is taken down.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';

import { startDemoServer, startEmulatedServices } from '../apps/demo/src/server/index.ts';
import { samples } from '../apps/demo/src/shared/samples.ts';
import { launchBrowser } from '../apps/demo/test/support/chromium.ts';
import { root } from './support/run-command.ts';

/** Every reader of the README loads both. */
const bytesMost = { picture: 300_000, animation: 2_000_000 };
const animationMs = 15_000;
const waitMs = 180_000;
const betweenFramesMs = 400;
/** Readers see it this wide. */
const animationWidth = 960;
const done = '[data-testid="session"][data-running="false"]:not(:has(.asset:not(.is-current)))';

type Browser = Awaited<ReturnType<typeof launchBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

/** A picture of the page, and how long it is shown, compared with the others. */
interface Frame {
  readonly shot: Buffer;
  readonly weight: number;
}

async function openStage(page: Page): Promise<void> {
  await page.getByTestId('stage').click();
  await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
  await page
    .locator('.stage-labels span')
    .nth(samples.en[0]!.objects.length - 1)
    .waitFor();
}

async function makeScene(browser: Browser, language: 'en' | 'zh', url: string): Promise<Page> {
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    viewport: { width: 1440, height: 1080 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(waitMs);
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('button', { name: samples[language][0]!.title, exact: true }).click();
  return page;
}

async function record(page: Page): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  const add = async (weight: number): Promise<void> => {
    await page.evaluate('Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)))');
    const shot = await page.screenshot({ animations: 'disabled' });
    frames.push({ shot: await sharp(shot).resize(animationWidth).png().toBuffer(), weight });
  };
  const press = (testId: string): Promise<void> =>
    page.getByTestId(testId).getByRole('button').and(page.locator(':enabled')).click();
  await add(4);
  await page.getByTestId('submit-scene').click();
  await page.getByTestId('session').waitFor();
  while ((await page.locator(done).count()) === 0) {
    await add(1);
    await page.waitForTimeout(betweenFramesMs);
  }
  await add(3);
  await openStage(page);
  const canvas = page.getByTestId('stage-panel').locator('canvas');
  for (let turn = 0; turn < 10; turn++) {
    await canvas.press(turn < 5 ? 'ArrowRight' : 'ArrowLeft');
    await canvas.blur();
    await add(1);
  }
  await page.evaluate('scrollTo(0, 0)');
  await page.locator('.page-tools button').click();
  await page.locator('#fault-panel').waitFor();
  await add(3);
  await press('step-1');
  await page.locator('[data-testid="service-hunyuan"][data-status="down"]').waitFor();
  await add(4);
  await press('step-2');
  await page.getByTestId('locked-down').waitFor();
  await add(7);
  await press('step-3');
  await page.locator('[data-testid="step-3"][data-done="true"]').waitFor();
  await page.locator(done).waitFor();
  await add(5);
  return frames;
}

async function save(name: string, picture: Buffer, most: number): Promise<void> {
  if (picture.byteLength > most) throw new Error(`${name} has ${picture.byteLength} bytes; at most ${most}.`);
  await writeFile(join(root, 'docs', 'images', name), picture);
  console.log(`docs/images/${name}: ${picture.byteLength} bytes.`);
}

const browser = await launchBrowser();
try {
  for (const language of ['en', 'zh'] as const) {
    const suffix = language === 'zh' ? '.zh-CN' : '';
    const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-picture-'));
    const services = await startEmulatedServices({ jobMs: 3000 });
    const server = await startDemoServer({ services, outputDir });
    try {
      const page = await makeScene(browser, language, server.url);
      const frames = await record(page);
      const total = frames.reduce((sum, { weight }) => sum + weight, 0);
      const animation = await sharp(
        frames.map(({ shot }) => shot),
        { join: { animated: true } },
      )
        .webp({
          quality: 60,
          effort: 5,
          loop: 0,
          delay: frames.map(({ weight }) => Math.round((animationMs * weight) / total)),
        })
        .toBuffer();
      await save(`demo-animation${suffix}.webp`, animation, bytesMost.animation);

      await page.setViewportSize({ width: 1440, height: 1530 });
      await page.reload();
      await openStage(page);
      await page.evaluate('scrollTo(0, 0)');
      // The stage draws finely when it has been at rest.
      await page.waitForTimeout(1500);
      await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
      const shot = await page.screenshot({ animations: 'disabled' });
      const picture = await sharp(shot).png({ palette: true, colours: 200, effort: 10 }).toBuffer();
      await save(`demo${suffix}.png`, picture, bytesMost.picture);
      await page.context().close();
    } finally {
      await server.close();
      await services.close();
      await rm(outputDir, { recursive: true, force: true });
    }
  }
} finally {
  await browser.close();
}
