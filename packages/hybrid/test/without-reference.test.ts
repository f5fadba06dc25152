import { join } from 'node:path';
import { renderMessage } from '@holodeck/core/messages';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

describe('cards of a session without a scene reference', () => {
  it('are refused and cost nothing if it was never generated', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    const refused = await client.generateObjectCards({ sessionId: 's', objects });
    for (const card of refused) {
      expect(card).toMatchObject({ success: false, error: { code: 'no-reference', outcome: 'not-submitted' } });
      if (card.success) continue;
      expect(renderMessage(card.error, { language: 'zh', reader: 'command-line' })).toContain('--without-reference');
    }
    expect(service.submissions).toBe(0);
  });

  it('are made with a warning each if the caller allows it; the manifest records both', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [service]);
    const cards = await client.generateObjectCards({ sessionId: 's', objects, withoutReference: true });
    expect(cards).toMatchObject([{ success: true }, { success: true }]);
    const { assets } = await readManifest(join(outputDir, 's'));
    expect(assets).toHaveLength(2);
    for (const asset of assets) {
      expect(asset).toMatchObject({ withoutReference: true, referenceSha256: null });
      expect(asset.warnings.map(({ messageId }) => messageId)).toContain('hybrid.without-reference');
    }
  });
});

describe('cards of a session whose scene reference failed', () => {
  it('are refused and cost nothing; once the scene is mended they follow it', async () => {
    const service = new FakeService('one');
    service.onSubmit = () => faults.contentPolicy;
    const client = hybrid(await outputFolder(), [service]);
    expect(await client.generateSceneReference(scene)).toMatchObject({ success: false });
    service.onSubmit = () => undefined;
    const refused = await client.generateObjectCards({ sessionId: 's', objects });
    for (const card of refused) {
      const error = { kind: 'session', code: 'no-reference', outcome: 'not-submitted' };
      expect(card).toMatchObject({ success: false, error });
      const chinese = card.success ? '' : renderMessage(card.error, { language: 'zh' });
      expect(chinese).toMatch(/场景参考图生成失败.*没有.*发送请求/u);
    }
    expect(refused.map((card) => !card.success && card.error.message.includes('Not allowed.'))).toEqual([true, true]);
    expect(service.submissions).toBe(1);

    const reference = await client.generateSceneReference({ ...scene, sceneText: '雨夜的小面馆' });
    const cards = await client.generateObjectCards({ sessionId: 's', objects });
    expect([reference, ...cards]).toMatchObject([{ success: true }, { success: true }, { success: true }]);
    expect(service.jobs.map(({ request }) => request.references.length)).toEqual([0, 1, 1]);
  });

  it('are made with a warning each if the caller allows it, also by a later call', async () => {
    const service = new FakeService('one');
    service.onSubmit = () => faults.contentPolicy;
    const client = hybrid(await outputFolder(), [service]);
    await client.generateSceneReference(scene);
    const [object] = objects as [(typeof objects)[number]];
    const allowed = { sessionId: 's', object, withoutReference: true };
    expect(await client.generateObjectCard(allowed)).toMatchObject({ error: { kind: 'content-policy' } });
    service.onSubmit = () => undefined;
    const card = await client.generateObjectCard({ sessionId: 's', object });
    expect(card).toMatchObject({ success: true, source: 'generated' });
    expect(card.warnings.map(({ messageId }) => messageId)).toContain('hybrid.without-reference');
    expect(service.jobs).toHaveLength(1);
  });
});
