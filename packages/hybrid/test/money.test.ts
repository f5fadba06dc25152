import { join } from 'node:path';
import { ResultCache } from '@holodeck/core';
import type { ClientTelemetry } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const prices = { first: { perImage: 0.2, currency: 'CNY' }, second: { perImage: 0.05, currency: 'USD' } };

describe('a session that moves to a backend with another currency', () => {
  it('keeps its earlier costs, separately by currency', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const outputDir = await outputFolder();
    const maxCost = { CNY: 0.4, USD: 1 };
    const client = hybrid(outputDir, [first, second], { onLockedBackendDown: 'restart', prices, maxCost });
    await client.generateSceneReference(scene);
    first.onSubmit = () => faults.unreachable;
    const [card] = await client.generateObjectCards({ sessionId: 's', objects: objects.slice(1) });
    expect(card).toMatchObject({ success: true, backend: 'second', cost: { paidSubmissions: 1, amount: 0.05 } });
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest.assets[0]?.cost).toEqual({
      paidSubmissions: 2,
      amount: 0.05,
      currency: 'USD',
      earlier: [{ currency: 'CNY', amount: 0.2 }],
    });
    expect(manifest.cost.paidSubmissions).toBe(3);
    expect(Object.fromEntries(manifest.cost.amounts.map(({ currency, amount }) => [currency, amount]))).toEqual({
      CNY: 0.2,
      USD: 0.1,
    });
    expect(await client.spending()).toMatchObject({ submissions: 3, unpriced: 0 });
  });

  it('does not move if the limit has no amount in that currency', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const client = hybrid(await outputFolder(), [first, second], {
      onLockedBackendDown: 'restart',
      prices,
      maxCost: 5,
    });
    await client.generateSceneReference(scene);
    first.onSubmit = () => faults.unreachable;
    const [card] = await client.generateObjectCards({ sessionId: 's', objects: objects.slice(1) });
    expect(card).toMatchObject({ success: false, error: { kind: 'budget', outcome: 'not-submitted' } });
    expect(second.submissions).toBe(0);
    expect(await client.session('s').lock).toMatchObject({ backend: 'first' });
  });
});

it('takes seeded images from a cache for another folder, at no cost', async () => {
  const cache = new ResultCache({ directory: join(await outputFolder(), 'cache') });
  const seeded = { ...scene, seed: 5 };
  const first = new FakeService('first');
  await hybrid(await outputFolder(), [first], { cache, prices }).generateSceneReference(seeded);
  const second = new FakeService('first');
  const outputDir = await outputFolder();
  const again = await hybrid(outputDir, [second], { cache, prices }).generateSceneReference(seeded);
  expect(again).toMatchObject({ success: true, source: 'cache', cost: { paidSubmissions: 0, amount: 0 } });
  expect(second.submissions).toBe(0);
  const { assets, state } = await readManifest(join(outputDir, 's'));
  expect(state).toBe('locked');
  expect(assets[0]).toMatchObject({ source: 'cache', seed: 5, cost: { paidSubmissions: 0 } });
});

it('reports its drivers’ tasks to telemetry', async () => {
  const told: string[] = [];
  const telemetry: ClientTelemetry = {
    startTask: ({ backend }) => ({
      step: (name, _attempt, work) => (told.push(`${backend} ${name}`), work()),
      end: ({ success }) => void told.push(success ? 'done' : 'failed'),
    }),
    observe: () => () => void told.push('closed'),
  };
  const client = hybrid(await outputFolder(), [new FakeService('first')], { telemetry });
  await client.generateSceneReference(scene);
  await client.close();
  expect(told).toEqual(['first submit', 'first collect', 'done', 'closed']);
});
