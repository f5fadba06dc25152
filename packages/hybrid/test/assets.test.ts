import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paintPng } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { driver, hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const lamp = { id: 'lamp', name: 'lamp', description: 'brass desk lamp' };

it('what a job makes beside its picture stands beside it in the session', async () => {
  const service = new FakeService('one');
  service.extraFiles = { 'mesh.glb': 'a mesh', 'more.glb': 'another', 'shape.obj': 'a shape' };
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [service]);
  const card = await client.generateObjectCard({ sessionId: 's', withoutReference: true, object: lamp });
  const [asset] = (await readManifest(join(outputDir, 's'))).assets;
  for (const { warnings } of [card, asset!]) {
    const [{ message, files = [] } = {}] = warnings.filter((warning) => warning.files !== undefined);
    expect(files.map(({ path, name }) => [path, name])).toEqual([
      ['cards/lamp.glb', 'mesh.glb'],
      [expect.stringMatching(/^cards\/lamp\.[0-9a-f]{8}\.glb$/), 'more.glb'],
      ['cards/lamp.obj', 'shape.obj'],
    ]);
    expect(message).toContain('kept: cards/lamp.glb, cards/lamp.');
    const texts = await Promise.all(files.map(({ path }) => readFile(join(outputDir, 's', path), 'utf8')));
    expect(texts).toEqual(['a mesh', 'another', 'a shape']);
  }
});

describe('what changes is made again', () => {
  it('a changed description: only that card', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    const changed = [objects[0] ?? lamp, { ...lamp, description: 'steel desk lamp' }];
    const [bowl, steel] = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: changed,
    });
    expect(bowl).toMatchObject({ success: true, source: 'resumed' });
    expect(steel).toMatchObject({ success: true, source: 'generated' });
    expect(steel?.warnings.map(({ message }) => message)).toContain('Made again because its description has changed.');
    expect(service.jobs).toHaveLength(3);
    // And back again: the earlier picture is still there, and is not paid for twice.
    const [, brass] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(brass).toMatchObject({ success: true, source: 'resumed' });
    expect(service.jobs).toHaveLength(3);
  });

  it('a changed style: the reference, and every card that follows it', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    await client.generateSceneReference({ ...scene, style: '水彩' });
    await client.generateObjectCards({ sessionId: 's', objects });
    const again = await client.generateSceneReference({ ...scene, style: '版画' });
    expect(again).toMatchObject({ success: true, source: 'generated' });
    const states = (await readManifest(join(outputDir, 's'))).assets.map(({ id, state, staleReason }) => [
      id,
      state,
      staleReason,
    ]);
    expect(states).toEqual([
      ['scene-reference', 'current', undefined],
      ['card/lamp', 'stale', 'the style has changed'],
      ['card/面碗', 'stale', 'the style has changed'],
    ]);
    const cards = await client.generateObjectCards({ sessionId: 's', objects });
    expect(cards.every((card) => card.success && card.source === 'generated' && card.prompt?.includes('版画'))).toBe(
      true,
    );
    expect(service.jobs).toHaveLength(6);
  });

  it('a card that was deleted is put back without paying', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    const [card] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
    await rm(join(outputDir, 's', 'cards', 'lamp.png'));
    const [again] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
    expect(again).toMatchObject({ success: true, source: 'resumed', sha256: card?.success && card.sha256 });
    await readFile(join(outputDir, 's', 'cards', 'lamp.png'));
    expect(service.jobs).toHaveLength(1);
    expect((await readManifest(join(outputDir, 's'))).cost.paidSubmissions).toBe(1);
  });

  it('a failed card is tried again, and its failure is in the manifest until then', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    await client.generateSceneReference(scene);
    service.onSubmit = () => faults.contentPolicy;
    await client.generateObjectCards({ sessionId: 's', objects: [lamp] });
    const failed = (await readManifest(join(outputDir, 's'))).assets.find(({ id }) => id === 'card/lamp');
    expect(failed).toMatchObject({
      state: 'failed',
      path: null,
      error: { kind: 'content-policy', outcome: 'rejected' },
    });
    service.onSubmit = () => undefined;
    await client.generateObjectCards({ sessionId: 's', objects: [lamp] });
    const made = (await readManifest(join(outputDir, 's'))).assets.find(({ id }) => id === 'card/lamp');
    expect(made).toMatchObject({ state: 'current' });
    expect(made?.error).toBeUndefined();
  });
});

