import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openFaults, openPage, waitUntilDone, waitUntilIdle } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { WatchedPage } from '../support/browser.ts';
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
beforeEach(async () => {
  const allOff = { down: false, slow: false, refusing: false, limited: false };
  for (const backend of ['hunyuan', 'openai', 'comfyui']) await demo.fault(backend, allOff);
});

async function makeScene({ page }: WatchedPage, text: string): Promise<void> {
  await page.getByRole('link', { name: 'New scene' }).click();
  await page.getByLabel('Scene', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Add an object' }).click();
  await page.getByLabel('Name of object 1', { exact: true }).fill('stool');
  await page.getByTestId('submit-scene').click();
  await page.getByTestId('session').waitFor();
}

it('moves a session to OpenAI if Hunyuan is down, and shows why', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  await page.getByTestId('fault-hunyuan-down').check();
  await page.locator('[data-testid="service-hunyuan"][data-status="down"]').waitFor();
  await page.getByTestId('service-hunyuan').click();
  await page.getByText('What to do:').waitFor();
  await page.getByTestId('service-hunyuan').click();
  await makeScene(watched, 'A greenhouse at noon');
  await waitUntilDone(page);
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('openai');
  expect(await page.getByTestId('story').textContent()).toContain('Hunyuan down, OpenAI ready');
  expect(await page.getByTestId('cost').textContent()).toMatch(/US\$0\.\d\d for 2 images/);
  await page.getByTestId('fault-hunyuan-down').uncheck();
  await page.locator('[data-testid="service-hunyuan"][data-status="ready"]').waitFor();
  expect(problems).toEqual([]);
  await close();
});

it('queues the cards of an account that is limited to one job, and nothing fails', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  await openFaults(page);
  const accepted = demo.ledgers()['hunyuan']?.ledger.accepted ?? 0;
  await page.getByTestId('fault-hunyuan-limited').check();
  await page.getByRole('button', { name: 'Lighthouse' }).click();
  await page.getByTestId('submit-scene').click();
  await waitUntilDone(page);
  const after = demo.ledgers()['hunyuan']?.ledger;
  expect(after?.accepted).toBe(accepted + 4);
  expect(after?.maxConcurrent).toBe(1);
  expect(await page.getByTestId('story').locator('[data-type="failure"]').count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

it('moves on from a backend whose account has no credit before anything is paid', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  const paid = demo.ledgers()['hunyuan']?.ledger.accepted;
  await page.getByTestId('fault-hunyuan-refusing').check();
  await makeScene(watched, 'A harbour in fog');
  await waitUntilDone(page);
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('openai');
  expect(demo.ledgers()['hunyuan']?.ledger.accepted).toBe(paid);
  expect(problems).toEqual([]);
  await close();
});

it('keeps the lock when its backend goes down, shows the choices, and restarts on request only', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  await makeScene(watched, 'A workshop of a clockmaker');
  await waitUntilDone(page);
  await page.getByTestId('fault-hunyuan-down').check();
  await page.getByTestId('retry-card/stool').click();
  const notice = page.getByTestId('locked-down');
  await notice.waitFor();
  expect(await notice.textContent()).toContain('Hunyuan cannot be used, and this session is locked to it');
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('hunyuan');
  expect(await page.getByTestId('failure').getAttribute('data-outcome')).toBe('not-submitted');

  await page.getByTestId('choice-restart').click();
  const question = page.getByRole('dialog', { name: 'Restart on OpenAI?' });
  expect(await question.textContent()).toContain('2 images, about US$0.12');
  await question.getByRole('button', { name: 'Restart on OpenAI' }).click();
  await page.locator('[data-testid="lock"][data-state="locked"][data-backend="openai"]').waitFor();
  await waitUntilDone(page);
  expect(await notice.count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

it('waits for a locked backend if the policy says so, and continues when it is back', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  await makeScene(watched, 'A waiting room at a small station');
  await waitUntilDone(page);
  await page.getByTestId('fault-hunyuan-down').check();
  await page.getByTestId('retry-card/stool').click();
  await page.getByTestId('choice-wait').click();
  await page.getByTestId('story').locator('[data-type="waiting"]').waitFor();
  await page.getByTestId('fault-hunyuan-down').uncheck();
  await waitUntilDone(page);
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('hunyuan');
  expect(problems).toEqual([]);
  await close();
});

it('says that nothing can be done while all are down, and makes the scene when one is back', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  for (const backend of ['hunyuan', 'openai', 'comfyui']) await page.getByTestId(`fault-${backend}-down`).check();
  await page.locator('[data-testid="service-comfyui"][data-status="down"]').waitFor();
  await makeScene(watched, 'A shop of maps');
  await page.getByTestId('no-backend').waitFor();
  expect(await page.getByTestId('lock').getAttribute('data-state')).toBe('free');
  await page.getByTestId('fault-comfyui-down').uncheck();
  await page.locator('[data-testid="service-comfyui"][data-status="ready"]').waitFor();
  await page.getByTestId('continue').click();
  await waitUntilDone(page);
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('comfyui');
  expect(problems).toEqual([]);
  await close();
});

it('releases a lock after confirmation, and the next image chooses again', async () => {
  const watched = await openPage(browser, demo.url);
  const { page, problems, close } = watched;
  await openFaults(page);
  await makeScene(watched, 'A cellar of a winery');
  await waitUntilDone(page);
  await page.getByTestId('release').click();
  const question = page.getByRole('dialog', { name: 'Release the lock?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  expect(await page.getByTestId('lock').getAttribute('data-state')).toBe('locked');
  await page.getByTestId('release').click();
  await question.getByRole('button', { name: 'Release the lock' }).click();
  await page.locator('[data-testid="lock"][data-state="free"]').waitFor();
  await waitUntilIdle(page);
  await page.getByTestId('fault-hunyuan-down').check();
  await page.locator('[data-testid="service-hunyuan"][data-status="down"]').waitFor();
  await page.getByTestId('continue').click();
  await waitUntilDone(page);
  expect(await page.getByTestId('lock').getAttribute('data-backend')).toBe('openai');
  expect(problems).toEqual([]);
  await close();
});
