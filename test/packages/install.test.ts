/**
 * The packages as users get them: packed, installed by npm outside the repository, and used by ESM, `require()` and
 * TypeScript, on the oldest Node that they support and on the repository's own.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inspectImage } from '@holodeck/core/backend';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { sampled } from '../support/long-runs.ts';
import { installConsumer } from './support/consumer.ts';
import { undeclaredImports } from './support/imports.ts';
import { provideNode22 } from './support/node-versions.ts';
import { packPackages } from './support/pack-packages.ts';
import { entryPoints, entryPointsWithPeers, neededPeers, publicPackages, root } from './support/public-packages.ts';
import { npmInstall, run } from './support/run.ts';

let folder: string;
const executables: Record<string, string> = { 'this Node': process.execPath };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holodeck-stranger-'));
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  // In turn, because parallel installs are not faster on a small machine.
  executables['Node 22'] = await provideNode22();
  await installConsumer(folder, await packPackages(tarballs));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = (): Record<string, string> => ({ HOME: folder, XDG_STATE_HOME: folder });
const node = (name: string, ...args: readonly string[]): ReturnType<typeof run> =>
  run(executables[name] ?? expect.unreachable(), args, { cwd: folder, env: home() });

it('covers all packages, and Node 22 and 24', async () => {
  expect(publicPackages.map(({ name }) => name).sort()).toEqual(
    readdirSync(join(folder, 'node_modules/@holodeck'))
      .map((name) => `@holodeck/${name}`)
      .sort(),
  );
  expect((await node('Node 22', '--version')).stdout).toMatch(/^v22\./);
  expect((await node('this Node', '--version')).stdout).toMatch(/^v24\./);
});

describe.each(['Node 22', 'this Node'])('%s', (name) => {
  it('import and require give the same exports, without a warning', async () => {
    const imported = await node(name, 'list-exports.mjs', ...entryPoints);
    const required = await node(name, 'list-exports.cjs', ...entryPoints);
    expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
    expect(required).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(required.stdout)).toEqual(JSON.parse(imported.stdout));
    const exported = JSON.parse(imported.stdout) as Record<string, string[]>;
    expect(Object.keys(exported)).toEqual(entryPoints);
    for (const [entry, names] of Object.entries(exported)) expect(names, entry).not.toEqual([]);
  });

  it('a session in ESM', async () => {
    const { exitCode, stdout, stderr } = await node(name, 'session.mjs', name.replace(' ', '-'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/error/i) });
    expect(JSON.parse(stdout)).toEqual({
      assets: [
        ['scene-reference', 'current'],
        ['card/stool', 'current'],
      ],
      schema: 'https://json-schema.org/draft/2020-12/schema',
    });
  });

  it('each backend alone in CommonJS', async () => {
    const { exitCode, stdout, stderr } = await node(name, 'one-image.cjs', `output-cjs-${name.replace(' ', '-')}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/error/i) });
    expect(JSON.parse(stdout)).toEqual({ hunyuan: '1024x1024', openai: '1024x1024', comfyui: '1024x1024' });
  });

  it('the command line, twice at once on one account', async () => {
    const bin = join(folder, 'node_modules', '.bin', 'holodeck-image');
    const { version } = publicPackages.find(({ name }) => name === '@holodeck/cli')?.manifest ?? expect.unreachable();
    expect(await node(name, bin, '--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });

    const emulator = await startHunyuanEmulator({ jobMs: 10 });
    onTestFinished(() => emulator.close());
    const { secretId, secretKey } = emulator.credentials;
    const env = { HUNYUAN_ENDPOINT: emulator.url, HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey };
    const ends = await Promise.all(
      ['one', 'two'].map((image) => {
        const file = join('output-cli', name.replace(' ', '-'), `${image}.png`);
        return run(executables[name] ?? '', [bin, 'generate', image, '--out', file], {
          cwd: folder,
          env: { ...home(), ...env },
        });
      }),
    );
    for (const { exitCode, stdout, stderr } of ends) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/error/i) });
      expect(inspectImage(readFileSync(stdout.trim()))).toMatchObject({ complete: true });
    }
    expect(emulator.ledger).toMatchObject({ accepted: 2, maxConcurrent: 1 });
  });
});

describe('types', () => {
  const compilers = {
    'TypeScript 7': join(root, 'node_modules', '.bin', 'tsc'),
    'TypeScript 6': join(root, 'tools', 'api-reference', 'node_modules', '.bin', 'tsc'),
  };
  // Both compilers and both ways to resolve stay in a sample of two.
  const kinds = [
    // With the packages' own declarations checked too.
    ['TypeScript 7', 'nodenext', []],
    ['TypeScript 7', 'bundler', []],
    ['TypeScript 6', 'bundler', ['--skipLibCheck']],
    ['TypeScript 6', 'nodenext', ['--skipLibCheck']],
  ] as const;
  it.each(sampled(kinds, 2))('%s, %s', async (compiler, resolution, options) => {
    const args = ['--project', `tsconfig.${resolution}.json`, ...options];
    const { exitCode, stdout } = await run(compilers[compiler], args, { cwd: folder });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });
});

it.each(publicPackages.map(({ name }) => name))('%s declares what it imports', async (name) => {
  expect(await undeclaredImports(join(folder, 'node_modules', name))).toEqual([]);
});

it.each(publicPackages.map(({ name }) => name))('%s comes with licence, README and sources, without tests', (name) => {
  const files = readdirSync(join(folder, 'node_modules', name), { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', join('src', 'index.ts'), join('dist', 'index.js')]),
  );
  expect(files.filter((file) => /\.test\.|tsbuildinfo/.test(file) && !file.startsWith('examples'))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  expect(Object.values(manifest.dependencies ?? {}).filter((range) => range.startsWith('workspace:'))).toEqual([]);
});

it('a session works without the packages of services that are not used', async () => {
  const unused = ['@holodeck/openai', '@holodeck/comfyui', 'openai'].map((name) => join(folder, 'node_modules', name));
  for (const path of unused) renameSync(path, `${path}.away`);
  onTestFinished(() => {
    for (const path of unused) renameSync(`${path}.away`, path);
  });
  const emulator = await startHunyuanEmulator({ jobMs: 10 });
  onTestFinished(() => emulator.close());
  const { secretId, secretKey } = emulator.credentials;
  const program = `
    import { createHybridClientFromEnv } from '@holodeck/hybrid';
    const client = createHybridClientFromEnv({ outputDir: 'output-one' });
    const scene = await client.generateSceneReference({ sessionId: 'one', sceneText: '雨夜的面馆' });
    const others = (await client.availability()).filter(({ backend }) => backend !== 'hunyuan');
    console.log(JSON.stringify([scene.success, others.find(({ backend }) => backend === 'openai')]));
    await client.close();`;
  const env = {
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
    OPENAI_API_KEY: 'sk-not-used',
  };
  const { exitCode, stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    env: { ...home(), ...env },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/error/i) });
  const [drawn, openai] = JSON.parse(stdout) as [boolean, unknown];
  expect(drawn).toBe(true);
  expect(JSON.stringify(openai)).toContain('Install @holodeck/openai beside @holodeck/hybrid');
  expect(emulator.ledger).toMatchObject({ accepted: 1 });
});

// Last: from here on the optional peers are there.
describe('with the optional peers', () => {
  beforeAll(() => npmInstall(folder, ...neededPeers));

  it.each(['Node 22', 'this Node'])('%s: import and require', async (name) => {
    const imported = await node(name, 'list-exports.mjs', ...entryPointsWithPeers);
    const required = await node(name, 'list-exports.cjs', ...entryPointsWithPeers);
    expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
    expect(required).toMatchObject({ exitCode: 0, stderr: '', stdout: imported.stdout });
    expect(Object.keys(JSON.parse(imported.stdout) as object)).toEqual(entryPointsWithPeers);
  });
});
