import { readFile } from 'node:fs/promises';
import { validateBytes } from 'gltf-validator';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findAxeViolations, openFaults, openPage, waitUntilDone, waitUntilIdle } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';

let browser: Browser;
let demo: DemoFixture;
beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo({ jobMs: 800 })]);
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

it('makes a scene from words to cards, with lock, costs, story, details, stage and archive', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(request.url());
  });
  await page.locator('[data-testid="service-comfyui"][data-status="ready"]').waitFor();

  await page.getByRole('button', { name: 'Lighthouse' }).click();
  await page.getByTestId('estimate').getByText('4 images on Hunyuan · about CN¥0.80').waitFor();
  await openFaults(page);
  await page.getByTestId('fault-hunyuan-slow').check();
  await page.getByTestId('submit-scene').click();
  await page.getByTestId('asset-card/sea-chest').and(page.locator('[data-busy="true"]')).waitFor();
  await page.getByTestId('fault-hunyuan-slow').uncheck();
  await waitUntilDone(page);

  const lock = page.getByTestId('lock');
  expect(await lock.getAttribute('data-state')).toBe('locked');
  expect(await lock.getAttribute('data-backend')).toBe('hunyuan');
  expect(await page.getByTestId('cost').textContent()).toContain('CN¥0.80 for 4 images');
  expect(await page.getByTestId('session-progress').textContent()).toBe('4 of 4 images');
  const story = page.getByTestId('story');
  for (const type of ['probe', 'claim', 'lock', 'asset', 'gate']) {
    expect(await story.locator(`[data-type="${type}"]`).count(), type).toBeGreaterThan(0);
  }
  for (const id of ['ship-lamp', 'sea-chest', 'telescope']) {
    const card = page.getByTestId(`asset-card/${id}`);
    expect(await card.getByText('isolated', { exact: true }).count(), id).toBe(1);
    // Natural size: the picture has really been loaded.
    expect(
      await card.locator('img').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBe(1024);
  }
  await page.getByTestId('announcer').getByText('All images are there.').waitFor();

  await page.getByRole('button', { name: 'Details: sea chest' }).click();
  const dialog = page.getByRole('dialog', { name: 'sea chest' });
  expect(await dialog.textContent()).toContain('hunyuan-image-3.0');
  expect(await dialog.textContent()).toContain('cards/sea-chest.png');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  // Three.js is loaded only with the stage.
  expect(scripts).toEqual([]);
  await page.getByTestId('stage').click();
  await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
  expect(scripts).not.toEqual([]);
  const canvas = page.getByTestId('stage-panel').locator('canvas');
  await canvas.focus();
  const atFirst = await canvas.screenshot();
  await canvas.press('ArrowLeft');
  const turnedByKey = await canvas.screenshot();
  expect(turnedByKey.equals(atFirst)).toBe(false);
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('The stage cannot be seen.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  await page.mouse.up();
  expect((await canvas.screenshot()).equals(turnedByKey)).toBe(false);

  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByTestId('scene-glb').click()]);
  expect(saved.suggestedFilename()).toBe('scene.glb');
  const { issues, info } = await validateBytes(new Uint8Array(await readFile(await saved.path())));
  expect(issues.messages).toEqual([]);
  // Three bodies and the backdrop.
  expect(info.drawCallCount).toBe(4);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('zip').click()]);
  const archive = await readFile(await download.path());
  expect(archive.subarray(0, 2).toString()).toBe('PK');
  for (const name of ['scene-ref.png', 'cards/telescope.png', 'manifest.json'])
    expect(archive.includes(name), name).toBe(true);
  expect(archive.includes('.incoming')).toBe(false);

  expect(problems).toEqual([]);
  await close();
});

it('shows previews as they arrive; an image that was stopped is paid for again only after confirmation', async () => {
  // A preview must stay long enough to be seen and stopped on a busy machine: two thirds of a slow job.
  const slow = await startDemo({ jobMs: 4000 });
  const { page, problems, close } = await openPage(browser, slow.url);
  await openFaults(page);
  await page.getByTestId('fault-hunyuan-down').check();
  await page.getByTestId('fault-openai-slow').check();
  await page.locator('[data-testid="service-hunyuan"][data-status="down"]').waitFor();
  await page.getByLabel('Scene', { exact: true }).fill('A ferry in the morning mist');
  await page.getByTestId('submit-scene').click();
  const preview = page.getByTestId('asset-scene-reference').getByTestId('preview');
  await preview.waitFor();
  await page.getByTestId('stop').click();
  await page.locator('[data-testid="failure"][data-outcome="unknown"]').waitFor();
  // The picture's failure shows before the session has ended; until then a second try is refused.
  await waitUntilIdle(page);
  expect(slow.ledgers()['openai']?.ledger.accepted).toBe(1);

  await page.getByTestId('fault-openai-slow').uncheck();
  await page.getByTestId('retry-scene-reference').click();
  const question = page.getByRole('dialog', { name: 'Send it again?' });
  await question.getByRole('button', { name: 'Make again, may pay twice' }).click();
  await waitUntilDone(page);
  expect(slow.ledgers()['openai']?.ledger.accepted).toBe(2);
  expect(problems).toEqual([]);
  await close();
  await slow.close();
});

