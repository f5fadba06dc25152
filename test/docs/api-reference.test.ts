import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { entryPoints, entryPointsWithPeers } from '../packages/support/public-packages.ts';

const script = fileURLToPath(new URL('../../tools/api-reference/build.ts', import.meta.url));

it('the API reference is built without a warning, with every entry point and every export', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-api-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--out', folder]);
  expect(stdout + stderr).not.toMatch(/warning|error/i);
  const modules = readFileSync(join(folder, 'modules.html'), 'utf8');
  for (const entry of [...entryPoints, ...entryPointsWithPeers]) expect(modules).toContain(`>${entry}<`);
  for (const name of [
    'createHunyuanClient',
    'createOpenAIClient',
    'createComfyUIClient',
    'createHybridClientFromEnv',
  ]) {
    expect(readFileSync(join(folder, 'functions', `_holodeck_${packageOf(name)}.${name}.html`), 'utf8')).toContain(
      name,
    );
  }
});

function packageOf(factory: string): string {
  return /^create(Hunyuan|OpenAI|ComfyUI|Hybrid)/.exec(factory)?.[1]?.toLowerCase() ?? '';
}
