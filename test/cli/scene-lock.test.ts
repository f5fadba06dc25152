import { startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let images: OpenAIEmulator;
beforeEach(async () => {
  [workspace, images] = await Promise.all([openWorkspace(), startOpenAIEmulator({ imageMs: 20 })]);
});
afterEach(() => Promise.all([workspace.close(), images.close()]));

const scene = ['scene', '雨夜的面馆', '--session', 'noodle-bar'];

it.each([
  ['hunyuan', { HUNYUAN_API: '2023-09-01' }],
  ['openai', { OPENAI_IMAGE_MODEL: 'gpt-image-1.5' }],
  ['openai', { OPENAI_IMAGE_MODEL: 'gpt-image-2.5-flare' }],
])('a session locked to %s refuses %j: exit 2, nothing sent, nothing changed', async (backend, change) => {
  const env = { OPENAI_API_KEY: images.apiKey ?? '', OPENAI_BASE_URL: images.baseURL, HOLODECK_BACKENDS: backend };
  const paid = (): number => workspace.emulator.ledger.accepted + images.ledger.accepted;
  expect(await workspace.quickRun(scene, env)).toMatchObject({ exitCode: 0 });
  expect(paid()).toBe(1);

  const changed = { ...env, ...change };
  const card = [...scene, '--object', 'lamp: brass desk lamp'];
  const refused = await workspace.quickRun([...card, '--json'], changed);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.json()).toContainEqual(
    expect.objectContaining({
      assetId: 'scene-reference',
      success: false,
      error: expect.objectContaining({ kind: 'session', code: 'lock-mismatch', outcome: 'not-submitted' }) as unknown,
    }),
  );
  // For the reader: what it is locked to, and what to do.
  const told = await workspace.quickRun(card, changed);
  expect(told.stderr).toMatch(/noodle-bar is locked to .*Restore the earlier configuration/s);
  expect(paid()).toBe(1);
  const list = await workspace.quickRun(['sessions', '--json'], env);
  expect(list.json()).toMatchObject([{ sessionId: 'noodle-bar', state: 'locked', backend }]);

  // It continues with the earlier configuration.
  expect(await workspace.quickRun(card, env)).toMatchObject({ exitCode: 0 });
  expect(paid()).toBe(2);
});
