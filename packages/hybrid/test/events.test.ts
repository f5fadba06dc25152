import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paintPng } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import type { AssetResult, SessionEvent } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

async function story(events: AsyncIterable<SessionEvent>): Promise<SessionEvent[]> {
  const read: SessionEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

it('has the same events for later readers, in any process', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  first.onSubmit = () => faults.auth;
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [first, second]);
  await client.generateSceneReference(scene);
  second.onSubmit = () => faults.contentPolicy;
  await client.generateObjectCards({ sessionId: 's', objects: objects.slice(0, 1) });
  const events = await story(client.session('s').events({ follow: false }));
  const later = hybrid(outputDir, [first, second]);
  expect(await story(later.session('s').events({ follow: false }))).toEqual(events);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1));
  const types = events
    .filter(({ type }) => type !== 'progress')
    .map(({ type, data }) => [type, data['backend'] ?? data['assetId']]);
  expect(types).toEqual([
    ['probe', undefined],
    ['claim', 'first'],
    ['claim', 'second'],
    ['lock', 'second'],
    ['asset', 'second'],
    ['failure', 'card/面碗'],
  ]);
  expect(await story(later.session('s').events({ after: events.length - 1, follow: false }))).toEqual(events.slice(-1));
});

it("continues with another client's events until the signal", async () => {
  const service = new FakeService('one');
  const outputDir = await outputFolder();
  const [worker, watcher] = [hybrid(outputDir, [service]), hybrid(outputDir, [service])];
  const controller = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of watcher.session('s').events({ signal: controller.signal })) {
      seen.push(event.type);
      if (event.type === 'asset') controller.abort();
    }
  })();
  await worker.generateSceneReference(scene);
  await watching;
  expect(seen).toContain('lock');
  expect(seen.at(-1)).toBe('asset');
});

it('keeps previews as files', async () => {
  const service = new FakeService('one');
  const backend = service.backend();
  const preview = paintPng({ width: 16, height: 16, prompt: 'preview', seed: 1, kind: 'scene' });
  const collect: typeof backend.collect = (handle, context) => {
    context.onProgress?.({ type: 'running', fraction: 0.5 });
    context.onProgress?.({ type: 'preview', bytes: preview, mediaType: 'image/png' });
    return backend.collect(handle, context);
  };
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [], { backends: [{ ...backend, collect }] });
  const heard: string[] = [];
  await client.generateSceneReference(scene, {
    onProgress: ({ assetId, event }) => heard.push(`${assetId} ${event.type}`),
  });
  const events = await story(client.session('s').events({ follow: false }));
  const kept = events.find(({ type }) => type === 'preview');
  expect(await readFile(join(outputDir, 's', String(kept?.data['path'])))).toEqual(Buffer.from(preview));
  expect(events.some(({ type, data }) => type === 'progress' && data['fraction'] === 0.5)).toBe(true);
  expect(heard).toContain('scene-reference settled');
});

it('gives each result of a call once, also of what exists and of failures', async () => {
  const service = new FakeService('one');
  service.onSubmit = ({ prompt }) => (prompt.includes('面碗') ? faults.contentPolicy : undefined);
  const client = hybrid(await outputFolder(), [service]);
  const heard: [assetId: string, end: string][] = [];
  const options = {
    onResult: (result: AssetResult) => heard.push([result.assetId, result.success ? result.source : result.error.kind]),
  };
  await client.generateSceneReference(scene, options);
  await client.generateObjectCards({ sessionId: 's', objects: objects.slice(1) }, options);
  await client.generateObjectCards({ sessionId: 's', objects }, options);
  await client.session('s').regenerate('lamp', options);
  expect(heard.splice(0, 2)).toEqual([
    ['scene-reference', 'generated'],
    ['card/lamp', 'generated'],
  ]);
  expect(heard.pop()).toEqual(['card/lamp', 'generated']);
  // As they are known, not in the order of the objects.
  expect(heard).toHaveLength(2);
  expect(Object.fromEntries(heard)).toEqual({ 'card/lamp': 'resumed', 'card/面碗': 'content-policy' });
});

it('makes the image when a callback throws', async () => {
  const service = new FakeService('one');
  const client = hybrid(await outputFolder(), [service]);
  const called = new Set<string>();
  const throwing = (name: string) => (): never => {
    called.add(name);
    throw new Error('A mistake of the caller.');
  };
  const options = { onProgress: throwing('onProgress'), onResult: throwing('onResult') };
  expect(await client.generateSceneReference(scene, options)).toMatchObject({ success: true, source: 'generated' });
  expect(called).toEqual(new Set(['onProgress', 'onResult']));
  expect(service.jobs).toHaveLength(1);
});

it('reports changes of availability', async () => {
  const service = new FakeService('one');
  const client = hybrid(await outputFolder(), [service]);
  const changes: string[] = [];
  const stop = await client.onAvailabilityChange((report) => changes.push(report.status));
  await Promise.all([client.availability(), client.availability()]);
  expect(service.probes).toBe(1);
  service.status = 'down';
  await client.availability();
  expect(service.probes).toBe(1);
  await client.availability({ fresh: true });
  stop();
  service.status = 'ready';
  await client.availability({ fresh: true });
  expect(changes).toEqual(['ready', 'down']);
});
