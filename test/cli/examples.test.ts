import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startComfyUIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { examples } from '../../apps/cli/src/examples.ts';
import { ownWorkflow } from './support/own-workflow.ts';
import { openWorkspace } from './support/holodeck.ts';
import { disc, picture } from './support/picture.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let comfyui: ComfyUIEmulator;
beforeAll(async () => {
  workspace = await openWorkspace();
  const models = { checkpoints: ['sd_xl_base_1.0.safetensors'], loras: ['detail.safetensors'] };
  comfyui = await startComfyUIEmulator({ jobMs: 0, models });
  writeFileSync(join(workspace.folder, 'own.json'), JSON.stringify(ownWorkflow));
  writeFileSync(join(workspace.folder, 'tasks.jsonl'), '{"prompt": "a copper kettle", "taskId": "kettle"}\n');
  writeFileSync(join(workspace.folder, 'lamp.png'), await picture(disc()));
  mkdirSync(join(workspace.folder, 'output'));
  // What the examples refer to: an unknown job and a session.
  const fault = { kind: 'reset-after-accept', operation: 'submit', times: 1 } as const;
  workspace.emulator.setFaults([fault]);
  await workspace.quickRun(['batch', 'tasks.jsonl']);
  workspace.emulator.setFaults([]);
  await workspace.quickRun(['scene', 'an attic', '--session', 'attic']);
});
afterAll(() => Promise.all([workspace.close(), comfyui.close()]));

// They need a server, which test/redis starts.
const needsRedis = (command: string): boolean => command.includes('redis://');
// They need batches of OpenAI: see economy.test.ts.
const needsBatches = (command: string): boolean => /--economy|^jobs cancel/.test(command);
// In a sensible order: commands that delete come last.
const order = ['jobs pay-again', 'jobs forget', 'sessions release', 'sessions relock'];
const shown = Object.entries(examples)
  .flatMap(([name, list]) => list.map(({ command }) => [name, command] as const))
  .filter(([, command]) => !needsRedis(command) && !needsBatches(command))
  .toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));

it('every command has an example', async () => {
  const { stdout } = await workspace.quickRun(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)[ \n]/gm)].map(([, name = '']) => name);
  expect(commands).toContain('doctor');
  for (const name of commands.filter((name) => name !== 'help')) expect(Object.keys(examples)).toContain(name);
});

it.each(shown)('the example of "%s" runs: %s', async (_name, command) => {
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  if (args[0] === 'emulate') {
    const run = workspace.start(args.map((argument) => (argument === '8700' ? '0' : argument)));
    await run.seen('Emulators run until Ctrl-C');
    run.child.kill('SIGINT');
    expect(await run.finished).toMatchObject({ exitCode: 0 });
    return;
  }
  if (args[0] === 'serve') {
    const run = workspace.start(args.map((argument) => (argument === '8787' ? '0' : argument)));
    await run.seen('until Ctrl-C');
    run.child.kill('SIGINT');
    expect(await run.finished).toMatchObject({ exitCode: 0 });
    return;
  }
  const env = command.includes('--backend comfyui') ? { COMFYUI_URL: comfyui.url } : {};
  const { exitCode, stderr } = await workspace.quickRun(args, env);
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});
