/**
 * The code in those READMEs that the packages' own tests do not cover. It is run, except for redis, whose code needs several machines
 * and is only type-checked.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inspectImage } from '@holodeck/core/backend';
import { startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import sharp from 'sharp';
import { beforeAll, expect, it, onTestFinished } from 'vitest';

import { compileCache } from '../support/compile-cache.ts';
import { withPackages } from '../support/packages.ts';
import { codeBlocksOf } from '../../scripts/support/readme-blocks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the repository, so that the packages resolve.
const temporary = join(root, 'test', '.tmp');
beforeAll(() => void mkdirSync(temporary, { recursive: true }));

function programsOf(name: string): readonly string[] {
  const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
  return codeBlocksOf(readme).flatMap(({ language, code }) => (language === 'ts' ? code : []));
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(temporary, 'package-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a program in its own folder; if it fails, rejects with its stderr. */
function runProgram(folder: string, code: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const file = join(folder, 'program.ts');
  writeFileSync(file, code);
  const env = { PATH: process.env['PATH'] ?? '', ...compileCache, HOME: folder, ...environment };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...withPackages, file], { cwd: folder, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(stderr));
    });
  });
}

it('ai-sdk: the program makes a picture', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  onTestFinished(() => emulator.close());
  const [program = ''] = programsOf('ai-sdk');
  const said = await runProgram(temporaryFolder(), program, {
    OPENAI_API_KEY: emulator.apiKey,
    OPENAI_BASE_URL: `${emulator.url}/v1`,
  });
  expect(said).toMatch(/^image\/png, \d+ bytes$/);
});

it('hunyuan: the program makes a picture', async () => {
  const emulator = await startHunyuanEmulator({ jobMs: 20 });
  onTestFinished(() => emulator.close());
  const { secretId, secretKey } = emulator.credentials;
  const [program = ''] = programsOf('hunyuan');
  const path = await runProgram(temporaryFolder(), program, {
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
  });
  expect(inspectImage(readFileSync(path))).toMatchObject({ width: 1280, height: 720, complete: true });
});

it('gateway: the program serves an image', async () => {
  const emulator = await startHunyuanEmulator({ jobMs: 20 });
  onTestFinished(() => emulator.close());
  const { secretId, secretKey } = emulator.credentials;
  const [program = ''] = programsOf('gateway');
  const said = await runProgram(temporaryFolder(), program, {
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
  });
  expect(said).toBe('200 true');
});

it('cards: the program cuts the object out of a picture', async () => {
  const folder = temporaryFolder();
  const shape = '<rect width="512" height="512" fill="#dcdcdc"/><circle cx="256" cy="256" r="180" fill="#a01818"/>';
  const svg = `<svg width="512" height="512">${shape}</svg>`;
  await sharp(Buffer.from(svg)).flatten().png().toFile(join(folder, 'lamp.png'));
  const [program = '', ...others] = programsOf('cards');
  expect(others).toEqual([]);
  expect(await runProgram(folder, program)).toBe('passed cut-out, recentre');
  const card = inspectImage(readFileSync(join(folder, 'lamp.card.png')));
  expect(card).toMatchObject({ width: 1024, height: 1024, hasAlpha: true, complete: true });
});

it('emulators: the programs run, and the faults are accepted', async () => {
  const [first = '', faults = '', comfyui = '', ...others] = programsOf('emulators');
  expect(others).toEqual([]);
  expect(await runProgram(temporaryFolder(), first)).toBe('0 0');
  const end = 'await emulator.close();\n';
  expect(first.endsWith(end)).toBe(true);
  await runProgram(temporaryFolder(), first.slice(0, -end.length) + faults + end);
  await runProgram(temporaryFolder(), comfyui + end);
});

it('redis: the programs fit the types', async () => {
  const folder = temporaryFolder();
  const [shared = '', ...programs] = programsOf('redis');
  expect(programs.length).toBeGreaterThan(1);
  for (const [index, program] of programs.entries()) {
    writeFileSync(join(folder, `program-${index}.ts`), `${shared}\n${program}`);
  }
  // Proves that an error would be found.
  writeFileSync(join(folder, 'wrong.ts'), `${shared}\n// @ts-expect-error\nclient.generate(7);\n`);
  const compilerOptions = {
    customConditions: ['@holodeck/source'],
    // As strict as most programs are.
    noUncheckedIndexedAccess: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    composite: false,
    isolatedDeclarations: false,
    noEmit: true,
  };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const output = await new Promise<string>((resolve) => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    execFile(tsc, ['--project', folder], (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  expect(output).toBe('');
});
