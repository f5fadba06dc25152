import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { longestWaitMs } from '../../../../test/support/until.ts';

const commands = ['chromium', 'chromium-browser', 'google-chrome'];

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return commands.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/**
 * A real Chromium, without a window; WebGL is drawn by software. `CHROMIUM_PATH` names one that is not on the `PATH`.
 *
 * @throws Error that says how to install it if there is none.
 */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? findChromium();
  if (executablePath === undefined) {
    throw new Error(
      'There is no Chromium. Install it (Debian: apt-get install chromium), or name one in CHROMIUM_PATH.',
    );
  }
  return chromium.launch({
    executablePath,
    timeout: longestWaitMs,
    args: [
      '--no-sandbox',
      '--enable-unsafe-swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
