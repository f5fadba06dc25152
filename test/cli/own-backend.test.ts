import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { PostcardServer } from '../../packages/conformance/examples/postcard-server.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

const definition = fileURLToPath(
  new URL('../../packages/conformance/examples/postcard-definition.ts', import.meta.url),
);

// The machine may be busy.
const patientDoctor = ['doctor', '--timeout-ms', '60000'];

let workspace: Workspace;
let server: PostcardServer;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  workspace = await openWorkspace();
  server = await new PostcardServer().start();
  env = { HOLODECK_BACKENDS: `${definition},hunyuan`, POSTCARD_URL: server.url, POSTCARD_KEY: server.key };
});
afterAll(async () => {
  server.close();
  await workspace.close();
});

it('doctor shows a module from HOLODECK_BACKENDS, as absent until it is configured', async () => {
  const ready = await workspace.quickRun([...patientDoctor, '--json'], env);
  expect(ready).toMatchObject({ exitCode: 0 });
  expect(ready.json()).toMatchObject([
    { labels: { producer: null } },
    { backend: 'hunyuan', status: 'ready' },
    { backend: 'openai', status: 'not-configured' },
    { backend: 'comfyui', status: 'not-configured' },
    { backend: 'postcard', status: 'ready', route: { way: 'loopback' } },
  ]);
  const absent = await workspace.quickRun([...patientDoctor, '--lang', 'zh'], { ...env, POSTCARD_KEY: '<key>' });
  expect(absent.stdout).toContain('未设置 POSTCARD_URL 和 POSTCARD_KEY');
});

it('generate uses it by name, without asking another backend', async () => {
  const args = ['generate', 'a cup', '--backend', 'postcard', '--out', 'cup.png', '--json'];
  const named = await workspace.quickRun(args, env);
  expect(named).toMatchObject({ exitCode: 0 });
  expect(named.json()).toMatchObject([{ success: true, backend: 'postcard' }]);
  expect([server.posts, workspace.emulator.ledger.submissions]).toEqual([1, 0]);
});

it('plans and limits use its own price', async () => {
  const plan = await workspace.quickRun(['generate', 'a plate', '--backend', 'postcard', '--dry-run', '--json'], env);
  expect(plan.stdout).toContain('"currency":"EUR"');
  const before = server.posts;
  const dear = await workspace.quickRun(['generate', 'a plate', '--backend', 'postcard', '--max-cost', '0.4EUR'], env);
  expect(dear).toMatchObject({ exitCode: 2 });
  expect(server.posts).toBe(before);
});

it('scene makes a session with it', async () => {
  const args = ['scene', 'a noodle bar', '--session', 'bar', '--object', 'stool: a stool', '--json'];
  const { stdout, stderr } = await workspace.quickRun(args, env);
  // Its pictures have one colour: the card fails the gate, but the scene is fine.
  expect(stdout, stderr).toMatch(/"backend":"postcard"/);
  const shown = await workspace.quickRun(['sessions', 'show', 'bar', '--json'], env);
  expect(shown.json()).toMatchObject([{ sessionId: 'bar', backend: 'postcard', state: 'locked' }]);
});

it('every command refuses a module that is not a backend, also in Chinese, and doctor reports it', async () => {
  writeFileSync(join(workspace.folder, 'empty.mjs'), '');
  const broken = { HOLODECK_BACKENDS: 'hunyuan,./empty.mjs' };
  const refused = await workspace.quickRun(['generate', 'a cup', '--backend', 'hunyuan', '--lang', 'zh'], broken);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain('HOLODECK_BACKENDS 中的 ./empty.mjs 不是后端：它没有导出 `definition`。');
  const doctor = await workspace.quickRun([...patientDoctor, '--json'], broken);
  expect(doctor).toMatchObject({ exitCode: 2 });
  expect(doctor.json().at(-1)).toMatchObject({ backend: './empty.mjs', status: 'misconfigured' });
  expect(workspace.emulator.ledger.submissions).toBe(0);
});

it('doctor reports an unknown entry with the name that was meant, and checks the others', async () => {
  const run = await workspace.quickRun(patientDoctor, { HOLODECK_BACKENDS: 'hunyaun' });
  expect(run).toMatchObject({ exitCode: 2 });
  expect(run.stdout).toMatch(/hunyuan .*: ready\./);
  expect(run.stdout).toMatch(/hunyaun: misconfigured\. .*"hunyaun", which is not known.*\n\(Did you mean hunyuan\?\)/);
  const named = await workspace.quickRun(['generate', 'a cup', '--backend', 'hunyaun']);
  expect(named).toMatchObject({ exitCode: 2 });
  expect(named.stderr).toMatch(/'hunyaun' is invalid. Allowed: auto, hunyuan.*\n\(Did you mean hunyuan\?\)/);
});

it('what needs no backend runs although an entry leads to none, and says so where backends matter', async () => {
  const broken = { HOLODECK_BACKENDS: 'hunyaun,hunyuan' };
  expect(await workspace.quickRun(['scene', 'an attic', '--session', 'attic', '--out', 'rooms'])).toMatchObject({
    exitCode: 0,
  });
  const [help, jobs, sessions, resume, release] = await Promise.all(
    [
      ['--help'],
      ['jobs', '--out', 'rooms'],
      ['sessions', '--out', 'rooms'],
      ['resume', '--out', 'rooms'],
      ['sessions', 'release', 'attic', '--discard-assets', '--out', 'rooms'],
    ].map((args) => workspace.quickRun(args, broken)),
  );
  expect([help, jobs, sessions, resume, release].map((run) => run?.exitCode)).toEqual([0, 0, 0, 0, 0]);
  for (const run of [resume, release]) expect(run?.stderr).toMatch(/warning: .*hunyaun/);
});
