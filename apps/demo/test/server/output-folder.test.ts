import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { longestWaitMs } from '../../../../test/support/until.ts';

const main = fileURLToPath(new URL('../../src/server/main.ts', import.meta.url));

// Node's own recursive mkdir never ends below a file system that makes no folders.
it.runIf(process.platform === 'linux')('says at once that a folder cannot be made where none can', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=@holodeck/source', main, '--port', '0', '--out', '/proc/none/deeper'],
    { stdio: ['ignore', 'ignore', 'pipe'], timeout: longestWaitMs, killSignal: 'SIGKILL' },
  );
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(text).toMatch(/\/proc\/none.*ENOENT/);
});
