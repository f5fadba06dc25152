import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BackgroundRemover } from '../src/index.ts';
import { imglyBackgroundRemover, openCardWorkers, prepareCard } from '../src/index.ts';
import { makeCard } from '../src/make-card.ts';
import { makeCardWithRemover } from '../src/remover/remove-background.ts';
import { knowingRemover } from './knowing-remover.ts';
import { compareWithMask, decode } from './normalised.ts';
import { checkered, paint } from './painter.ts';
import { ball, chair, lightGrey, object, on, wood } from './shapes.ts';

const tiled = await paint({
  ground: checkered([150, 110, 80], [225, 222, 215], 12),
  layers: [object(chair, wood)],
  format: 'jpeg',
  quality: 90,
});

const answering = (removeBackground: BackgroundRemover['removeBackground']): BackgroundRemover => ({
  name: 'other',
  removeBackground,
});

describe('a background remover', () => {
  it('cuts the object out where the ground is not plain, here and in threads', async () => {
    const workers = openCardWorkers();
    onTestFinished(() => workers.close());
    const remover = knowingRemover(tiled);
    const card = await prepareCard(tiled.bytes, { remover });
    expect(card).toMatchObject({ changed: true, gate: { verdict: 'passed' }, original: { verdict: 'failed' } });
    expect(card.normalised?.steps).toEqual(['remove-background', 'recentre']);
    expect(card.gate.notMeasured.map(({ messageId }) => messageId)).toContain('cards.remover-outline');
    expect(compareWithMask(await decode(card.bytes), tiled).iou).toBeGreaterThan(0.99);
    const other = await workers.prepareCard(tiled.bytes, { remover });
    expect({ ...other, bytes: card.bytes }).toEqual(card);
    expect(Buffer.compare(other.bytes, card.bytes)).toBe(0);
  });

  it('is not asked where the ground is plain, and not where only measures are wanted', async () => {
    let asked = 0;
    const remover = answering(async (png) => {
      asked += 1;
      return png;
    });
    const plain = await paint(on(lightGrey, object(ball)));
    expect((await prepareCard(plain.bytes, { remover })).gate.verdict).toBe('passed');
    await prepareCard(tiled.bytes, { remover, normalise: false });
    expect(asked).toBe(0);
    await prepareCard(tiled.bytes, { remover });
    expect(asked).toBe(1);
  });

  const resized: BackgroundRemover['removeBackground'] = async (png) => sharp(png).resize(600).png().toBuffer();
  it.each<[string, BackgroundRemover, string]>([
    [
      'rejects',
      answering(() => Promise.reject(new Error('no memory'))),
      'failed, so the picture stays as it is: no memory',
    ],
    ['answers no picture', answering(async () => new Uint8Array(9)), 'another size'],
    ['answers another size', answering(resized), 'another size'],
    ['removes nothing', answering(async (png) => png), 'is not a card'],
    ['removes everything', knowingRemover(tiled, () => 0), 'is not a card'],
    ['leaves the object translucent', knowingRemover(tiled, (alpha) => alpha * 0.6), 'is not a card'],
  ])('that %s leaves the picture as it is, with its verdict and the reason', async (_name, remover, reason) => {
    const card = await prepareCard(tiled.bytes, { remover });
    expect(card).toMatchObject({ changed: false, gate: { verdict: 'failed' } });
    expect(card.bytes).toBe(tiled.bytes);
    expect(card.normalised?.skipped?.message).toContain(reason);
    expect(card.gate.warnings).toEqual([card.normalised?.skipped]);
  });

  it('that never answers is given up, and learns it by its signal', async () => {
    let signal: AbortSignal | undefined;
    const remover = answering((_png, given) => {
      signal = given;
      return new Promise(() => {});
    });
    const card = await makeCardWithRemover(makeCard, tiled.bytes, { remover }, 20);
    expect(card.normalised?.skipped?.message).toContain('no answer within 20 ms');
    expect(signal?.aborted).toBe(true);
  });

  it('needs a name and a function', async () => {
    const remover = { name: 'half' } as unknown as BackgroundRemover;
    await expect(prepareCard(tiled.bytes, { remover })).rejects.toMatchObject({ kind: 'invalid-request' });
  });

  it('of the optional peer says what to install where it is missing', () => {
    expect(() => imglyBackgroundRemover()).toThrow(
      expect.objectContaining({
        kind: 'invalid-request',
        message: expect.stringContaining('npm install @imgly/background-removal-node@1.4'),
      }),
    );
  });
});
