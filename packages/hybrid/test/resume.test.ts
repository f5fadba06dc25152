import { createMemoryStore, openStoreForFolder } from '@holodeck/core/stores';
import { describe, expect, it } from 'vitest';
import { createHybridClientFromEnv } from '../src/index.ts';
import type { HybridClient, SessionEvent } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { driver, hybrid, objects, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import { openai, openaiEnvironment } from './support/services.ts';

function story(client: HybridClient): Promise<SessionEvent[]> {
  return Array.fromAsync(client.session('s').events({ follow: false }));
}

it('reports a submission of unknown outcome only once; it stays listed', async () => {
  const images = await openai();
  images.setFaults([{ kind: 'reset-after-accept', operation: 'generate', nth: 1 }]);
  const outputDir = await outputFolder();
  const fromEnv = (): HybridClient =>
    closing(
      createHybridClientFromEnv({
        environment: openaiEnvironment(images),
        outputDir,
        client: driver,
        probeTimeoutMs: 60_000,
        report: false,
      }),
    );
  const first = fromEnv();
  expect(await first.generateSceneReference(scene)).toMatchObject({ success: false, error: { outcome: 'unknown' } });
  const before = { story: await story(first), assets: await first.session('s').assets };
  await first.close();

  const second = fromEnv();
  expect(await Array.fromAsync(second.resume('s'))).toEqual([]);
  expect({ story: await story(second), assets: await second.session('s').assets }).toEqual(before);
  await second.close();
  const store = await openStoreForFolder(outputDir);
  expect(await Array.fromAsync(store.tasks.list())).toMatchObject([{ state: 'unknown', owner: null }]);
  await store.close();
  expect(images.ledger.snapshot().submissions).toBe(1);
});

describe('a job of an earlier process that has failed', () => {
  const lamp = { sessionId: 's', objects: objects.slice(1) };

  /** A locked session with a card whose job could not be fetched. */
  async function leaveJob(): Promise<{ service: FakeService; outputDir: string }> {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    await client.generateSceneReference(scene);
    service.onCollect = () => faults.away;
    const [card] = await client.generateObjectCards(lamp);
    expect(card).toMatchObject({ success: false, error: { outcome: 'accepted' } });
    await client.close();
    service.onCollect = () => faults.failed;
    return { service, outputDir };
  }

  async function cardOf(client: HybridClient): Promise<unknown> {
    return (await client.session('s').assets).find(({ id }) => id === 'card/lamp');
  }

  it('is the failure of the requested image', async () => {
    const { service, outputDir } = await leaveJob();
    const client = hybrid(outputDir, [service]);
    const before = (await story(client)).length;
    expect(await Array.fromAsync(client.resume('s'))).toMatchObject([
      { success: false, assetId: 'card/lamp', error: { outcome: 'failed' } },
    ]);
    expect(await cardOf(client)).toMatchObject({ state: 'failed', error: { outcome: 'failed' } });
    const told = (await story(client)).slice(before);
    expect(told.map(({ type, data }) => [type, data['assetId']])).toEqual([['failure', 'card/lamp']]);
  });

  it('is not the failure of another image that was requested since', async () => {
    const { service, outputDir } = await leaveJob();
    const client = hybrid(outputDir, [service]);
    service.onSubmit = () => faults.contentPolicy;
    const [another] = await client.generateObjectCards({
      ...lamp,
      objects: lamp.objects.map((object) => ({ ...object, description: 'a paper lantern' })),
    });
    expect(another).toMatchObject({ success: false, error: { kind: 'content-policy' } });
    const before = { story: await story(client), card: await cardOf(client) };
    expect(await Array.fromAsync(client.resume('s'))).toMatchObject([
      { success: false, assetId: 'card/lamp', error: { outcome: 'failed' } },
    ]);
    expect({ story: await story(client), card: await cardOf(client) }).toEqual(before);
  });
});

it.runIf(process.platform === 'linux')('ends where the folder of a session cannot be made', async () => {
  const service = new FakeService('one');
  const client = hybrid('/proc', [service], { store: createMemoryStore() });
  expect(await client.generateSceneReference(scene)).toMatchObject({ success: false, error: { kind: 'storage' } });
  expect(service.submissions).toBe(0);
});
