import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  mkdirSync(join(workspace.folder, 'folder'));
  writeFileSync(join(workspace.folder, 'file'), 'not a picture');
  const seeds = [{ name: 'lamp', description: 'a brass lamp', seed: -1 }];
  writeFileSync(join(workspace.folder, 'seeds.json'), JSON.stringify(seeds));
  const twins = ['Lamp', 'lamp'].map((id) => ({ id, name: id, description: 'a lamp' }));
  writeFileSync(join(workspace.folder, 'twins.json'), JSON.stringify(twins));
  writeFileSync(join(workspace.folder, 'keys.json'), '{"keys": whsec_a-secret}');
  writeFileSync(join(workspace.folder, 'folders.jsonl'), '{"prompt": "a cup", "out": "cups/"}');
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(workspace.folder, 'pipe')]);
});
afterAll(() => workspace.close());

const unset = { HUNYUAN_SECRET_ID: undefined, HUNYUAN_SECRET_KEY: undefined };

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly exitCode: number;
  readonly message: RegExp;
}

const cases: Case[] = [
  {
    name: 'no credentials',
    args: ['generate', 'a cup'],
    env: unset,
    exitCode: 3,
    message: /HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY are not set/,
  },
  {
    name: 'no credentials for the backend that was asked for',
    args: ['generate', 'a cup', '--backend', 'openai'],
    exitCode: 3,
    message: /openai is not configured.*OPENAI_API_KEY/,
  },
  {
    name: 'placeholder credentials',
    args: ['generate', 'a cup'],
    env: { HUNYUAN_SECRET_ID: 'your_secret_id', HUNYUAN_SECRET_KEY: 'your_secret_key' },
    exitCode: 3,
    message: /are not set/,
  },
  {
    name: 'half of a key pair',
    args: ['generate', 'a cup'],
    env: { HUNYUAN_SECRET_KEY: undefined },
    exitCode: 2,
    message: /HUNYUAN_SECRET_ID is set but HUNYUAN_SECRET_KEY is not set/,
  },
  { name: 'an impossible size', args: ['generate', 'a cup', '--size', '99999x1'], exitCode: 2, message: /99999x1/ },
  {
    name: 'a size that is not a size',
    args: ['generate', 'a cup', '--size', 'big'],
    exitCode: 2,
    message: /1024x1024/,
  },
  { name: 'an empty prompt', args: ['generate', '  '], exitCode: 2, message: /prompt is empty/ },
  { name: 'an over-long prompt', args: ['generate', '猫'.repeat(8193)], exitCode: 2, message: /8193 characters.*8192/ },
  {
    name: 'a reference file that is not there',
    args: ['generate', 'a cup', '--ref', 'none.png'],
    exitCode: 2,
    message: /none\.png cannot be read \(ENOENT\)/,
  },
  {
    name: 'a reference file that is not a picture',
    args: ['generate', 'a cup', '--ref', 'file'],
    exitCode: 2,
    message: /file\) is not a picture/,
  },
  {
    name: 'a file as output folder',
    args: ['generate', 'a cup', '--out', 'file'],
    exitCode: 2,
    message: /file cannot be written \(EEXIST\)\. A part of the path is a file/,
  },
  { name: 'an empty scene', args: ['scene', ' ', '--dry-run'], exitCode: 2, message: /text of the scene is empty/ },
  {
    name: 'an empty style of a scene',
    args: ['scene', 'attic', '--style', '', '--dry-run'],
    exitCode: 2,
    message: /style is empty/,
  },
  {
    name: 'a size of a scene that the backend does not take',
    args: ['scene', 'attic', '--size', '10x10', '--dry-run'],
    exitCode: 2,
    message: /10x10 has a side below/,
  },
  {
    name: 'a negative seed in an objects file',
    args: ['scene', 'attic', '--objects', 'seeds.json'],
    exitCode: 2,
    message: /lamp.*seed.*-1/,
  },
  {
    name: 'ids of objects that differ only in case',
    args: ['scene', 'attic', '--objects', 'twins.json'],
    exitCode: 2,
    message: /differ only in case/,
  },
  ...(
    [
      ['--session', 'a/b', /session id "a\/b"/],
      ['--session', 'con', /reserved/],
      ['--session', '..', /"\.\."/],
      ['--object', ': nothing', /name: description/],
      ['--object', `lamp: ${'x'.repeat(9000)}`, /card "lamp" takes 9\d{3} characters/],
      ['--size', '10x10', /10x10/],
    ] as const
  ).map(([option, value, message]) => ({
    name: `a scene with ${option} ${value.slice(0, 20)}`,
    args: ['scene', 'attic', option, value],
    exitCode: 2,
    message,
  })),
  {
    name: 'an objects file that is not there',
    args: ['scene', 'attic', '--objects', 'none.json'],
    exitCode: 2,
    message: /none\.json cannot be read: ENOENT\n/,
  },
  {
    name: 'a file in place of the output folder',
    args: ['generate', 'a cup', '--out', 'file/deeper'],
    exitCode: 2,
    message: /file\/deeper/,
  },
  { name: 'an unknown option', args: ['generate', 'a cup', '--sede', '7'], exitCode: 2, message: /--sede.*\n.*--seed/ },
  { name: 'a seed that is none', args: ['generate', 'a cup', '--seed', '1.5'], exitCode: 2, message: /integer/ },
  { name: 'an unknown backend', args: ['generate', 'a cup', '--backend', 'dalle'], exitCode: 2, message: /comfyui/ },
  { name: 'an unknown command', args: ['genrate'], exitCode: 2, message: /Did you mean generate/ },
  {
    name: 'the help of an unknown command',
    args: ['help', 'genrate'],
    exitCode: 2,
    message: /^error: unknown command 'genrate'\n\(Did you mean generate\?\)\n$/,
  },
  {
    name: 'the help of an unknown command of a group',
    args: ['help', 'jobs', 'forgt'],
    exitCode: 2,
    message: /^error: unknown command 'forgt'\n\(Did you mean forget\?\)\n$/,
  },
  {
    name: "a group's help of an unknown command",
    args: ['jobs', 'help', 'lst'],
    exitCode: 2,
    message: /^error: unknown command 'lst'\n\(Did you mean list\?\)\n$/,
  },
  {
    name: 'an unknown command of a group',
    args: ['jobs', 'lst'],
    exitCode: 2,
    message: /^error: unknown command 'lst'\n\(Did you mean list\?\)\n$/,
  },
  {
    name: 'an argument too many',
    args: ['jobs', 'list', 'lst'],
    exitCode: 2,
    message: /^error: too many arguments for 'list'\./,
  },
  { name: 'no command', args: [], exitCode: 2, message: /Usage/ },
  {
    name: 'an environment file that is not there',
    args: ['generate', 'a cup', '--dotenv', 'none.env'],
    exitCode: 2,
    message: /none\.env cannot be read/,
  },
  {
    name: 'an unknown name in HOLODECK_BACKENDS',
    args: ['generate', 'a cup'],
    env: { HOLODECK_BACKENDS: 'hunyuan,dalle' },
    exitCode: 2,
    message: /dalle/,
  },
  { name: 'a batch file that is not there', args: ['batch', 'none.jsonl'], exitCode: 2, message: /none\.jsonl/ },
  { name: 'a folder as batch file', args: ['batch', 'folder'], exitCode: 2, message: /EISDIR/ },
  {
    name: 'a session that is not there',
    args: ['resume', 'nothing', '--out', 'folder'],
    exitCode: 2,
    message: /no session nothing/,
  },
  {
    name: 'a folder in a batch file, where a file belongs',
    args: ['batch', 'folders.jsonl'],
    exitCode: 1,
    message: /line 1: The outputPath "cups\/" names a folder/,
  },
  {
    name: 'an empty model',
    args: ['generate', 'a cup', '--backend', 'hunyuan', '--model', ''],
    exitCode: 2,
    message: /--model is ""/,
  },
  {
    name: 'an empty checkpoint',
    args: ['generate', 'a cup', '--backend', 'comfyui', '--checkpoint', ' '],
    exitCode: 2,
    message: /--checkpoint is " "/,
  },
  { name: 'a file as the folder of serve', args: ['serve', '--out', 'file'], exitCode: 2, message: /file.* is a file/ },
  { name: 'a file as the folder of mcp', args: ['mcp', '--out', 'file'], exitCode: 2, message: /file.* is a file/ },
  {
    name: 'an origin that no browser sends',
    args: ['serve', '--cors', 'https://studio.example/', '--port', '0'],
    exitCode: 2,
    message: /"https:\/\/studio.example\/" is not the origin/,
  },
  {
    name: 'keys that are not JSON, which may hold a secret',
    args: ['serve', '--keys', 'keys.json'],
    exitCode: 2,
    message: /^error: The key file keys\.json cannot be used \(it holds no keys\)\. Name another/,
  },
  {
    name: 'a folder for keys that is not there',
    args: ['keys', 'add', 'alice', '--keys', 'nowhere/keys.json'],
    exitCode: 2,
    message: /nowhere\/keys\.json cannot be written \(ENOENT\)/,
  },
  { name: 'a folder without a store', args: ['jobs', '--out', 'nowhere'], exitCode: 2, message: /nowhere/ },
];

