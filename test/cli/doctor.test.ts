import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('reports the state of every backend and what to do, for free', async () => {
  const run = await workspace.quickRun(['doctor', '--json']);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.json()).toMatchObject([
    { labels: { producer: null } },
    { backend: 'hunyuan', configured: true, status: 'ready' },
    {
      backend: 'openai',
      configured: false,
      status: 'not-configured',
      message: expect.stringContaining('OPENAI_API_KEY'),
    },
    {
      backend: 'comfyui',
      configured: false,
      status: 'not-configured',
      message: expect.stringContaining('COMFYUI_URL'),
    },
  ]);
  expect(workspace.emulator.ledger.submissions).toBe(0);
});

it('says whether a producer of labels is set', async () => {
  const without = await workspace.quickRun(['doctor']);
  expect(without.stdout).toMatch(/^Labels: no producer is set, .*HOLODECK_LABEL_PRODUCER/m);
  const run = await workspace.quickRun(['doctor'], { HOLODECK_LABEL_PRODUCER: 'A Studio' });
  expect(run.stdout).toMatch(/^Labels: .*"A Studio"/m);
  const json = await workspace.quickRun(['doctor', '--json'], { HOLODECK_LABEL_PRODUCER: 'A Studio' });
  expect(json.json()[0]).toEqual({ labels: { producer: 'A Studio' } });
});

it('distinguishes a wrong key, half a pair and a dead address', async () => {
  const wrong = await workspace.quickRun(['doctor'], { HUNYUAN_SECRET_KEY: 'wrong-key-wrong-key' });
  expect(wrong.exitCode).toBe(3);
  expect(wrong.stdout).toMatch(/hunyuan .*: down\..*\n {2}to do: /);
  expect(wrong.stdout + wrong.stderr).not.toContain('wrong-key-wrong-key');
  const half = await workspace.quickRun(['doctor'], { HUNYUAN_SECRET_ID: undefined });
  expect(half.stdout).toMatch(/hunyuan: misconfigured\. .*HUNYUAN_SECRET_ID/);
  const dead = await workspace.quickRun(['doctor'], { HUNYUAN_ENDPOINT: 'http://127.0.0.1:9' });
  expect(dead.stdout).toMatch(/hunyuan .*: down\./);
  // It is configured, so copying .env.example would not help.
  expect(dead.stderr).toContain('No backend is available. Correct what');
});

it('shows proxies without their passwords, and does not use them for loopback', async () => {
  const env = { http_proxy: 'http://user:hidden@127.0.0.1:9', HTTPS_PROXY: 'http://user:hidden@127.0.0.1:9' };
  const run = await workspace.quickRun(['doctor'], env);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.stdout).toContain('http_proxy: 127.0.0.1:9');
  expect(run.stdout).not.toContain('hidden');
});