describe('regenerate', () => {
  it('makes another picture with a new recorded seed, and keeps what it cost', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    const [card] = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [{ ...lamp, seed: 11 }],
    });
    const session = client.session('s');
    const again = await session.regenerate('lamp');
    expect(card).toMatchObject({ success: true, seed: 11 });
    expect(again).toMatchObject({
      success: true,
      source: 'generated',
      objectId: 'lamp',
      name: 'lamp',
      cost: { paidSubmissions: 2 },
    });
    expect(again.success && again.seed).not.toBe(11);
    const third = await session.regenerate('lamp', { seed: 77 });
    expect(third).toMatchObject({ success: true, seed: 77, cost: { paidSubmissions: 3 } });
    // The card keeps its last picture.
    const [same] = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [{ ...lamp, seed: 11 }],
    });
    expect(same).toMatchObject({ success: true, source: 'resumed', seed: 77 });
    expect(service.jobs.map(({ request }) => request.seed)).toEqual([11, again.success && again.seed, 77]);
  });

  it('continues with the same request after a failure', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
    service.onSubmit = () => faults.contentPolicy;
    await client.session('s').regenerate('lamp');
    expect((await client.session('s').assets)[0]).toMatchObject({ state: 'stale', variation: 1, madeVariation: 0 });
    service.onSubmit = () => undefined;
    await client.session('s').regenerate('lamp');
    expect((await client.session('s').assets)[0]).toMatchObject({ state: 'current', variation: 1, madeVariation: 1 });
  });

  it('of the reference marks the images that follow it as stale', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    await client.generateSceneReference(scene);
    await client.generateObjectCards({ sessionId: 's', objects });
    const result = await client.session('s').regenerateSceneReference();
    expect(result.warnings.map(({ message }) => message).join()).toContain('card/lamp');
    expect((await client.session('s').assets).map(({ state }) => state)).toEqual(['current', 'stale', 'stale']);
  });

  it('refuses unknown assets', async () => {
    const client = hybrid(await outputFolder(), [new FakeService('one')]);
    await expect(client.session('s').regenerate('nothing')).rejects.toMatchObject({
      kind: 'session',
      code: 'not-found',
    });
  });
});

describe('setSceneReference', () => {
  it("takes the caller's picture, which locks nothing and which cards follow", async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    const picture = join(outputDir, 'own.png');
    await writeFile(picture, paintPng({ width: 64, height: 64, prompt: 'own', seed: 1, kind: 'scene' }));
    const session = client.session('s');
    const reference = await session.setSceneReference(picture);
    expect(reference).toMatchObject({
      success: true,
      source: 'imported',
      width: 64,
      path: join(outputDir, 's', 'scene-ref.png'),
    });
    expect(await session.lock).toMatchObject({ state: 'free', epoch: 0 });
    await client.generateObjectCards({ sessionId: 's', objects });
    expect(service.jobs.map(({ request }) => request.references[0]?.sha256)).toEqual([
      reference.sha256,
      reference.sha256,
    ]);
    const other = await session.setSceneReference(
      paintPng({ width: 64, height: 64, prompt: 'other', seed: 2, kind: 'scene' }),
    );
    expect(other.warnings[0]?.message).toContain('card/面碗, card/lamp');
    expect((await session.assets).map(({ state, backend }) => [state, backend])).toEqual([
      ['current', null],
      ['stale', 'one'],
      ['stale', 'one'],
    ]);
  });

  it('survives a change of the backend', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const client = hybrid(await outputFolder(), [first, second], { onLockedBackendDown: 'restart' });
    await client
      .session('s')
      .setSceneReference(paintPng({ width: 64, height: 64, prompt: 'own', seed: 1, kind: 'scene' }));
    await client.generateObjectCards({ sessionId: 's', objects: [lamp] });
    first.onSubmit = () => faults.unreachable;
    await client.generateObjectCards({ sessionId: 's', objects });
    expect((await client.session('s').assets).map(({ state, backend }) => [state, backend])).toEqual([
      ['current', null],
      ['current', 'second'],
      ['current', 'second'],
    ]);
  });

  it.each([
    ['no picture', Buffer.from('hello')],
    ['half a picture', paintPng({ width: 64, height: 64, prompt: 'own', seed: 1, kind: 'scene' }).subarray(0, 200)],
    ['no file', '/nowhere/at/all.png'],
  ])('refuses %s', async (_name, picture) => {
    const client = hybrid(await outputFolder(), [new FakeService('one')]);
    await expect(client.session('s').setSceneReference(picture)).rejects.toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-submitted',
    });
  });
});

