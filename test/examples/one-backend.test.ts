import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inspectImage } from '@holodeck/core/backend';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';

import { compileCache } from '../support/compile-cache.ts';
import { withPackages } from '../support/packages.ts';

interface Service {
  /** The variables that lead to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many images it has been asked for. */
  submissions(): number;
  close(): Promise<void>;
}

const examples: Readonly<Record<string, { readonly size: string; start(): Promise<Service> }>> = {
  hunyuan: {
    size: '1280x720',
    async start() {
      const emulator = await startHunyuanEmulator({ jobMs: 20 });
      const { secretId, secretKey } = emulator.credentials;
      return {
        environment: { HUNYUAN_ENDPOINT: emulator.url, HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey },
        submissions: () => emulator.ledger.submissions,
        close: () => emulator.close(),
      };
    },
  },
  openai: {
    size: '1024x1024',
    async start() {
      const emulator = await startOpenAIEmulator({ imageMs: 20 });
      return {
        environment: { OPENAI_BASE_URL: emulator.baseURL, OPENAI_API_KEY: emulator.apiKey },
        submissions: () => emulator.ledger.submissions,
        close: () => emulator.close(),
      };
    },
  },
  comfyui: {
    size: '512x512',
    async start() {
      const emulator = await startComfyUIEmulator({ jobMs: 20 });
      return {
        environment: { COMFYUI_URL: emulator.url },
        submissions: () => emulator.ledger.submissions,
        close: () => emulator.close(),
      };
    },
  },
};

interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runExample(name: string, folder: string, environment: Readonly<Record<string, string>>): Promise<End> {
  const program = fileURLToPath(new URL(`../../examples/${name}-alone/main.ts`, import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', ...compileCache, HOME: folder, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [...withPackages, program], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it.each(Object.keys(examples))('%s alone: one image, and nothing twice', async (name) => {
  const { size, start } = examples[name] ?? expect.unreachable();
  const service = await start();
  onTestFinished(() => service.close());
  const folder = temporaryFolder();
  const path = join(folder, 'output', 'image.png');
  expect(await runExample(name, folder, service.environment)).toEqual({
    exitCode: 0,
    stdout: `${path} (${size}, generated)\n`,
    stderr: '',
  });
  const { width, height, complete } = inspectImage(readFileSync(path)) ?? expect.unreachable();
  expect({ size: `${width}x${height}`, complete }).toEqual({ size, complete: true });
  const again = await runExample(name, folder, service.environment);
  expect(again).toMatchObject({ exitCode: 0, stderr: '' });
  expect(service.submissions()).toBe(1);
});

it.each([
  ['hunyuan', {}, 'HUNYUAN_SECRET_ID'],
  ['openai', {}, 'OPENAI_API_KEY'],
  // Nothing listens on port 1.
  ['comfyui', { COMFYUI_URL: 'http://127.0.0.1:1' }, 'ComfyUI at 127.0.0.1:1'],
])('%s alone says what is missing, without a stack', async (name, environment, hint) => {
  const folder = temporaryFolder();
  const { exitCode, stdout, stderr } = await runExample(name, folder, environment);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(existsSync(join(folder, 'output', 'image.png'))).toBe(false);
});
