import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { paintPng } from '@holodeck/emulators';
import { Ajv2020 } from 'ajv/dist/2020.js';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../src/index.ts';
import type { CardView, HybridClient, Manifest, ObjectCardResult } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const schema = createRequire(import.meta.url)('../manifest.schema.json') as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile<Manifest>(schema);

const views: readonly CardView[] = ['front', 'left', 'back', 'right'];
const lamp = { id: 'lamp', name: 'lamp', size: '512x512' };
const request = { sessionId: 's', withoutReference: true, objects: [lamp], views };

/** A lamp whose arm points to one side, as a drawing on a plain ground. */
async function drawLamp(arm: 'left' | 'right'): Promise<Buffer> {
  const x = arm === 'left' ? 120 : 240;
  const shapes = `<rect x="240" y="60" width="32" height="390" fill="#203a70"/><rect x="${x}" y="60" width="152" height="60" fill="#203a70"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="512" fill="#eeeeee"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

const drawings: Record<'left' | 'right', Uint8Array> = { left: new Uint8Array(), right: new Uint8Array() };
beforeAll(async () => {
  [drawings.left, drawings.right] = await Promise.all([drawLamp('left'), drawLamp('right')]);
});

const words = { left: 'left-hand side', back: 'from behind', right: 'right-hand side' };

/** The view that a prompt asks for. */
function viewOf(prompt: string): CardView {
  const found = Object.entries(words).find(([, text]) => prompt.includes(text));
  return (found?.[0] ?? 'front') as CardView;
}

/** A service that draws the lamp's arm on this side in each view. */
function drawingService(arms: Readonly<Record<CardView, 'left' | 'right'>>): FakeService {
  const service = new FakeService('one');
  service.picture = ({ prompt }) => drawings[arms[viewOf(prompt)]];
  return service;
}

const mirrored = { front: 'left', left: 'left', back: 'right', right: 'right' } as const;

function made(cards: readonly ObjectCardResult[]): string[] {
  return cards.map((card) => `${card.view} ${card.success ? card.source : card.error.code}`);
}

function viewsOfJobs({ jobs }: FakeService): CardView[] {
  return jobs.map(({ request: { prompt } }) => viewOf(prompt));
}

async function start(service: FakeService, outputDir?: string): Promise<HybridClient> {
  return hybrid(outputDir ?? (await outputFolder()), [service], { cards: { side: 512 } });
}

describe('outlines of opposite sides', () => {
  it('that are mirror images agree', async () => {
    const outputDir = await outputFolder();
    const cards = await (await start(drawingService(mirrored), outputDir)).generateObjectCards(request);
    const [, left, back, right] = cards;
    expect(left).toMatchObject({ fits: [{ view: 'front', heights: 1 }] });
    expect(back).toMatchObject({ fits: [{ view: 'front', heights: 1, mirror: expect.closeTo(1, 1) }] });
    expect(right).toMatchObject({ fits: [{ view: 'front' }, { view: 'left', mirror: expect.closeTo(1, 1) }] });
    expect(cards.flatMap(({ warnings }) => warnings.filter(({ feature }) => feature === 'views'))).toEqual([]);
    expect((await readManifest(join(outputDir, 's'))).views).toMatchObject([{ mirror: expect.closeTo(1, 1) }]);
  });

  it('that are not are warned of, until one of them is made again', async () => {
    const outputDir = await outputFolder();
    const service = drawingService({ ...mirrored, right: 'left' });
    const client = await start(service, outputDir);
    const [, , , right] = await client.generateObjectCards(request);
    // The arm of 120x60 lies on either side of the post of 32x390, whose box has the arm's width.
    const mirror = right?.success ? right.fits?.find(({ view }) => view === 'left')?.mirror : undefined;
    expect(mirror).toBeGreaterThan(0.05);
    expect(mirror).toBeLessThan(0.4);
    const warned = right?.warnings.find(({ feature }) => feature === 'views');
    expect(warned?.message).toMatch(/right view is not the mirror image of the left view: they agree to \d+ percent/);
    expect((await readManifest(join(outputDir, 's'))).views?.[0]?.mirror).toBe(mirror);

    service.picture = () => drawings.right;
    const again = await client.session('s').regenerate('lamp', { view: 'right' });
    expect(again).toMatchObject({ success: true, view: 'right', attempts: 1 });
    expect(again.success && again.fits?.[1]?.mirror).toBeCloseTo(1, 1);
    expect((await readManifest(join(outputDir, 's'))).views?.[0]?.mirror).toBeCloseTo(1, 1);
  });
});

describe('a view follows its front card', () => {
  it('and is made again when that is', async () => {
    const service = drawingService(mirrored);
    const client = await start(service);
    expect(made(await client.generateObjectCards({ ...request, views: ['right', 'front'] }))).toEqual([
      'front generated',
      'right generated',
    ]);
    service.picture = ({ prompt }) => drawings[viewOf(prompt) === 'front' ? 'right' : 'left'];
    const front = await client.session('s').regenerate('lamp');
    expect(front.warnings.map(({ message }) => message).join(' ')).toContain('these views are stale: card/lamp/right.');
    expect(made(await client.generateObjectCards(request))).toEqual([
      'front resumed',
      'left generated',
      'back generated',
      'right generated',
    ]);
    expect(viewsOfJobs(service).slice(0, 3)).toEqual(['front', 'right', 'front']);
    expect(viewsOfJobs(service).slice(3).sort()).toEqual(['back', 'left', 'right']);
    // Nobody asked for views here: those that are there stay.
    expect(made(await client.generateObjectCards({ ...request, views: ['front'] }))).toEqual(['front resumed']);
    expect((await client.session('s').assets).map(({ state }) => state)).toEqual(Array(4).fill('current'));
  });

  it('so nothing is sent for it when the front cannot be made, nor when the front fails the gate', async () => {
    const refusing = new FakeService('one');
    refusing.onSubmit = () => faults.contentPolicy;
    expect(made(await (await start(refusing)).generateObjectCards(request))).toEqual([
      'front undefined',
      'left no-front',
      'back no-front',
      'right no-front',
    ]);
    expect(refusing.submissions).toBe(1);

    const clumsy = new FakeService('one');
    clumsy.picture = ({ prompt, seed = 0 }) => paintPng({ width: 512, height: 512, prompt, seed, kind: 'scene' });
    const cards = await (await start(clumsy)).generateObjectCards(request);
    expect(made(cards)).toEqual(['front generated', 'left no-front', 'back no-front', 'right no-front']);
    expect(cards[1]).toMatchObject({ error: { message: expect.stringContaining('did not pass the gate') } });
    expect(viewsOfJobs(clumsy)).toEqual(['front', 'front']);
  });

  it('and is refused where it cannot, before the front is paid for', async () => {
    const service = new FakeService('one');
    const one = { roles: ['style' as const], maxCount: 1, mediaTypes: ['image/png'] };
    const client = hybrid(await outputFolder(), [], {
      backends: [service.backend({ capabilities: { references: one } })],
    });
    const cards = await client.generateObjectCards(request);
    expect(cards[0]).toMatchObject({ success: false, error: { kind: 'unsupported', outcome: 'not-submitted' } });
    expect(service.submissions).toBe(0);
    expect(made(await client.generateObjectCards({ ...request, views: ['front'] }))).toEqual(['front generated']);
  });

  it('within the budget, which counts each view', async () => {
    const service = drawingService(mirrored);
    const client = hybrid(await outputFolder(), [service], { cards: { side: 512 }, maxSubmissions: 3 });
    const cards = await client.generateObjectCards(request);
    expect(cards.filter(({ success }) => success)).toHaveLength(3);
    expect(cards.find(({ success }) => !success)).toMatchObject({ error: { kind: 'budget' } });
    expect(service.submissions).toBe(3);
  });
});

it('the manifest fits its schema, and restores the views of a folder whose store is gone', async () => {
  const service = drawingService(mirrored);
  const outputDir = await outputFolder();
  const before = await start(service, outputDir);
  await before.generateObjectCards(request);
  await before.close();
  const file = join(outputDir, 's', 'manifest.json');
  const manifest = await readManifest(file);
  validate(manifest);
  expect(validate.errors).toBeNull();
  await rm(join(outputDir, '.holodeck'), { recursive: true });
  const cards = await (await start(service, outputDir)).generateObjectCards(request);
  expect(made(cards)).toEqual(views.map((view) => `${view} resumed`));
  expect((await readManifest(file)).views).toEqual(manifest.views);
  expect(service.submissions).toBe(4);

  const [front] = manifest.assets;
  for (const spec of [
    { ...front!.spec, view: 'top' },
    { ...front!.spec, view: 'left' },
  ]) {
    await writeFile(file, JSON.stringify({ ...manifest, assets: [{ ...front, spec }] }));
    await expect(readManifest(file)).rejects.toThrow(/"assets\[0\]\.(?:spec\.view" is missing|id" does not belong)/);
  }
});

it('unknown views, and views without the front, are refused', async () => {
  const client = await start(new FakeService('one'));
  const call = (given: unknown): Promise<unknown> =>
    client.generateObjectCards({ ...request, views: given as readonly CardView[] });
  await expect(call(['front', 'top'])).rejects.toThrow(
    /The view "top" is not known\. Known: front, left, back, right\./,
  );
  await expect(call(['left'])).rejects.toThrow(/no "front"/);
  await expect(call('front')).rejects.toThrow(/must be an array/);
});
