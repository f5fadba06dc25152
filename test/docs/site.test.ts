import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { root } from '../../scripts/support/source-files.ts';
import { isLongRun } from '../support/long-runs.ts';

const script = join(root, 'tools', 'docs-site', 'build.ts');

/** Builds the site into `out`; resolves with the exit code and what was printed. */
async function build(out: string, environment: NodeJS.ProcessEnv): Promise<readonly [code: unknown, output: string]> {
  const child = spawn(process.execPath, [script, '--out', out], { env: { ...process.env, ...environment } });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [unknown];
  return [code, output];
}

it.runIf(isLongRun)('the site is built in both languages, the second time without a registry', async () => {
  const out = mkdtempSync(join(tmpdir(), 'site-'));
  try {
    for (const environment of [{}, { npm_config_registry: 'http://127.0.0.1:9/' }]) {
      rmSync(out, { recursive: true });
      const [code, output] = await build(out, environment);
      expect(code, output).toBe(0);
      for (const page of [
        'index.html',
        'zh/index.html',
        'manifest.html',
        'zh/manifest.html',
        'zh/changelog.html',
        'api/index.html',
      ])
        expect(existsSync(join(out, page)), page).toBe(true);
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
