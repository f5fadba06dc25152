import { startOpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let openai: Awaited<ReturnType<typeof startOpenAIEmulator>>;
beforeAll(async () => {
  workspace = await openWorkspace();
  openai = await startOpenAIEmulator({ imageMs: 10 });
});
afterAll(async () => {
  await openai.close();
  await workspace.close();
});

it('if the image of another backend is kept, names the option of generate for it, and that works', async () => {
  const env = { OPENAI_API_KEY: openai.apiKey, OPENAI_BASE_URL: openai.baseURL };
  expect(await workspace.run(['generate', 'a cup', '--backend', 'hunyuan'], { env })).toMatchObject({ exitCode: 0 });
  const kept = await workspace.run(['generate', 'a cup', '--backend', 'openai'], { env });
  expect(kept.exitCode).toBe(0);
  expect(kept.stderr).toContain('had been made by hunyuan before, and that image is kept');
  expect(openai.ledger.accepted).toBe(0);

  const options = kept.stderr.match(/--[a-z-]+/g) ?? [];
  expect(options).toEqual(['--out']);
  const { stdout: help } = await workspace.run(['generate', '--help']);
  for (const option of options) expect(help).toContain(`${option} `);

  const other = await workspace.run(['generate', 'a cup', '--backend', 'openai', '--out', 'elsewhere'], { env });
  expect(other.exitCode).toBe(0);
  expect(openai.ledger.accepted).toBe(1);
});
