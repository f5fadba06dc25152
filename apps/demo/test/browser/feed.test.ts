import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openPage } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';
import { readFeed } from '../support/feed-reader.ts';
import { startSandboxingGateway } from '../support/sandboxing-gateway.ts';
import type { StoryEvent } from '../../src/shared/session-view.ts';

let browser: Browser;
let demo: DemoFixture;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await startDemo();
});
afterEach(() => demo.close());

/** The event of a session's first image. */
async function landing(sessionId: string): Promise<StoryEvent> {
  for await (const { name, data } of readFeed(demo, sessionId)) {
    if (name === 'story' && (data as StoryEvent).type === 'asset') return data as StoryEvent;
  }
  throw new Error('The feed ended before an image was there.');
}

it('shows the whole story in a tab that receives new events before earlier ones', async () => {
  const sessionId = await demo.create({ text: 'A clock tower' });
  const landed = await landing(sessionId);
  const first = await openPage(browser, `${demo.url}#/scene/${encodeURIComponent(sessionId)}`);
  const lines = first.page.getByTestId('story').locator('li');
  await lines.and(first.page.locator('[data-type="asset"]')).waitFor();
  const whole = await lines.allTextContents();
  expect(whole.length).toBeGreaterThan(2);

  // The leading tab reconnects for the new tab: the answer waits.
  const context = first.page.context();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await context.route('**/api/events?*', async (route) => {
    asked.resolve();
    await answered.promise;
    // The next connection may already have replaced this one.
    await route.continue().catch(() => undefined);
  });
  const second = await context.newPage();
  await second.goto(`${demo.url}#/scene/${encodeURIComponent(sessionId)}`);
  await asked.promise;
  await second.evaluate(`{
    const channel = new BroadcastChannel("holodeck-feed");
    window.heard = new Promise((heard) => { channel.onmessage = ({ data }) => data.news?.name === "story" && heard(); });
    undefined;
  }`);
  const message = { type: 'news', news: { name: 'story', data: landed } };
  await first.page.evaluate(`new BroadcastChannel("holodeck-feed").postMessage(${JSON.stringify(message)})`);
  await second.evaluate('window.heard');
  answered.resolve();

  const shown = second.getByTestId('story').locator('li');
  await shown.nth(whole.length - 1).waitFor();
  expect(await shown.allTextContents()).toEqual(whole);
  expect(await lines.allTextContents()).toEqual(whole);
  expect(first.problems).toEqual([]);
  await first.close();
});

it('has its own feed if the browser refuses locks to the page', async () => {
  const gateway = await startSandboxingGateway(demo.port);
  try {
    const { page, problems, close } = await openPage(browser, gateway.url);
    const refusal = await page.evaluate('navigator.locks.request("any", () => "had").catch(({ name }) => name)');
    expect(refusal).toBe('SecurityError');
    const sessionId = await demo.create({ text: 'A signal box', start: false });
    await page.getByTestId('session-line').filter({ hasText: 'A signal box' }).waitFor();
    await page.evaluate(`location.hash = ${JSON.stringify(`#/scene/${encodeURIComponent(sessionId)}`)}`);
    await page.getByRole('heading', { name: 'A signal box' }).waitFor();
    expect(problems).toEqual([]);
    await close();
  } finally {
    await gateway.close();
  }
});
