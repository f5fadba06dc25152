import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { paintPng } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import type { BackgroundRemover, HybridSettings } from '../src/index.ts';
import { createHybridClient, readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const lamp = { id: 'lamp', name: 'lamp' };
const request = { sessionId: 's', withoutReference: true, objects: [lamp] };
const size = { width: 512, height: 512 };

/** A service whose first pictures are scenes, which fail the gate, and the later ones whole objects. */
function clumsyService(scenes: number): FakeService {
  const service = new FakeService('one');
  service.picture = ({ prompt, seed }, ordinal) =>
    paintPng({ ...size, prompt, seed: seed ?? 0, kind: ordinal <= scenes ? 'scene' : 'object' });
  return service;
}

const gated: HybridSettings = { cards: {} };

describe('gate and normaliser', () => {
  it('a good card is cut out, recentred and measured; the original is kept', async () => {
    const outputDir = await outputFolder();
    const [card] = await hybrid(outputDir, [clumsyService(0)], gated).generateObjectCards(request);
    expect(card).toMatchObject({
      success: true,
      gate: { status: 'passed', reasons: [] },
      attempts: 1,
      width: 1024,
      height: 1024,
    });
    const folder = join(outputDir, 's', 'cards');
    expect(inspectImage(await readFile(join(folder, 'lamp.png')))).toMatchObject({
      width: 1024,
      height: 1024,
      hasAlpha: true,
      complete: true,
    });
    expect(inspectImage(await readFile(join(folder, 'lamp.original.png')))).toMatchObject(size);
    const [asset] = (await readManifest(join(outputDir, 's'))).assets;
    expect(asset).toMatchObject({ state: 'current', gate: { status: 'passed' }, size: { width: 1024, height: 1024 } });
    expect(asset?.sha256).not.toBe(asset?.originalSha256);
  });

  it('a failed card is made again with another seed, which is recorded and paid', async () => {
    const service = clumsyService(1);
    const heard: string[] = [];
    const [card] = await hybrid(await outputFolder(), [service], gated).generateObjectCards(request, {
      onProgress: ({ event }) => event.type === 'settled' && heard.push(event.type),
      onResult: (result) => heard.push(result.success ? (result.gate?.status ?? '') : result.error.kind),
    });
    expect(card).toMatchObject({ success: true, gate: { status: 'passed' }, cost: { paidSubmissions: 2 } });
    expect(heard).toEqual(['settled', 'settled', 'passed']);
    const seeds = service.jobs.map((job) => job.request.seed);
    expect(new Set(seeds).size).toBe(2);
    expect(card?.success && card.seed).toBe(seeds[1]);
  });

  it('if it fails again, it is delivered as failed, and the next run does not make it again', async () => {
    const service = clumsyService(9);
    const outputDir = await outputFolder();
    const run = async (): Promise<void> => {
      const [card] = await hybrid(outputDir, [service], gated).generateObjectCards(request);
      expect(card).toMatchObject({ success: true, gate: { status: 'failed' } });
      expect(card?.success && card.gate?.reasons.length).toBeGreaterThan(0);
    };
    await run();
    await run();
    expect(service.jobs).toHaveLength(2);
    expect((await readManifest(join(outputDir, 's'))).assets[0]).toMatchObject({
      state: 'current',
      gateRetries: 1,
      gate: { status: 'failed' },
    });
  });

  it('gateAttempts 0 makes nothing again; cards: false measures nothing', async () => {
    const service = clumsyService(9);
    const [card] = await hybrid(await outputFolder(), [service], { ...gated, gateAttempts: 0 }).generateObjectCards(
      request,
    );
    expect(card).toMatchObject({ success: true, gate: { status: 'failed' } });
    const [raw] = await hybrid(await outputFolder(), [service], { cards: false }).generateObjectCards(request);
    expect(raw).toMatchObject({ success: true, gate: null });
    expect(service.jobs).toHaveLength(2);
  });

  it('when no other picture can be made, the failed card stays', async () => {
    const service = clumsyService(9);
    service.onSubmit = (_request, ordinal) => (ordinal === 2 ? faults.contentPolicy : undefined);
    const outputDir = await outputFolder();
    const [card] = await hybrid(outputDir, [service], gated).generateObjectCards(request);
    expect(card).toMatchObject({ success: true, gate: { status: 'failed' }, cost: { paidSubmissions: 1 } });
    expect(card?.warnings.map(({ message }) => message).join()).toContain('another picture could not be made');
    expect((await readManifest(join(outputDir, 's'))).assets[0]).toMatchObject({ state: 'current', variation: 0 });
  });

  it('measures again with other limits, from the original and at no cost', async () => {
    const service = clumsyService(0);
    const outputDir = await outputFolder();
    await hybrid(outputDir, [service], gated).generateObjectCards(request);
    const strict = { cards: { normalise: false, gate: { minSide: 4096 } }, gateAttempts: 0 };
    const [card] = await hybrid(outputDir, [service], strict).generateObjectCards(request);
    expect(card).toMatchObject({ success: true, source: 'resumed', gate: { status: 'failed' }, ...size });
    expect(service.jobs).toHaveLength(1);
    const [again] = await hybrid(outputDir, [service], gated).generateObjectCards(request);
    expect(again).toMatchObject({ success: true, source: 'resumed', gate: { status: 'passed' }, width: 1024 });
  });

  it('a background remover cuts out what colours cannot, and one that fails loses no picture', async () => {
    const outputDir = await outputFolder();
    const service = clumsyService(9);
    const broken = { name: 'broken', removeBackground: () => Promise.reject(new Error('no memory')) };
    const once = { gateAttempts: 0 };
    const run = async (remover: BackgroundRemover) =>
      (
        await hybrid(outputDir, [service], { ...once, cards: { remover }, report: true }).generateObjectCards(request)
      )[0];
    const failed = await run(broken);
    expect(failed).toMatchObject({ success: true, gate: { status: 'failed' }, ...size });
    expect(failed?.warnings.map(({ message }) => message).join()).toContain('no memory');
    const cut = paintPng({ ...size, prompt: 'lamp', seed: 1, kind: 'object', transparent: true });
    const [asset] = (await readManifest(join(outputDir, 's'))).assets;
    const card = await run({ name: 'cutter', removeBackground: async () => cut });
    expect(card).toMatchObject({ success: true, source: 'resumed', gate: { status: 'passed' }, width: 1024 });
    expect(card?.warnings.map(({ message }) => message).join()).not.toContain('no memory');
    expect((await readManifest(join(outputDir, 's'))).assets[0]).toMatchObject({
      originalSha256: asset?.originalSha256,
      gate: { measures: { normalised: { steps: ['remove-background', 'recentre'] } } },
    });
    expect(service.jobs).toHaveLength(1);
    const page = await readFile(join(outputDir, 's', 'session.html'), 'utf8');
    expect(page).toContain('isolated: Whether it shows the object asked for');
    expect(page).toContain('Whether cutter found the right outline was not looked at.');
  });

  it('survives the loss of the store: the verdict and the count come from the manifest', async () => {
    const service = clumsyService(9);
    const outputDir = await outputFolder();
    await hybrid(outputDir, [service], gated).generateObjectCards(request);
    await rm(join(outputDir, '.holodeck'), { recursive: true });
    const [card] = await hybrid(outputDir, [service], gated).generateObjectCards(request);
    expect(card).toMatchObject({ success: true, source: 'resumed', gate: { status: 'failed' } });
    expect(service.jobs).toHaveLength(2);
  });

  it.each([
    { gate: { minSide: -1 } },
    { gate: { colour: 1 } },
    { side: 0 },
    { share: 2 },
    { normalise: 'yes' },
    { remover: { name: 'half' } },
    { colour: 'red' },
    true,
  ])('refuses the limits %j before anything is opened', (cards) => {
    expect(() => createHybridClient({ backends: [], cards: cards as never })).toThrow(
      expect.objectContaining({ kind: 'invalid-request' }),
    );
  });
});