it('makes one card again with another seed, and the reference only after confirmation', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  await page.getByLabel('Scene', { exact: true }).fill('A tea house by a lake');
  await page.getByRole('button', { name: 'Add an object' }).click();
  await page.getByLabel('Name of object 1', { exact: true }).fill('teapot');
  await page.getByTestId('submit-scene').click();
  await waitUntilDone(page);
  const picture = page.getByTestId('asset-card/teapot').locator('img');
  const before = await picture.getAttribute('src');
  await page.getByTestId('retry-card/teapot').click();
  await page.locator(`[data-testid="asset-card/teapot"] img:not([src="${before}"]):not(.is-preview)`).waitFor();
  await waitUntilDone(page);
  expect(await page.getByTestId('cost').textContent()).toContain('for 3 images');

  await page.getByTestId('retry-scene-reference').click();
  const question = page.getByRole('dialog', { name: 'Make the scene reference again?' });
  await question.getByRole('button', { name: 'Make again' }).click();
  await page.locator('[data-testid="asset-card/teapot"][data-state="stale"]').waitFor();
  await page.getByTestId('continue').click();
  await waitUntilDone(page);
  expect(await page.getByTestId('cost').textContent()).toContain('for 5 images');
  expect(problems).toEqual([]);
  await close();
});

it('names what is missing before anything is sent, and puts the focus there', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const before = demo.ledgers()['hunyuan']?.ledger.submissions;
  await page.getByTestId('submit-scene').click();
  expect(await page.getByRole('alert').textContent()).toBe('Describe the scene first.');
  await page.getByLabel('Scene', { exact: true }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('A barn');
  await page.getByRole('button', { name: 'Add an object' }).click();
  await page.getByLabel('Description of object 1', { exact: true }).fill('without a name');
  await page.getByTestId('submit-scene').click();
  await page.getByText('Give this object a name, or remove it.').waitFor();
  expect(demo.ledgers()['hunyuan']?.ledger.submissions).toBe(before);
  expect(problems).toEqual([]);
  await close();
});

it('takes the user’s picture as the scene reference', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const other = await demo.create({ text: 'A picture to bring along' });
  await page.goto(`${demo.url}#/scene/${encodeURIComponent(other)}`);
  await waitUntilDone(page);
  const bytes = await readFile(`${demo.outputDir}/${other}/scene-ref.png`);
  await page.getByRole('link', { name: 'New scene' }).click();
  await page.getByLabel('Scene', { exact: true }).fill('A place that exists already');
  await page.getByRole('button', { name: 'Add an object' }).click();
  await page.getByLabel('Name of object 1', { exact: true }).fill('bench');
  await page
    .getByLabel('Reference picture of your own')
    .setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer: bytes });
  await page.getByTestId('submit-scene').click();
  await page.getByTestId('asset-scene-reference').getByText('your own picture').waitFor();
  await waitUntilDone(page);
  expect(await page.getByTestId('cost').textContent()).toContain('for 1 image');
  expect(problems).toEqual([]);
  await close();
});

it('takes objects from the text and from a list, in any order, and estimates them', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const names = (): Promise<readonly string[]> =>
    page
      .locator('.object-name')
      .evaluateAll((fields) => fields.map((field) => (field as unknown as { value: string }).value));
  await page.getByLabel('Scene', { exact: true }).fill('A cellar with an old barrel and a candle on a table');
  await page.getByRole('button', { name: 'Add candle' }).click();
  await page.getByTestId('suggestions').getByText('candle').waitFor({ state: 'detached' });
  await page.getByText('Paste a list').click();
  await page.getByLabel('Paste a list').fill('stool: three legs\nlantern');
  await page.getByRole('button', { name: 'Add these' }).click();
  expect(await names()).toEqual(['candle', 'stool', 'lantern']);
  await page.getByTestId('estimate').getByText('4 images').waitFor();
  await page.getByRole('button', { name: 'Move lantern', exact: true }).press('ArrowUp');
  await page.getByRole('button', { name: 'Move lantern', exact: true }).and(page.locator(':focus')).waitFor();
  expect(await names()).toEqual(['candle', 'lantern', 'stool']);
  const [first, last] = [
    page.getByRole('button', { name: 'Move candle', exact: true }),
    page.locator('.objects li').last(),
  ];
  await first.scrollIntoViewIfNeeded();
  const [from, to] = [await first.boundingBox(), await last.boundingBox()];
  if (from === null || to === null) throw new Error('The list cannot be seen.');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + to.height / 2, { steps: 4 });
  await page.mouse.up();
  expect(await names()).toEqual(['lantern', 'stool', 'candle']);
  expect(await findAxeViolations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});