/** A pipe without a writer: opening it would wait for ever. */
const pipeReaders: Readonly<Record<string, readonly string[]>> = {
  'a reference': ['generate', 'a cup', '--ref', 'pipe'],
  'an environment file': ['generate', 'a cup', '--dotenv', 'pipe'],
  prices: ['generate', 'a cup', '--prices', 'pipe'],
  'a batch file': ['batch', 'pipe'],
  'an objects file': ['scene', 'an attic', '--objects', 'pipe'],
  'a picture': ['card', 'pipe'],
};
if (process.platform !== 'win32') {
  for (const [name, args] of Object.entries(pipeReaders))
    cases.push({ name: `a pipe as ${name}`, args, exitCode: 2, message: /pipe.*(?:ENOTREG|is not a file)/ });
  const env = { HOLODECK_BACKENDS: 'comfyui', COMFYUI_URL: 'http://127.0.0.1:9', COMFYUI_WORKFLOW: 'pipe' };
  cases.push({ name: 'a pipe as a workflow', args: ['generate', 'a cup'], env, exitCode: 2, message: /pipe.*ENOTREG/ });
}

it.for(cases)('$name', async ({ args, env, exitCode, message }, { expect }) => {
  const run = await workspace.quickRun(args, env);
  expect.soft(run.stderr).toMatch(message);
  expect.soft(run.stdout).toBe('');
  expect.soft(run.stderr).not.toMatch(/\n\s+at /);
  expect.soft(run.stderr).not.toContain(workspace.emulator.credentials.secretKey);
  expect(run.exitCode).toBe(exitCode);
  expect(workspace.emulator.ledger.submissions).toBe(0);
});

// Needs the right to mount; without it the test is skipped.
function mountSmallDisk(path: string): boolean {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('a full disk', async ({ skip }) => {
  const disk = join(workspace.folder, 'disk');
  skip(!mountSmallDisk(disk), 'a small disk cannot be mounted here');
  try {
    const run = await workspace.run(['generate', 'a cup', '--out', 'disk']);
    expect(run.stderr).toMatch(/full|space/i);
    expect(run.exitCode).toBe(2);
    expect(workspace.emulator.ledger.submissions).toBe(0);
  } finally {
    execFileSync('umount', [disk]);
  }
});