it('generateImage makes any other image under the lock', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  first.status = 'down';
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [first, second]);
  const reference = await client.generateSceneReference({ ...scene, style: 'watercolour' });
  first.status = 'ready';
  const session = client.session('s');
  const texture = await session.generateImage({ id: 'floor', prompt: 'a seamless wooden floor', size: '64x64' });
  expect(texture).toMatchObject({
    success: true,
    assetId: 'image/floor',
    backend: 'second',
    path: join(outputDir, 's', 'images', 'floor.png'),
  });
  expect(texture.success && texture.prompt).toBe('a seamless wooden floor. Style: watercolour.');
  expect(second.jobs[1]?.request.references[0]?.sha256).toBe(reference.success && reference.sha256);
  const plain = await session.generateImage({ prompt: 'a wall', followReference: false });
  expect(plain.success).toBe(true);
  expect(second.jobs[2]?.request.references).toEqual([]);
  await expect(session.generateImage({ id: 'Floor', prompt: 'x' })).rejects.toThrow(/differ only in case/);
});

describe('what a backend cannot do', () => {
  it('a seed is dropped with a warning that is recorded', async () => {
    const service = new FakeService('one');
    const backend = service.backend();
    const { seed: _seed, ...capabilities } = backend.capabilities;
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [], { backends: [{ ...backend, capabilities }] });
    const [card] = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [{ ...lamp, seed: 5, size: '32x32' }],
    });
    expect(card?.warnings).toContainEqual({
      code: 'unsupported-option',
      feature: 'seed',
      message: 'one takes no seed; 5 was not sent.',
      messageId: 'hybrid.seed-not-sent',
      params: { backend: 'one', seed: 5 },
    });
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest.assets[0]).toMatchObject({
      seed: null,
      warnings: [{ messageId: 'hybrid.without-reference' }, { feature: 'seed' }],
    });
  });

  it('style and negative prompt are parameters if the backend has them, else part of the prompt, with a warning', async () => {
    const plain = new FakeService('plain');
    const able = new FakeService('able');
    const request = { ...scene, size: '32x32', style: '水彩', negativePrompt: '人物' } as const;
    const folded = await hybrid(await outputFolder(), [plain]).generateSceneReference(request);
    expect(folded.warnings.map(({ feature }) => feature)).toEqual(['style', 'negativePrompt']);
    expect(plain.jobs[0]?.request.prompt).toMatch(/整体画风：水彩。.*画面中不要出现：人物。/);
    const backends = [able.backend({ capabilities: { style: true, maxNegativePromptLength: 500 } })];
    const parameters = await hybrid(await outputFolder(), [], { backends }).generateSceneReference(request);
    expect(parameters.warnings).toEqual([]);
    expect(able.jobs[0]?.request).toMatchObject({ style: '水彩', negativePrompt: '人物' });
    expect(able.jobs[0]?.request.prompt).not.toContain('水彩');
  });

  it('requests transparency if the backend has it', async () => {
    const service = new FakeService('one');
    const backends = [service.backend({ capabilities: { transparentBackground: true, formats: ['png', 'webp'] } })];
    await hybrid(await outputFolder(), [], { backends }).generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [lamp],
    });
    expect(service.jobs[0]?.request).toMatchObject({ background: 'transparent', format: 'png' });
    expect(service.jobs[0]?.request.prompt).toContain('transparent background');
  });

  it('but not if it is a preview that accounts may be refused', async () => {
    const service = new FakeService('one');
    const capabilities = { transparentBackground: true, transparentBackgroundIsPreview: true };
    const backends = [service.backend({ capabilities })];
    await hybrid(await outputFolder(), [], { backends }).generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [lamp],
    });
    expect(service.jobs[0]?.request.background).toBeUndefined();
    expect(service.jobs[0]?.request.prompt).toContain('Plain background');
    const image = { id: 'leaf', prompt: 'a leaf', background: 'transparent' } as const;
    await hybrid(await outputFolder(), [], { backends })
      .session('s')
      .generateImage(image);
    expect(service.jobs[1]?.request.background).toBe('transparent');
  });
});

