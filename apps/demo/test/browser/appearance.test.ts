import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampled } from '../../../../test/support/long-runs.ts';
import { findAxeViolations, openFaults, openPage, waitUntilDone } from '../support/browser.ts';
import { launchBrowser } from '../support/chromium.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';

let browser: Browser;
let demo: DemoFixture;
let sessionUrl: string;
let brokenUrl: string;
beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
  const objects = ['木凳', '汤锅', '灯笼'].map((name) => ({ name, description: `一个旧的${name}` }));
  const sessionId = await demo.create({ text: '雨夜的面馆：巷子深处的一间小面馆', style: '水彩', objects });
  sessionUrl = `${demo.url}#/scene/${encodeURIComponent(sessionId)}`;
  const { page, close } = await openPage(browser, sessionUrl);
  await waitUntilDone(page);
  const broken = await demo.create({ text: 'A house of cards', objects: [{ name: 'ace', description: '' }] });
  brokenUrl = `${demo.url}#/scene/${encodeURIComponent(broken)}`;
  await page.goto(brokenUrl);
  await waitUntilDone(page);
  await demo.fault('hunyuan', { down: true });
  await page.getByTestId('retry-card/ace').click();
  await page.getByTestId('locked-down').waitFor();
  await close();
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

it('speaks Chinese if the browser prefers it, and then the chosen language', async () => {
  const { page, problems, close } = await openPage(browser, sessionUrl, { locale: 'zh-CN' });
  await waitUntilDone(page);
  await page.getByTestId('lock').getByText('已锁定混元').waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN');
  expect(await page.getByTestId('asset-card/汤锅').getByText('主体独立').count()).toBe(1);
  await page.getByLabel('语言').selectOption('en');
  await page.getByTestId('lock').getByText('Locked to Hunyuan').waitFor();
  await page.reload();
  await page.getByTestId('lock').getByText('Locked to Hunyuan').waitFor();
  expect(problems).toEqual([]);
  await close();
});

it('is dark if the system is, and then as chosen', async () => {
  const { page, problems, close } = await openPage(browser, sessionUrl, { colorScheme: 'dark' });
  await waitUntilDone(page);
  const ground = (): Promise<string> =>
    page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  expect(await ground()).toBe('rgb(17, 20, 27)');
  await page.getByLabel('Colours').selectOption('light');
  await page.locator('html[data-theme="light"]').waitFor();
  expect(await ground()).toBe('rgb(246, 242, 234)');
  expect(problems).toEqual([]);
  await close();
});

it.each(['empty', 'done', 'locked-backend-down'] as const)(
  'fits 360 to 1920 pixels without scrolling sideways: %s',
  async (name) => {
    const url = { empty: demo.url, done: sessionUrl, 'locked-backend-down': brokenUrl }[name];
    const { page, problems, close } = await openPage(browser, url, { viewport: { width: 1920, height: 1080 } });
    if (name !== 'empty') await page.getByTestId('session').waitFor();
    await openFaults(page);
    for (const width of [1920, 1366, 1280, 1024, 768, 640, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await isTooWide(page), `${width} with fault switches`).toBe(false);
    }
    await page.keyboard.press('Escape');
    await page.locator('#fault-panel').waitFor({ state: 'detached' });
    for (const width of [360, 480, 720, 1000, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await isTooWide(page), `${width}`).toBe(false);
    }
    expect(problems).toEqual([]);
    await close();
  },
);

describe('has no violations that axe finds', () => {
  /** Each language and each theme once; all of them with each other in a long run. */
  const looks = sampled(
    [
      ['en', 'light'],
      ['en', 'dark'],
      ['zh', 'dark'],
      ['zh', 'light'],
    ] as const,
    2,
  );
  it.each(['empty page', 'session', 'locked backend down'] as const)(
    '%s, in both languages, light and dark, wide and narrow',
    async (name) => {
      const url = { 'empty page': demo.url, session: sessionUrl, 'locked backend down': brokenUrl }[name];
      const { page, problems, close } = await openPage(browser, url);
      if (name !== 'empty page') await page.getByTestId('session').waitFor();
      for (const [language, theme] of looks) {
        await page.locator('.page-tools select').first().selectOption(language);
        await page.locator(`html[lang^="${language}"]`).waitFor();
        await page.locator('.page-tools select').last().selectOption(theme);
        await page.locator(`html[data-theme="${theme}"]`).waitFor();
        expect(await findAxeViolations(page), `${language}, ${theme}`).toEqual([]);
      }
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await findAxeViolations(page), 'narrow').toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );

  it('open service, open verdict, dialog and stage', async () => {
    const { page, problems, close } = await openPage(browser, sessionUrl);
    await waitUntilDone(page);
    await page.getByTestId('service-hunyuan').click();
    await page.locator('.gate summary').first().click();
    expect(await findAxeViolations(page)).toEqual([]);
    await page.getByTestId('service-hunyuan').click();
    await page.getByTestId('stage').click();
    await page.locator('[data-testid="stage-panel"][data-state="ready"]').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await page.getByTestId('release').click();
    await page.getByRole('dialog').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
});

it('works with the keyboard alone', async () => {
  const { page, problems, close } = await openPage(browser, demo.url);
  await page.keyboard.press('Tab');
  await page.locator('.skip-link:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('main:focus').waitFor();
  await page.getByLabel('Scene', { exact: true }).focus();
  await page.keyboard.type('A kiosk');
  await page.getByTestId('submit-scene').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'A kiosk' }).waitFor();
  await waitUntilDone(page);
  await page.getByTestId('release').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // The focus is restored.
  await page.locator('[data-testid="release"]:focus').waitFor();
  expect(problems).toEqual([]);
  await close();
});
