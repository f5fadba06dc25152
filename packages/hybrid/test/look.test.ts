import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

function withoutReferences(service: FakeService): ReturnType<FakeService['backend']> {
  const backend = service.backend();
  const { references: _references, ...capabilities } = backend.capabilities;
  return { ...backend, capabilities };
}

describe('how an image follows the scene reference', () => {
  it('says "reference", with its hash, if the picture was sent', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    const reference = await client.generateSceneReference(scene);
    const cards = await client.generateObjectCards({ sessionId: 's', objects });
    expect([reference, ...cards]).toMatchObject([{ look: 'none' }, { look: 'reference' }, { look: 'reference' }]);
    const manifest = await readManifest(join(outputDir, 's'));
    const [first, ...others] = manifest.assets;
    expect(first).toMatchObject({ look: 'none', referenceSha256: null });
    for (const card of others) expect(card).toMatchObject({ look: 'reference', referenceSha256: first?.sha256 });
  });

  it('says "words", without a hash, and what to do if it was not sent; another scene makes the card stale', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [], { backends: [withoutReferences(service)], report: true });
    const reference = await client.generateSceneReference(scene);
    const object = { ...objects[0]!, size: '32x32' };
    const [card] = await client.generateObjectCards({ sessionId: 's', objects: [object] });
    expect(card).toMatchObject({ success: true, look: 'words' });
    expect(card?.warnings).toMatchObject([
      { code: 'reference-not-sent', message: expect.stringContaining('Set up a model or workflow') as string },
    ]);
    expect(service.jobs[1]?.request.references).toEqual([]);
    const made = (await readManifest(join(outputDir, 's'))).assets[1];
    const sha256 = reference.success ? reference.sha256 : '';
    expect(made).toMatchObject({ look: 'words', referenceSha256: null, wordsSha256: sha256 });
    const page = await readFile(join(outputDir, 's', 'session.html'), 'utf8');
    expect(page).toContain('仅文字描述');
    expect(page).toContain('没有把场景参考图发送给 one');

    await client.generateSceneReference({ ...scene, sceneText: '清晨的面馆' });
    expect((await readManifest(join(outputDir, 's'))).assets[1]).toMatchObject({ state: 'stale' });
  });

  it('reads a manifest of an earlier version without it, and makes nothing again', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const first = hybrid(outputDir, [service]);
    await first.generateSceneReference(scene);
    await first.generateObjectCards({ sessionId: 's', objects });
    await first.close();
    const file = join(outputDir, 's', 'manifest.json');
    const manifest = await readManifest(file);
    const assets = manifest.assets.map(({ look: _look, ...asset }) => asset);
    await writeFile(file, JSON.stringify({ ...manifest, assets }));
    // Only the folder of the session is left.
    await rm(join(outputDir, '.holodeck'), { recursive: true });

    const later = hybrid(outputDir, [service]);
    const cards = await later.generateObjectCards({ sessionId: 's', objects });
    expect(cards).toMatchObject([{ source: 'resumed' }, { source: 'resumed' }]);
    expect(cards[0]).not.toHaveProperty('look');
    expect(service.jobs).toHaveLength(3);
  });
});
