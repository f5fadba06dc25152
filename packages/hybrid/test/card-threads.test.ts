import { paintPng } from '@holodeck/emulators';
import { expect, it, vi } from 'vitest';
import type { HybridClient, ObjectCardResult } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { outputFolder } from './support/output-folder.ts';

// Threads of its own: those of the test process never end (test/support/card-threads.ts).
vi.resetModules();
const { hybrid } = await import('./support/hybrid.ts');

/** Threads that this process runs. */
function threads(): number {
  return (process.report.getReport() as { readonly workers: readonly unknown[] }).workers.length;
}

/** A service whose pictures pass the gate. */
function cardService(): FakeService {
  const service = new FakeService('one');
  service.picture = ({ prompt }) => paintPng({ width: 512, height: 512, prompt, seed: 1, kind: 'object' });
  return service;
}

it('clients share the threads that measure cards, and leave none behind', async () => {
  const before = threads();
  const measuring = async (): Promise<HybridClient> => {
    const client = hybrid(await outputFolder(), [cardService()], { cards: {} });
    const [card] = await client.generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects: [{ id: 'lamp', name: 'lamp' }],
    });
    expect(card).toMatchObject({ success: true, gate: { status: 'passed' } });
    return client;
  };
  const [one, other] = [await measuring(), await measuring()];
  await one.close();
  expect(threads()).toBeGreaterThan(before);
  await other.close();
  expect(threads()).toBe(before);
});

it('a thread that crashes leaves its own card unmeasured; the next run measures it and pays nothing', async () => {
  const [service, outputDir] = [cardService(), await outputFolder()];
  const run = async (): Promise<readonly ObjectCardResult[]> => {
    await using client = hybrid(outputDir, [service], { cards: {} });
    const objects = ['lamp', 'chair', 'vase'].map((name) => ({ id: name, name }));
    return await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
  };
  process.once('worker', (worker) => void worker.terminate());
  const first = await run();
  expect(first.filter((card) => card.success && card.gate?.status === 'passed')).toHaveLength(2);
  const left = first.find((card) => card.success && card.gate === null);
  expect(about(left)).toEqual([expect.stringMatching(/not be measured: .*thread/)]);
  const second = await run();
  for (const card of second) expect(card).toMatchObject({ success: true, gate: { status: 'passed' }, attempts: 0 });
  expect(second.flatMap(about)).toEqual([]);
  expect(service.jobs).toHaveLength(3);
});

/** What the warnings of a card say about its measuring. */
function about(card: ObjectCardResult | undefined): readonly string[] | undefined {
  return card?.warnings.filter(({ feature }) => feature === 'gate').map(({ message }) => message);
}
