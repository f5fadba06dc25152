import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { longestWaitMs } from '../../../../test/support/until.ts';

/** A page and its problems. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, dialogs: normally empty. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Opens a page in its own context. `tolerate`: problems that the test causes. */
export async function openPage(
  browser: Browser,
  url: string,
  { tolerate, ...options }: BrowserContextOptions & { readonly tolerate?: RegExp } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1440, height: 950 },
    // Motion is drawn by the processor here.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(longestWaitMs);
  const page = await context.newPage();
  const problems: string[] = [];
  const note = (problem: string): void => {
    if (tolerate?.test(problem) !== true) problems.push(problem);
  };
  page.on('console', (message) => {
    const type = message.type();
    // Chromium's own remarks on drawing by software.
    if ((type === 'error' || type === 'warning') && !/GL Driver Message|GPU stall/.test(message.text())) {
      note(`${type}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  // Page and feed are ready.
  await page.getByTestId('service-hunyuan').waitFor();
  return { page, problems, close: () => context.close() };
}

/** Opens the drawer with the fault switches. */
export async function openFaults(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Faults' }).click();
  await page.locator('#fault-panel').waitFor();
}

/** What axe finds against WCAG 2.2 AA and its best practices, one line each. */
export async function findAxeViolations(page: Page): Promise<readonly string[]> {
  // A running transition would distort the colours.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)))',
  );
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; nodes: { html: string; failureSummary: string }[] }[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Resolves when the session's work has ended. */
export async function waitUntilIdle(page: Page): Promise<void> {
  await page.locator('[data-testid="session"][data-running="false"]').waitFor();
}

/** Resolves when all images of the session are made. */
export async function waitUntilDone(page: Page): Promise<void> {
  await page.locator('[data-testid="session"][data-running="false"]:not(:has(.asset:not(.is-current)))').waitFor();
}
