import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openPage, waitUntilDone } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';
import { readFeed } from '../support/feed-reader.ts';
import type { StoryEvent } from '../../src/shared/session-view.ts';

let browser: Browser;
let demo: DemoFixture;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await startDemo();
  // Only ComfyUI is left, and its queue is paused: a job stays unfinished until the queue is resumed.
  await demo.fault('hunyuan', { down: true });
  await demo.fault('openai', { down: true });
  await demo.fault('comfyui', { limited: true });
});
afterEach(() => demo.close());

/** Resolves when the service has accepted the session's first job. */
async function accepted(sessionId: string): Promise<void> {
  for await (const { name, data } of readFeed(demo, sessionId)) {
    if (name === 'story' && (data as StoryEvent).data.state === 'accepted') return;
  }
}

it('shows the same session after a reload during generation, and makes nothing twice', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  const sessionId = await demo.create({ text: 'An observatory', objects: [{ name: 'telescope', description: '' }] });
  await page.goto(`${demo.url}#/scene/${encodeURIComponent(sessionId)}`);
  await accepted(sessionId);
  await page.locator('[data-testid="session"][data-running="true"]').waitFor();
  await page.reload();
  await page.locator('[data-testid="session"][data-running="true"]').waitFor();
  await page.locator('[data-testid="asset-scene-reference"][data-busy="true"]').waitFor();
  expect(await page.getByRole('heading', { name: 'An observatory' }).count()).toBe(1);
  await demo.fault('comfyui', { limited: false });
  await waitUntilDone(page);
  expect(demo.ledgers()['comfyui']?.ledger.accepted).toBe(2);
  expect(problems).toEqual([]);
  await close();
});

it('goes on with its sessions after a restart of the server, and collects what was paid', async () => {
  const { page, problems, close } = await openPage(browser, demo.url, { tolerate: /Failed to load|ERR_|EventSource/i });
  const sessionId = await demo.create({ text: 'A mill by the river', objects: [{ name: 'sack', description: '' }] });
  await page.goto(`${demo.url}#/scene/${encodeURIComponent(sessionId)}`);
  await accepted(sessionId);
  await page.locator('[data-testid="session"][data-running="true"]').waitFor();
  await demo.stopServer();
  await page.getByText('The connection to the demo server is lost').waitFor();
  await demo.startServer();
  await demo.fault('comfyui', { limited: false });
  // The page reconnects automatically; the new server collects the job of the old one, and makes the rest.
  await page.locator('[data-testid="asset-scene-reference"][data-state="current"]').waitFor();
  await waitUntilDone(page);
  expect(demo.ledgers()['comfyui']?.ledger.accepted).toBe(2);
  await page.reload();
  await page.getByTestId('session-line').filter({ hasText: 'A mill by the river' }).waitFor();
  await waitUntilDone(page);
  expect(problems).toEqual([]);
  await close();
});

it('shows the same session in two tabs, whichever tab acts', async () => {
  const first = await openPage(browser, demo.url);
  await first.page.getByLabel('Scene', { exact: true }).fill('A bakery before dawn');
  await first.page.getByTestId('submit-scene').click();
  await first.page.getByTestId('session').waitFor();
  const second = await openPage(browser, first.page.url());
  await second.page.locator('[data-testid="session"][data-running="true"]').waitFor();
  await second.page.getByTestId('stop').click();
  await first.page.getByTestId('continue').waitFor();
  await demo.fault('comfyui', { limited: false });
  await first.page.getByTestId('continue').click();
  await Promise.all([waitUntilDone(first.page), waitUntilDone(second.page)]);
  const pictures = await Promise.all(
    [first, second].map(({ page }) => page.getByTestId('asset-scene-reference').locator('img').getAttribute('src')),
  );
  expect(pictures[0]).toBe(pictures[1]);
  expect([...first.problems, ...second.problems]).toEqual([]);
  await first.close();
  await second.close();
});
