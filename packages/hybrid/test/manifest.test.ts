import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../src/index.ts';
import { readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const schema = createRequire(import.meta.url)('../manifest.schema.json') as object;
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile<Manifest>(schema);

/** A session with current, failed, stale and superseded images. */
async function eventfulSession(outputDir: string): Promise<readonly FakeService[]> {
  const services = [new FakeService('first'), new FakeService('second')] as const;
  const [first] = services;
  const client = hybrid(outputDir, services);
  await client.generateSceneReference({ ...scene, style: '水彩', negativePrompt: '人物' });
  await client.generateObjectCards({ sessionId: 's', objects });
  first.onSubmit = () => faults.contentPolicy;
  await client.generateObjectCards({ sessionId: 's', objects: [{ id: 'bad', name: 'bad' }] });
  await client.session('s').regenerate('lamp');
  first.onSubmit = () => undefined;
  await client.close();
  return services;
}

it('fits the published schema', async () => {
  const outputDir = await outputFolder();
  await eventfulSession(outputDir);
  const written: unknown = JSON.parse(await readFile(join(outputDir, 's', 'manifest.json'), 'utf8'));
  validate(written);
  expect(validate.errors).toBeNull();
  const manifest = await readManifest(join(outputDir, 's'));
  expect(manifest).toEqual(written);
  expect(manifest.assets.map(({ id, state }) => [id, state])).toEqual([
    ['scene-reference', 'current'],
    ['card/bad', 'failed'],
    ['card/lamp', 'stale'],
    ['card/面碗', 'current'],
  ]);
});

it('the schema refuses what is not a manifest', async () => {
  const outputDir = await outputFolder();
  await eventfulSession(outputDir);
  const manifest = await readManifest(join(outputDir, 's'));
  const [asset] = manifest.assets;
  const broken: unknown[] = [
    {},
    { ...manifest, version: 2 },
    { ...manifest, state: 'open' },
    { ...manifest, assets: [{ ...asset, path: '../../etc/passwd' }] },
    { ...manifest, assets: [{ ...asset, path: '/etc/passwd' }] },
    { ...manifest, assets: [{ ...asset, sha256: 'abc' }] },
  ];
  expect(broken.map((value) => validate(value))).toEqual(broken.map(() => false));
});

it.each([
  ['missing', (file: string) => rm(file)],
  ['damaged', (file: string) => truncate(file, 100)],
  ['older than the records', (file: string) => copyFile(`${file}.older`, file)],
])('is written again by a run that finds every asset in place, if it is %s', async (_state, spoil) => {
  const outputDir = await outputFolder();
  const service = new FakeService('first');
  const client = hybrid(outputDir, [service]);
  const file = join(outputDir, 's', 'manifest.json');
  await client.generateSceneReference(scene);
  await copyFile(file, `${file}.older`);
  await client.generateObjectCards({ sessionId: 's', objects });
  const before = await readManifest(join(outputDir, 's'));
  await spoil(file);
  const paid = service.jobs.length;
  await client.generateObjectCards({ sessionId: 's', objects });
  const after = await readManifest(join(outputDir, 's'));
  expect(after.assets).toEqual(before.assets);
  expect(after.revision).toBeGreaterThan(before.revision);
  expect(service.jobs.length).toBe(paid);
  await client.close();
});

describe('a session whose rows are missing', () => {
  it('is adopted from its folder: nothing is paid again, and the lock holds', async () => {
    const outputDir = await outputFolder();
    const services = await eventfulSession(outputDir);
    const before = await readManifest(join(outputDir, 's'));
    await rm(join(outputDir, '.holodeck'), { recursive: true });
    const [first, second] = services as [FakeService, FakeService];
    const paid = first.jobs.length;
    const client = hybrid(outputDir, [second, first]);
    const reference = await client.generateSceneReference({ ...scene, style: '水彩', negativePrompt: '人物' });
    const [bowl] = await client.generateObjectCards({ sessionId: 's', objects: objects.slice(0, 1) });
    expect([reference, bowl].map((result) => result?.success && result.source)).toEqual(['resumed', 'resumed']);
    expect(first.jobs).toHaveLength(paid);
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', backend: 'first', epoch: before.epoch });
    const after = await readManifest(join(outputDir, 's'));
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.assets).toEqual(before.assets);
  });

  it('marks changed files as stale', async () => {
    const outputDir = await outputFolder();
    const [first] = await eventfulSession(outputDir);
    await rm(join(outputDir, '.holodeck'), { recursive: true });
    await writeFile(join(outputDir, 's', 'cards', '面碗.png'), 'scribble');
    const client = hybrid(outputDir, [first as FakeService]);
    const assets = await client.session('s').assets;
    expect(assets.find(({ id }) => id === 'card/面碗')).toMatchObject({
      state: 'stale',
      staleReason: 'its file is missing or has changed',
    });
    expect(assets[0]).toMatchObject({ state: 'current' });
  });

  it('is refused if the folder belongs to another session or its manifest is broken', async () => {
    const outputDir = await outputFolder();
    const [first] = await eventfulSession(outputDir);
    const text = await readFile(join(outputDir, 's', 'manifest.json'), 'utf8');
    const client = hybrid(outputDir, [first as FakeService]);
    await mkdir(join(outputDir, 'other'));
    await writeFile(join(outputDir, 'other', 'manifest.json'), text);
    await expect(client.generateSceneReference({ ...scene, sessionId: 'other' })).rejects.toMatchObject({
      kind: 'session',
      code: 'adoption-refused',
    });
    await mkdir(join(outputDir, 'broken'));
    await writeFile(join(outputDir, 'broken', 'manifest.json'), text.slice(0, 100));
    await expect(client.generateSceneReference({ ...scene, sessionId: 'broken' })).rejects.toThrow(/not valid JSON/);
    if (process.platform === 'win32') return;
    await mkdir(join(outputDir, 'piped'));
    execFileSync('mkfifo', [join(outputDir, 'piped', 'manifest.json')]);
    const piped = client.generateSceneReference({ ...scene, sessionId: 'piped' });
    await expect(piped).rejects.toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
  });
});

