import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compileCache } from '../support/compile-cache.ts';
import { withPackages } from '../support/packages.ts';
import { openWorkspace } from '../cli/support/holodeck.ts';
import type { Workspace } from '../cli/support/holodeck.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const guides = readdirSync(join(root, 'docs', 'guides')).map((name) => `docs/guides/${name}`);

interface Block {
  readonly language: string;
  readonly code: string;
}

function blocksOf(file: string, language?: string): readonly Block[] {
  return [...read(file).matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .map(([, name = '', code = '']) => ({ language: name, code }))
    .filter((block) => language === undefined || block.language === language);
}

/** The command lines in a file, as arguments. */
function holodeckLines(file: string): readonly (readonly string[])[] {
  return blocksOf(file, 'sh')
    .flatMap(({ code }) => code.split('\n'))
    .map((line) => /^(?:pnpm holodeck|holodeck-image) (.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? ''));
}

it('both READMEs show the same code', () => {
  expect(blocksOf('README.zh-CN.md')).toEqual(blocksOf('README.md'));
});

it('both READMEs have at most 120 lines', () => {
  for (const file of ['README.md', 'README.zh-CN.md'])
    expect(read(file).split('\n').length - 1).toBeLessThanOrEqual(120);
});

it('the commands of the quick start exist, with the pinned pnpm', () => {
  const { scripts, packageManager } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    packageManager: string;
  };
  const text = ['README.md', 'CONTRIBUTING.md'].map(read).join('\n');
  const commands = [...text.matchAll(/npx --yes (pnpm@\S+) (?:run )?([\w:]+)/g)];
  expect(commands.length).toBeGreaterThan(5);
  for (const [, pnpm, script = ''] of commands) {
    expect(pnpm).toBe(packageManager);
    expect(Object.keys(scripts)).toContain(script);
  }
});

it('.env.example lists every variable that is read, and sets none', () => {
  const listed = [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)];
  expect(listed.every(([, , value]) => value === '')).toBe(true);
  const names = listed.map(([, name]) => name);
  for (const file of ['README.md', 'README.zh-CN.md', ...guides]) {
    for (const [name] of read(file).matchAll(/\b(?:HUNYUAN|OPENAI|COMFYUI)_[A-Z_]+\b/g)) expect(names).toContain(name);
  }
});

describe('against the emulator', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
    const [tasks] = blocksOf('docs/guides/first-steps.md', 'jsonl');
    writeFileSync(join(workspace.folder, 'tasks.jsonl'), tasks?.code ?? '');
    writeFileSync(join(workspace.folder, 'faults.json'), '[]');
  });
  afterAll(() => workspace.close());

  // Those of README.md: follow-readme.test.ts; of the guides: test/guides.
  it.each(['apps/cli/README.md'])('the commands of %s do what they say', async (file) => {
    for (const args of holodeckLines(file)) {
      if (args[0] === 'emulate') {
        // Another port, because the README's port may be in use here.
        const run = workspace.start(args.map((argument) => (argument === '8700' ? '0' : argument)));
        await run.seen('Emulators run until Ctrl-C');
        run.child.kill('SIGINT');
        const { stdout, exitCode } = await run.finished;
        expect(exitCode).toBe(0);
        expect(stdout).toContain('export HUNYUAN_ENDPOINT=http://127.0.0.1:');
      } else {
        const run = await workspace.run(args);
        expect(run.stderr).not.toContain('error:');
        expect(run.exitCode).toBe(0);
      }
    }
  });

  it.each(blocksOf('README.md', 'ts').map(({ code }, index) => [index + 1, code] as const))(
    'library example %i runs',
    async (_index, code) => {
      // Inside the repository, so that the packages resolve.
      const temporary = join(root, 'test', '.tmp');
      mkdirSync(temporary, { recursive: true });
      const folder = mkdtempSync(join(temporary, 'readme-'));
      const file = join(folder, 'example.ts');
      writeFileSync(file, code);
      try {
        const stdout = await runExample(file, workspace);
        const images = stdout.split(/\s/).filter((word) => word.endsWith('.png'));
        expect(images.length).toBeGreaterThan(0);
        expect(images.every((path) => existsSync(path))).toBe(true);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

function runExample(file: string, { folder, emulator }: Workspace): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...compileCache,
    HOME: folder,
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...withPackages, file], { cwd: folder, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr));
    });
  });
}
