import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startHunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { compileCache } from '../support/compile-cache.ts';
import { withPackages } from '../support/packages.ts';

const script = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));
// For the command line too, which the script starts.
const NODE_OPTIONS = withPackages.join(' ');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holodeck-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, '--out', join(folder, 'output'), ...args],
      { env: { PATH: process.env['PATH'] ?? '', ...compileCache, HOME: folder, NODE_OPTIONS, ...env } },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

it('makes a sample scene on the emulator despite any keys and proxies, and says so', async () => {
  const run = await start([], {
    // None of these may be used, or even reached.
    OPENAI_API_KEY: 'sk-not-to-be-used',
    HUNYUAN_SECRET_ID: 'AKIDNOTTOBEUSED',
    HUNYUAN_SECRET_KEY: 'not-to-be-used',
    HOLODECK_BACKENDS: 'openai',
    http_proxy: 'http://127.0.0.1:9',
    https_proxy: 'http://127.0.0.1:9',
  });
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain('on the EMULATOR of Tencent Hunyuan: no key, no network, no cost');
  const images = run.stdout.split('\n').filter((line) => line.endsWith('.png'));
  expect(images).toHaveLength(6);
  expect(images.every((path) => existsSync(path))).toBe(true);
  const manifestPath = /^Manifest: (.*)$/m.exec(run.stderr)?.[1] ?? '';
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { backend: string; assets: unknown[] };
  expect(manifest.backend).toBe('hunyuan');
  expect(manifest.assets).toHaveLength(6);
});

it('--live shows backend, images and cost, and sends nothing without a yes', async () => {
  const emulator = await startHunyuanEmulator({ jobMs: 20 });
  try {
    const { secretId, secretKey } = emulator.credentials;
    const env = { HUNYUAN_ENDPOINT: emulator.url, HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey };
    const asked = await start(['--live'], env);
    expect(asked.exitCode).toBe(0);
    expect(asked.stdout).toMatch(/Backend: hunyuan.*\n(.*\n)+Images to make: 6\. Estimated cost: about 1\.2 CNY/);
    expect(asked.stdout).toContain('Nothing was sent.');
    expect(emulator.ledger.submissions).toBe(0);
    const sent = await start(['--live', '--yes'], env);
    expect(sent.exitCode).toBe(0);
    expect(emulator.ledger.accepted).toBe(6);
  } finally {
    await emulator.close();
  }
});

it('refuses an unknown option without a stack, and speaks the language of the locale', async () => {
  const wrong = await start(['--liv']);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(/--liv.*\n\npnpm start \[options\]/);
  expect(wrong.stderr).not.toMatch(/\n\s+at /);
  const help = await start(['--help'], { LANG: 'zh_CN.UTF-8' });
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toContain('pnpm start [选项]');
  const live = await start(['--live'], { LANG: 'zh_CN.UTF-8' });
  expect(live.exitCode).toBe(3);
  expect(live.stdout).toContain('在已配置的服务上生成示例场景');
});

it('--live without any service says what to set', async () => {
  const run = await start(['--live']);
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain('HUNYUAN_SECRET_ID');
});

it('an older Node gets one sentence', async () => {
  const check = new URL('../../scripts/check-node.mjs', import.meta.url).href;
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.17.1' } });`;
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `${old} await import(${JSON.stringify(check)});`,
  ]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^This repository needs Node 22\.18 or newer, and this is 22\.17\.1: [^\n]*\n$/);
});
