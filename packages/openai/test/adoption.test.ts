import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { createOpenAIClient } from '../src/index.ts';
import { temporaryFolder } from './support.ts';

/** Dies as soon as the answer is on disk, before the driver has heard of it. */
const dyingProcess = `
import { ImageClient } from '@holodeck/core';
import { OpenAIBackend, openaiOptionsFromEnvironment } from '@holodeck/openai';
class DyingBackend extends OpenAIBackend {
  async submit(request, context) {
    await super.submit(request, context);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  }
}
const client = new ImageClient(new DyingBackend(openaiOptionsFromEnvironment()), { outputDir: process.argv[1] });
await client.generate({ prompt: 'a lamp', outputPath: 'lamp.png' });
`;

it('resume collects a kept answer without a second request', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  onTestFinished(() => emulator.close());
  const { apiKey, baseURL } = emulator;
  const outputDir = await temporaryFolder();
  const child = spawn(
    process.execPath,
    ['--conditions=@holodeck/source', '--input-type=module', '--eval', dyingProcess, outputDir],
    {
      cwd: resolve(import.meta.dirname, '..'),
      env: { ...process.env, OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_PROFILE: '' },
      stdio: 'inherit',
    },
  );
  const exit: unknown[] = await once(child, 'exit');
  expect(exit).toEqual([null, 'SIGKILL']);
  expect(emulator.ledger).toMatchObject({ submissions: 1, billed: 1 });
  const client = createOpenAIClient({ apiKey, baseURL, outputDir });
  onTestFinished(() => client.close());
  expect(await Array.fromAsync(client.resume())).toMatchObject([{ success: true, source: 'resumed' }]);
  expect(inspectImage(await readFile(join(outputDir, 'lamp.png')))).toMatchObject({ width: 1024, complete: true });
  expect(emulator.ledger).toMatchObject({ submissions: 1, billed: 1 });
});
