import { paintPng } from '@holodeck/emulators';
import { expect, it, vi } from 'vitest';
import type { HybridClient } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { outputFolder } from './support/output-folder.ts';

// Threads of its own: those of the test process never end (test/support/card-threads.ts).
vi.resetModules();
const { hybrid } = await import('./support/hybrid.ts');

/** Threads that this process runs. */
function threads(): number {
  return (process.report.getReport() as { readonly workers: readonly unknown[] }).workers.length;
}

it('clients share the threads that measure cards, and leave none behind', async () => {
  const before = threads();
  const measuring = async (): Promise<HybridClient> => {
    const service = new FakeService('one');
    service.picture = ({ prompt }) => paintPng({ width: 512, height: 512, prompt, seed: 1, kind: 'object' });
    const client = hybrid(await outputFolder(), [service], { cards: {} });
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