describe('a hostile manifest', () => {
  it.each([
    ['an id that leads out of the folder', (objectId: string) => ({ objectId: `../../${objectId}` })],
    ['an id of a device', () => ({ objectId: 'con' })],
    ['no id', () => ({ objectId: undefined })],
    ['the id of another object', () => ({ objectId: 'elsewhere' })],
  ])('is refused: %s', async (_what, change) => {
    const outputDir = await outputFolder();
    await eventfulSession(outputDir);
    const file = join(outputDir, 's', 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    const assets = manifest.assets.map((asset) =>
      asset.spec.kind === 'card' ? { ...asset, spec: { ...asset.spec, ...change(asset.spec.objectId) } } : asset,
    );
    await writeFile(file, JSON.stringify({ ...manifest, assets }));
    await rm(join(outputDir, '.holodeck'), { recursive: true });
    const client = hybrid(outputDir, [new FakeService('first')]);
    await expect(client.generateSceneReference(scene)).rejects.toMatchObject({ kind: 'invalid-request' });
    await expect(readManifest(file)).rejects.toThrow(/assets\[1\]/);
  });
});

describe('readManifest', () => {
  it.each([
    ['[]', /no JSON object/],
    ['{', /not valid JSON/],
    ['{"version":2}', /Update @holodeck\/hybrid/],
    ['{"version":"1"}', /"version" is not 1/],
    ['{"version":1,"sessionId":"s"}', /"revision"/],
  ])('refuses %s', async (text, message) => {
    const folder = await outputFolder();
    await writeFile(join(folder, 'manifest.json'), text);
    await expect(readManifest(folder)).rejects.toThrow(message);
    await expect(readManifest(join(folder, 'manifest.json'))).rejects.toMatchObject({ kind: 'invalid-request' });
  });

  it('says when there is none', async () => {
    await expect(readManifest(await outputFolder())).rejects.toMatchObject({ kind: 'session', code: 'not-found' });
  });

  it('reads a file with a byte-order mark', async () => {
    const outputDir = await outputFolder();
    await eventfulSession(outputDir);
    const file = join(outputDir, 's', 'manifest.json');
    await writeFile(file, `\uFEFF${await readFile(file, 'utf8')}`);
    expect((await readManifest(file)).sessionId).toBe('s');
  });
});
