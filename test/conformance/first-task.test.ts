import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);

/** A process that makes one image. It prints in order what it loads and what happens to its task. */
const program = `
import { registerHooks } from 'node:module';
const seen = [];
const [name, sdk, options, outputDir] = JSON.parse(process.argv[1]);
registerHooks({
  resolve(asked, context, next) {
    if (asked === sdk && !seen.includes('SDK')) seen.push('SDK');
    return next(asked, context);
  },
});
const { ImageClient } = await import('@holodeck/core');
const backend = await import('@holodeck/' + name);
const create = backend.createHunyuanBackend ?? backend.createOpenAIBackend;
const client = new ImageClient(create(options), { outputDir, beforeSubmit: () => void seen.push('submission starts') });
seen.push('client created');
const result = await client.generate({ prompt: 'a cat' });
await client.close();
console.log(JSON.stringify([...seen, result.success ? 'done' : result.error.message]));
`;

async function makeFirstImage(name: string, sdk: string, options: object): Promise<unknown> {
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-first-'));
  try {
    const argument = JSON.stringify([name, sdk, options, outputDir]);
    const flags = ['--conditions=@holodeck/source', '--input-type=module', '--eval', program];
    const { stdout } = await run(process.execPath, [...flags, argument], { cwd: import.meta.dirname });
    return JSON.parse(stdout);
  } finally {
    await rm(outputDir, { recursive: true, force: true });
  }
}

const expected = ['client created', 'SDK', 'submission starts', 'done'];

it('the SDK of Hunyuan loads before the submission of the first task, and not with the package', async () => {
  const { url, credentials, close } = await startHunyuanEmulator({ jobMs: 1 });
  onTestFinished(close);
  const { secretId, secretKey } = credentials;
  const options = { endpoint: url, secretId, secretKey };
  expect(await makeFirstImage('hunyuan', 'tencentcloud-sdk-nodejs-common', options)).toEqual(expected);
});

it('the SDK of OpenAI loads before the submission of the first task, and not with the package', async () => {
  const { baseURL, apiKey, close } = await startOpenAIEmulator();
  onTestFinished(close);
  expect(await makeFirstImage('openai', 'openai', { baseURL, apiKey })).toEqual(expected);
});
