import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inspectImage } from '@holodeck/core/backend';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './support.ts';

const packageFolder = resolve(import.meta.dirname, '..');
const example = join(packageFolder, 'examples/standalone.ts');

it('shows the example that this test runs', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${await readFile(example, 'utf8')}\`\`\``);
});

it('the example makes an image', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  onTestFinished(() => emulator.close());
  const outputDir = await temporaryFolder();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@holodeck/source', example, outputDir],
    {
      env: {
        ...process.env,
        OPENAI_API_KEY: emulator.apiKey,
        OPENAI_BASE_URL: emulator.baseURL,
        OPENAI_PROFILE: '',
        OPENAI_IMAGE_MODEL: '',
      },
    },
  );
  expect(stdout.trim()).toBe(`${join(outputDir, 'noodle-bar.png')} (1536x1024)`);
  expect(inspectImage(await readFile(join(outputDir, 'noodle-bar.png')))).toMatchObject({
    width: 1536,
    complete: true,
  });
});
