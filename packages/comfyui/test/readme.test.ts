import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { compileCache } from '../../../test/support/compile-cache.ts';
import { pngSize } from './support/harness.ts';

const folder = join(import.meta.dirname, '..');
const example = join(folder, 'examples/standalone.ts');

it('the README shows the example as it is', () => {
  const [, code] = /```ts\n([^]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8'))!;
  expect(code).toBe(readFileSync(example, 'utf8'));
});

it('the example runs with nothing but COMFYUI_URL', async () => {
  const emulator = await startComfyUIEmulator({ jobMs: 0 });
  const output = mkdtempSync(join(tmpdir(), 'comfyui-example-'));
  try {
    const environment = { PATH: process.env['PATH'], ...compileCache, COMFYUI_URL: emulator.url };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--conditions=@holodeck/source', example, output], {
      env: environment,
      cwd: folder,
    });
    expect(stdout).toMatch(/noodle-bar\.png \(512x512, seed \d+\)/);
    expect(pngSize(readFileSync(join(output, 'noodle-bar.png')))).toEqual([512, 512]);
  } finally {
    await emulator.close();
    rmSync(output, { recursive: true });
  }
});