it('layout "holodeck" also writes the original project\'s file names', async () => {
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [new FakeService('one')], { layout: 'holodeck' });
  await client.generateSceneReference({ ...scene, style: '水彩' });
  await client.generateObjectCards({ sessionId: 's', objects: [lamp] });
  const folder = join(outputDir, 's');
  expect(await readFile(join(folder, 'scene_ref.png'))).toEqual(await readFile(join(folder, 'scene-ref.png')));
  expect(await readFile(join(folder, 'object_cards', 'lamp.png'))).toEqual(
    await readFile(join(folder, 'cards', 'lamp.png')),
  );
  expect(JSON.parse(await readFile(join(folder, 'object_cards', 'lamp.json'), 'utf8'))).toEqual({
    object_id: 'lamp',
    name: 'lamp',
    category: '',
    visual_description: 'brass desk lamp',
    size: '1024x1024',
    style: '水彩',
  });
  expect((await readdir(join(folder, 'object_cards'))).sort()).toEqual(['lamp.json', 'lamp.png']);
});

describe('cost', () => {
  it('maxSubmissions stops before the wire', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service], { maxSubmissions: 2 });
    await client.generateSceneReference(scene);
    const cards = await client.generateObjectCards({ sessionId: 's', objects });
    expect(cards.filter(({ success }) => success)).toHaveLength(1);
    expect(cards.find(({ success }) => !success)).toMatchObject({
      error: { kind: 'budget', outcome: 'not-submitted' },
    });
    expect(service.submissions).toBe(2);
  });

  it('maxCost counts by the price list, and needs a price', async () => {
    const service = new FakeService('one');
    const prices = { one: { perImage: 0.1, currency: 'CNY' } };
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service], { maxCost: 0.2, prices });
    const cards = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [...objects, { id: 'c', name: 'c' }],
    });
    expect(cards.map(({ success }) => success)).toEqual([true, true, false]);
    expect((await readManifest(join(outputDir, 's'))).cost).toEqual({
      paidSubmissions: 2,
      amounts: [{ currency: 'CNY', amount: 0.2 }],
    });
    const unpriced = await hybrid(await outputFolder(), [new FakeService('two')], {
      maxCost: 5,
    }).generateSceneReference(scene);
    expect(unpriced).toMatchObject({ success: false, error: { kind: 'budget' } });
  });

  it('a free refusal does not count', async () => {
    const service = new FakeService('one');
    service.onSubmit = (request) => (request.prompt.includes('面碗') ? faults.contentPolicy : undefined);
    const client = hybrid(await outputFolder(), [service], { maxSubmissions: 1 });
    const cards = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(cards.map(({ success }) => success)).toEqual([false, true]);
  });
});

it('removes files of a killed process, but none that may still be in use', async () => {
  const outputDir = await outputFolder();
  const service = new FakeService('one');
  await hybrid(outputDir, [service]).generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
  const [old, fresh] = ['.0123456789abcdef.tmp', '.fedcba9876543210.tmp'].map((name) =>
    join(outputDir, 's', 'cards', name),
  ) as [string, string];
  await writeFile(old, 'x');
  await writeFile(fresh, 'x');
  await utimes(old, new Date(0), new Date(0));
  await hybrid(outputDir, [service]).generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
  expect((await readdir(join(outputDir, 's', 'cards'))).sort()).toEqual([
    '.fedcba9876543210.tmp',
    'lamp.original.png',
    'lamp.png',
  ]);
});

it('a second paid attempt of a task counts against the limit', async () => {
  const service = new FakeService('one');
  service.onCollect = () => ({ ...faults.failed, retryable: true });
  const client = hybrid(await outputFolder(), [service], {
    maxSubmissions: 1,
    client: { ...driver, maxPaidAttempts: 3 },
  });
  const [card] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects: [lamp] });
  expect(card).toMatchObject({ success: false });
  expect(service.submissions).toBe(1);
});
