import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage, waitUntilDone } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';

let browser: Browser;
let demo: DemoFixture;
beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

const hostile = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  "' onfocus=window.hacked=1 autofocus='",
  '</textarea><svg onload=window.hacked=1>',
  'javascript:window.hacked=1',
  '{{constructor.constructor("window.hacked=1")()}}',
  '\u202Egnp.exe\u202C <iframe srcdoc="<script>parent.hacked=1</script>">',
];

it('runs no script from any field, and shows the text as it is', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const text = hostile.join(' ');
  await page.getByLabel('Scene', { exact: true }).fill(text);
  await page.getByLabel('Style', { exact: true }).fill(hostile[1] ?? '');
  for (const [index, words] of hostile.entries()) {
    await page.getByRole('button', { name: 'Add an object' }).click();
    await page.getByLabel(`Name of object ${index + 1}`, { exact: true }).fill(words);
    await page.getByLabel(`Description of object ${index + 1}`, { exact: true }).fill(words);
  }
  await page.getByTestId('submit-scene').click();
  await waitUntilDone(page);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(text);
  const names = await page.locator('.cards .asset-title strong').allTextContents();
  expect(names).toEqual(hostile);
  for (const name of hostile.slice(0, 2)) {
    await page.getByRole('button', { name: `Details: ${name}`, exact: true }).click();
    await page.getByRole('dialog').getByText('cards/').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.getByTestId('stage').click();
  await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
  await page.reload();
  await waitUntilDone(page);
  expect(await page.evaluate('typeof window.hacked')).toBe('undefined');
  expect(await page.locator('iframe, main script, main [onerror], main [onload], main [onfocus]').count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

it('handles hostile addresses and files', async () => {
  const { page, problems, close } = await openPage(browser, demo.url, { tolerate: /status of 40[04]/ });
  for (const hash of [
    '#/scene/<script>window.hacked=1</script>',
    '#/scene/..%2F..%2Fetc',
    '#/scene/%E0%A4%A',
    '#/scene/nobody',
  ]) {
    await page.goto(`${demo.url}${hash}`);
    await page.getByRole('link', { name: 'New scene' }).waitFor();
  }
  await page.getByText('There is no such session here.').waitFor();
  await page.getByRole('link', { name: 'New scene' }).click();
  await page.getByLabel('Scene', { exact: true }).fill('A room');
  const buffer = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"/>');
  await page
    .getByLabel('Reference picture of your own')
    .setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer });
  await page.getByTestId('submit-scene').click();
  await page.getByRole('alert').getByText('not a picture').waitFor();
  expect(await page.evaluate('typeof window.hacked')).toBe('undefined');
  expect(problems).toEqual([]);
  await close();
});
