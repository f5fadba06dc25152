import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { findAxeViolations, openPage, waitUntilDone } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';

let browser: Browser;
let demo: DemoFixture;
beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo({ makesOpening: true })]);
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

const ready = '[data-testid="stage-panel"][data-state="ready"]';

it('opens with a finished scene on the stage, in the language of the page, and fits a phone', async () => {
  const { page, problems, close } = await openPage(browser, demo.url, { viewport: { width: 1200, height: 800 } });
  await page.locator(ready).getByRole('heading', { name: 'A noodle bar' }).waitFor();
  await page.locator('.stage-labels').getByText('lantern').waitFor();
  await page.getByRole('heading', { name: 'Describe your own' }).waitFor();
  // The browser asks for less motion.
  expect(await page.locator('canvas[data-turning]').count()).toBe(0);
  expect(await findAxeViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 375, height: 667 });
  const field = await page.getByLabel('Scene', { exact: true }).boundingBox();
  const stage = await page.locator('.stage-view').boundingBox();
  expect((field?.y ?? 667) + (field?.height ?? 0)).toBeLessThan(667);
  expect([stage?.x, stage?.width]).toEqual([0, 375]);
  await page.getByLabel('Language').selectOption('zh');
  await page.locator(ready).getByRole('heading', { name: '雨夜的面馆' }).waitFor();
  await page.locator('.stage-labels').getByText('灯笼').waitFor();
  expect(problems).toEqual([]);
  await close();
});

it.each([
  ['light', 'opening-en', 'Prompt and origin'],
  ['dark', 'opening-zh', '提示词与来源'],
] as const)('its report has no flaws for axe: %s, %s', async (colorScheme, session, summary) => {
  const context = await browser.newContext({ colorScheme, viewport: { width: 375, height: 667 } });
  const page = await context.newPage();
  const report = join(demo.outputDir, session, 'session.html');
  await until(async () => (await readFile(report, 'utf8').catch(() => '')).split(' current">').length === 7);
  await page.goto(pathToFileURL(report).href);
  await page.getByText(summary).first().click();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
  expect(await findAxeViolations(page)).toEqual([]);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('figure dl').last().isVisible()).toBe(true);
  await context.close();
});

it('turns the stage until it is touched, then guides through breaking the backend and mending it', async () => {
  const { page, problems, close } = await openPage(browser, demo.url, {
    reducedMotion: 'no-preference',
    viewport: { width: 1000, height: 700 },
  });
  await page.locator(`${ready} canvas[data-turning]`).click();
  await page.locator(`${ready} canvas:not([data-turning])`).waitFor();
  const submissions = (): number => demo.ledgers()['hunyuan']?.ledger.submissions ?? 0;
  await page.getByRole('button', { name: 'Now break Hunyuan' }).click();
  await page.getByRole('button', { name: 'Take Hunyuan down' }).click();
  await page.locator('[data-testid="service-hunyuan"][data-status="down"]').waitFor();
  await waitUntilDone(page);
  const before = submissions();
  await page.getByRole('button', { name: 'Make one card again' }).click();
  await page.getByTestId('locked-down').waitFor();
  await page.locator('[data-testid="step-2"][data-done="true"]').waitFor();
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('hunyuan');
  expect(submissions()).toBe(before);
  await page.getByRole('button', { name: 'Bring Hunyuan back and go on' }).click();
  await page.locator('[data-testid="step-3"][data-done="true"]').waitFor();
  await waitUntilDone(page);
  expect(submissions()).toBe(before + 1);
  expect(await findAxeViolations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

it('makes the opening once, in an empty folder only', async () => {
  const before = demo.ledgers()['hunyuan']?.ledger.submissions;
  await demo.restart();
  const sessions = (await (await fetch(`${demo.url}api/sessions`)).json()) as readonly { sessionId: string }[];
  expect(sessions.map(({ sessionId }) => sessionId).sort()).toEqual(['opening-en', 'opening-zh']);
  expect(demo.ledgers()['hunyuan']?.ledger.submissions).toBe(before);
});
