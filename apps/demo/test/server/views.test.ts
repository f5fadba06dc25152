import { createHybridClient } from '@holodeck/hybrid';
import type { CardJudge, CardView } from '@holodeck/hybrid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';
import { viewWhen } from '../support/feed-reader.ts';
import { callHttp } from '../support/http-call.ts';

let demo: DemoFixture;
beforeAll(async () => {
  demo = await startDemo({ jobMs: 20 });
});
afterAll(() => demo.close());

const judge: CardJudge = ({ name }) =>
  Promise.resolve({
    showsObject: true,
    oneObject: true,
    textOrMarks: true,
    look: null,
    reason: `There is a mark on the ${name}.`,
  });

it('shows, serves, packs and continues the views of a session that another tool has made', async () => {
  const { backends, permits } = demo.services;
  const client = createHybridClient({
    backends: [backends[0]!],
    permits,
    outputDir: demo.outputDir,
    judge,
    report: false,
  });
  const views: readonly CardView[] = ['front', 'left'];
  await client.generateSceneReference({ sessionId: 's', sceneText: 'A quiet room', views });
  const { providerOptions = {} } = demo.services;
  await client.generateObjectCards({ sessionId: 's', objects: [{ id: 'lamp', name: 'lamp', providerOptions }], views });
  const { assets } = await demo.view('s');
  const judgement = { isAsAsked: false, reason: 'There is a mark on the lamp.' };
  expect(assets.map((asset) => asset.judgement)).toEqual([undefined, judgement, judgement]);
  expect(assets.map(({ id, view, state }) => [id, view, state])).toEqual([
    ['scene-reference', undefined, 'current'],
    ['card/lamp', undefined, 'current'],
    ['card/lamp/left', 'left', 'current'],
  ]);
  const picture = await fetch(new URL(assets[2]?.url ?? '', demo.url));
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
  const archive = await callHttp(demo.port, '/api/sessions/s/archive.zip');
  expect(archive.text).toContain('s/views/lamp/left.png');

  await client.session('s').regenerate('lamp');
  expect(await demo.view('s')).toMatchObject({ missing: 1, assets: [{}, {}, { state: 'stale' }] });
  await demo.post('/api/sessions/s/continue', {});
  await viewWhen(demo, 's', ({ running, missing }) => !running && missing === 0);
  const before = (await demo.view('s')).assets[2]?.url;
  await demo.post('/api/sessions/s/retry', { assetId: 'card/lamp/left' });
  const after = await viewWhen(demo, 's', ({ running, assets: [, , left] }) => !running && left?.url !== before);
  expect(after.assets.map(({ cost }) => cost.images)).toEqual([1, 2, 3]);
  await client.close();
});
