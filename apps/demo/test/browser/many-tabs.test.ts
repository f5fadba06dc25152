import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openPage } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';

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

/** More tabs than a browser's connections to a server. */
const tabCount = 9;

it("shows every tab its scene within the browser's connections, also after the leading tab closes", async () => {
  const scenes = ['A lighthouse', 'A greenhouse', 'A boathouse'];
  const ids = await Promise.all(scenes.map((text) => demo.create({ text, start: false })));
  const first = await openPage(browser, demo.url);
  const pages: Page[] = [first.page];
  for (let index = 0; index < tabCount; index += 1) {
    const page = await first.page.context().newPage();
    pages.push(page);
    const address = index === 3 ? 'con' : encodeURIComponent(ids[index % ids.length] as string);
    await page.goto(`${demo.url}#/scene/${address}`);
    if (index === 3) await page.getByText('There is no such session here').waitFor();
    else await page.getByRole('heading', { name: scenes[index % scenes.length] as string }).waitFor();
  }
  // The leading tab closes; the others get the next events from another one.
  await first.page.close();
  const changed = await demo.create({ text: 'A tollhouse', start: false });
  expect(changed).not.toBe('');
  for (const page of pages.slice(1))
    await page.getByTestId('session-line').filter({ hasText: 'A tollhouse' }).waitFor();
  // A tab that opens another scene gets its state.
  const [, second] = pages as [Page, Page];
  await second.evaluate(`location.hash = ${JSON.stringify(`#/scene/${encodeURIComponent(changed)}`)}`);
  await second.getByRole('heading', { name: 'A tollhouse' }).waitFor();
  expect(first.problems).toEqual([]);
  await first.close();
});
