import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertObjectId } from '../src/identifiers.ts';
import { assertSessionId, createHybridClient, objectIdFromName } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const good = ['a', '书架', 'lamp-2', 'v1.2', 'A_b', 'Ünïcode'.normalize('NFC'), 'हिन्दी', 'x'.repeat(64), '-', '0'];
const bad = [
  '',
  ' ',
  'a b',
  '.',
  '..',
  '.a',
  'a.',
  'a/b',
  'a\\b',
  'a:b',
  'a\0',
  'CON',
  'nul.txt',
  'com1',
  'LPT9.a',
  'e\u0301',
  'x'.repeat(65),
  '\ud800',
  '😀',
  'a\n',
  '𠀀'.repeat(64),
];

describe('ids', () => {
  it.each(good)('%j is fine', (id) => {
    assertSessionId(id);
    assertObjectId(id);
  });

  it.each(bad)('%j is refused before anything happens', async (id) => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    const refusal = { kind: 'invalid-request', outcome: 'not-submitted' };
    await expect(client.generateSceneReference({ ...scene, sessionId: id })).rejects.toMatchObject(refusal);
    await expect(client.generateObjectCards({ sessionId: 's', objects: [{ id, name: 'x' }] })).rejects.toMatchObject(
      refusal,
    );
    expect(() => client.session(id)).toThrow(/session id/);
    expect(service.submissions).toBe(0);
  });

  it('refuses ids that differ only in case: in a call, in a session, among sessions', async () => {
    const client = hybrid(await outputFolder(), [new FakeService('one')]);
    const card = (id: string): { sessionId: string; objects: { id: string; name: string }[] } => ({
      sessionId: 's',
      objects: [{ id, name: 'x' }],
    });
    await expect(
      client.generateObjectCards({
        sessionId: 's',
        objects: [
          { id: 'Lamp', name: 'x' },
          { id: 'lamp', name: 'y' },
        ],
      }),
    ).rejects.toThrow(/differ only in case/);
    await expect(
      client.generateObjectCards({
        sessionId: 's',
        objects: [
          { id: 'lamp', name: 'x' },
          { id: 'lamp', name: 'y' },
        ],
      }),
    ).rejects.toThrow(/used twice/);
    await client.generateObjectCards(card('lamp'));
    await expect(client.generateObjectCards(card('LAMP'))).rejects.toThrow(/differ only in case/);
    await expect(client.generateSceneReference({ ...scene, sessionId: 'S' })).rejects.toMatchObject({
      kind: 'session',
      code: 'id-collision',
    });
  });

  it("an id that would be taken for another card's original is refused", () => {
    expect(() => assertObjectId('lamp.original')).toThrow(/\.original/);
  });
});

describe('objectIdFromName', () => {
  it.each([
    ['Brass desk lamp', 'Brass-desk-lamp'],
    ['书架', '书架'],
    [' 高大的 橡木/书架 ', '高大的-橡木-书架'],
    ['...', 'object'],
    ['con', 'object-con'],
    ['a.original', 'object-a-original'],
    ['e\u0301', 'é'],
  ])('%j gives %j', (name, id) => expect(objectIdFromName(name)).toBe(id));

  it('always gives a legal id that is not taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const id = objectIdFromName(name);
        assertObjectId(id);
        const other = objectIdFromName(name, [id.toUpperCase()]);
        assertObjectId(other);
        expect(other.toUpperCase()).not.toBe(id.toUpperCase());
      }),
      { numRuns: 500, examples: [['ῢ'], ['ß'], ['ŉ']] },
    );
  });
});

describe('bad input', () => {
  const refused: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['an empty scene', () => hybrid('unused', []).generateSceneReference({ sessionId: 's', sceneText: '  ' })],
    ['a lone surrogate', () => hybrid('unused', []).generateSceneReference({ sessionId: 's', sceneText: 'a\ud800' })],
    ['an impossible size', () => hybrid('unused', []).generateSceneReference({ ...scene, size: '0x0' })],
    ['a seed that is none', () => hybrid('unused', []).generateSceneReference({ ...scene, seed: 1.5 })],
    ['an unknown field', () => hybrid('unused', []).generateSceneReference({ ...scene, colour: 'red' } as never)],
    [
      'an object without a name',
      () => hybrid('unused', []).generateObjectCards({ sessionId: 's', objects: [{ id: 'a' } as never] }),
    ],
    ['no list', () => hybrid('unused', []).generateObjectCards({ sessionId: 's', objects: 'a' as never })],
    [
      'bytes as reference',
      () =>
        hybrid('unused', [])
          .session('s')
          .generateImage({ prompt: 'a', references: [{ bytes: new Uint8Array(1) }] }),
    ],
  ];
  it.each(refused)('%s', async (_name, run) => {
    await expect(run()).rejects.toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
  });

  it.each([
    [{ backends: 'x' }],
    [{ backends: [{}] }],
    [{ backends: [], outputDir: '' }],
    [{ backends: [], onLockedBackendDown: 'panic' }],
    [{ backends: [], maxCost: -1 }],
    [{ backends: [], colour: 'red' }],
    [{ backends: [], prompts: { templates: {} } }],
    [{ backends: [], prices: { hunyuan: 3 } }],
  ])('the options %j', (options) => {
    expect(() => createHybridClient(options as never)).toThrow(expect.objectContaining({ kind: 'invalid-request' }));
  });

  it('a description that is too long for the backend says by how much', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    const [card] = await client.generateObjectCards({
      sessionId: 's',
      objects: [{ id: 'a', name: 'a', description: 'x'.repeat(5000) }],
    });
    expect(card).toMatchObject({ success: false, error: { kind: 'invalid-request', outcome: 'not-submitted' } });
    expect(card?.success === false && card.error.message).toMatch(/Shorten the description by \d+/);
    expect(service.submissions).toBe(0);
  });
});
