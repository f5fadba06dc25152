import { DatabaseSync } from 'node:sqlite';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startComfyUIEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator, OpenAIEmulator } from '@holodeck/emulators';
import { builtinDefinitions, readBackend } from '@holodeck/hybrid/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';
import { picture } from './support/picture.ts';

let workspace: Workspace;
let openai: OpenAIEmulator;
let comfyui: ComfyUIEmulator;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  workspace = await openWorkspace();
  openai = await startOpenAIEmulator({ imageMs: 20 });
  comfyui = await startComfyUIEmulator({ jobMs: 20 });
  env = { OPENAI_API_KEY: openai.apiKey, OPENAI_BASE_URL: openai.baseURL, COMFYUI_URL: comfyui.url };
});
afterAll(async () => {
  await openai.close();
  await comfyui.close();
  await workspace.close();
});

const run = (...args: readonly string[]) => workspace.quickRun(args, env);
const onOpenAI = (...args: readonly string[]) => run('generate', 'a cup', '--backend', 'openai', '--json', ...args);
const lastBody = () =>
  openai.requests.findLast(({ method }) => method === 'POST')?.parameters as Record<string, unknown>;

describe('on OpenAI', () => {
  it('hands --model, --quality and --option to the service, and the dry run sends nothing', async () => {
    const args = ['--model', 'gpt-image-1.5', '--quality', 'low', '--option', 'moderation=low', '--option', 'user=me'];
    const before = openai.ledger.submissions;
    expect(await onOpenAI(...args, '--dry-run')).toMatchObject({ exitCode: 0 });
    expect(openai.ledger.submissions).toBe(before);
    expect(await onOpenAI(...args)).toMatchObject({ exitCode: 0 });
    expect(lastBody()).toMatchObject({ model: 'gpt-image-1.5', quality: 'low', moderation: 'low', user: 'me' });
    // Another quality is another picture.
    expect(await onOpenAI(...args, '--quality', 'high')).toMatchObject({ exitCode: 0 });
    expect(openai.ledger.submissions).toBe(before + 2);
  });

  it('keeps previews, and says where', async () => {
    const made = await run('generate', 'a lamp', '--backend', 'openai', '--preview', '--out', 'lamp.png');
    expect(made).toMatchObject({ exitCode: 0 });
    const folder = join(workspace.folder, 'previews');
    const [name = ''] = readdirSync(folder);
    expect(made.stderr).toContain(`Preview: previews/${name}`);
    expect(readFileSync(join(folder, name)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('a line of a batch overrides the options', async () => {
    const lines = [{ prompt: 'x' }, { prompt: 'y', providerOptions: { openai: { quality: 'high' } } }];
    writeFileSync(join(workspace.folder, 'quality.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
    const first = openai.requests.length;
    const made = await run('batch', 'quality.jsonl', '--backend', 'openai', '--quality', 'low', '--out', 'q');
    expect(made).toMatchObject({ exitCode: 0 });
    const sent = openai.requests
      .slice(first)
      .map(({ parameters }) => parameters as Record<string, unknown> | undefined);
    const qualities = sent.flatMap((body) =>
      body?.['prompt'] === undefined ? [] : [[body['prompt'], body['quality']]],
    );
    expect(Object.fromEntries(qualities)).toEqual({ x: 'low', y: 'high' });
  });
});

it.each([
  [['generate', 'a', '--backend', 'openai', '--option', 'qualty=low'], /providerOptions\.openai\.qualty is unknown/],
  [['generate', 'a', '--backend', 'openai', '--option', 'quality'], /key=value/],
  [
    ['generate', 'a', '--backend', 'openai', '--option', 'compression=high', '--format', 'webp'],
    /compression.*0 to 100/,
  ],
  [['generate', 'a', '--backend', 'hunyuan', '--preview'], /hunyuan sends no previews/],
  [['generate', 'a', '--model', 'gpt-image-1'], /--model needs a backend/],
  [['generate', 'a', '--timeout', '0'], /between 1 and 86400/],
  [['generate', 'a', '--out', 'g.gif'], /no backend makes \.gif files/],
  [['generate', 'a', '--out', 'g.png', '--format', 'webp'], /g\.png does not end like a webp picture/],
  [['batch', '-', '--queue', 'redis://127.0.0.1:1/0', '--timeout', '3'], /--timeout has no effect: the workers pay/],
] as const)('%j is refused before anything is sent', async (args, message) => {
  const before = openai.ledger.submissions + workspace.emulator.ledger.submissions;
  const refused = await workspace.quickRun(args, env);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(message);
  expect(openai.ledger.submissions + workspace.emulator.ledger.submissions).toBe(before);
});

it('names the lines of a batch that share a taskId or have an unknown extension', async () => {
  const input = ['{"prompt":"a","taskId":"t"}', '{"prompt":"b","taskId":"t"}', '{"prompt":"c","out":"c.gif"}'].join(
    '\n',
  );
  const before = workspace.emulator.ledger.submissions;
  const batch = await workspace.run(['batch', '-', '--backend', 'hunyuan', '--out', 'shared'], { input });
  expect(batch.exitCode).toBe(1);
  expect(batch.stderr).toContain('standard input line 2: an earlier line has the same taskId t.');
  expect(batch.stderr).toContain('standard input line 3: c.gif: no backend makes .gif files.');
  expect(workspace.emulator.ledger.submissions).toBe(before + 1);
});

it('sends a reference in the role of --ref', async () => {
  writeFileSync(join(workspace.folder, 'look.png'), await picture());
  const refused = await run('generate', 'a', '--backend', 'comfyui', '--ref', 'style:look.png');
  expect(refused).toMatchObject({ exitCode: 2 });
  const made = await run('generate', 'a', '--backend', 'comfyui', '--ref', 'init:look.png', '--size', '512x512');
  expect(made).toMatchObject({ exitCode: 0 });
});

it('makes a scene on the backend that --backend names', async () => {
  const scene = await run('scene', 'an attic', '--backend', 'openai', '--dry-run', '--json');
  expect(scene.json()[0]).toMatchObject({ backend: 'openai' });
});

it('lists what --option takes, and the backends take just that', async () => {
  const help = await workspace.quickRun(['generate', '--help']);
  for (const definition of await builtinDefinitions()) {
    const { name, requestOptions = [] } = definition;
    expect(help.stdout).toContain(`  ${name}: ${requestOptions[0]}`);
    const reading = await readBackend(definition, {
      ...env,
      HUNYUAN_SECRET_ID: 'AKIDtest',
      HUNYUAN_SECRET_KEY: 'test',
      HUNYUAN_API: '2023-09-01',
      ...(name === 'openai' ? { OPENAI_API_KEY: 'sk-test' } : {}),
    });
    if (reading.status !== 'configured') throw new Error(`${name} is ${reading.status}`);
    const backend = await reading.setup.create();
    const problemsWith = (option: string) => {
      const request = { prompt: 'a', size: { width: 1024, height: 1024 }, count: 1, references: [] };
      const problems = backend.capabilities.validate?.({ ...request, providerOptions: { [option]: undefined } }) ?? [];
      return problems.map((problem) => (typeof problem === 'string' ? problem : problem.message)).join(' ');
    };
    expect(problemsWith('none')).toContain('none');
    // These belong to another profile, and to another API.
    const others = ['responseFormat', 'footnote'];
    const names = requestOptions.map((option) => option.split('=')[0] ?? '').filter((one) => !others.includes(one));
    for (const option of names) expect(problemsWith(option), `${name} ${option}`).toBe('');
    await backend.close();
  }
});

it('jobs names a row that is damaged, lists the others, and forgets it', async () => {
  const input = '{"prompt":"a","taskId":"whole"}\n{"prompt":"b","taskId":"broken"}';
  await workspace.run(['batch', '-', '--backend', 'hunyuan', '--out', 'rows'], { input });
  const database = new DatabaseSync(join(workspace.folder, 'rows', '.holodeck', 'store.sqlite'));
  database.exec(`UPDATE tasks SET request = '{"prompt' WHERE taskId = 'broken'`);
  database.close();
  const jobs = await workspace.quickRun(['jobs', 'list', '--all', '--out', 'rows', '--json']);
  expect(jobs.exitCode).toBe(1);
  expect(jobs.json().map((row) => row['taskId'])).toEqual(['whole']);
  expect(jobs.stderr).toMatch(/error: The store's row of broken \(tasks\) is damaged: .*"jobs forget broken"/);
  expect(await workspace.quickRun(['jobs', 'forget', 'broken', '--out', 'rows'])).toMatchObject({ exitCode: 0 });
  // As of a variable that is not set: every id begins with it.
  expect(await workspace.quickRun(['jobs', 'forget', '', '--out', 'rows'])).toMatchObject({ exitCode: 2 });
  const rest = await workspace.quickRun(['jobs', 'list', '--all', '--out', 'rows', '--json']);
  expect([rest.exitCode, rest.json().length]).toEqual([0, 1]);
});
