import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

const text = '一间堆满旧书的阁楼书房';
const scene = ['scene', text, '--object', '书架: 高大的橡木书架', '--object', 'lamp: brass desk lamp'];

interface Manifest {
  readonly sessionId: string;
  readonly backend: string;
  readonly assets: readonly { readonly id: string; readonly path: string; readonly state: string }[];
}

function manifestAt(stderr: string): { readonly folder: string; readonly manifest: Manifest } {
  const path = /^Manifest: (.*)$/m.exec(stderr)?.[1] ?? '';
  return { folder: join(path, '..'), manifest: JSON.parse(readFileSync(path, 'utf8')) as Manifest };
}

it('makes a scene reference and a card per object; sends nothing when run again; makes one card for one more object', async () => {
  // A process of its own: those after it find what it left.
  const first = await workspace.run([...scene, '--json']);
  expect(first).toMatchObject({ exitCode: 0 });
  expect(first.json().map((asset) => asset['assetId'])).toEqual(['scene-reference', 'card/书架', 'card/lamp']);
  const { folder, manifest } = manifestAt(first.stderr);
  expect(folder.startsWith(join(workspace.folder, 'output'))).toBe(true);
  expect(manifest).toMatchObject({ backend: 'hunyuan' });
  expect(manifest.assets.map(({ id, state }) => [id, state])).toEqual([
    ['scene-reference', 'current'],
    ['card/lamp', 'current'],
    ['card/书架', 'current'],
  ]);
  for (const asset of manifest.assets) expect(existsSync(join(folder, asset.path))).toBe(true);

  const again = await workspace.quickRun(scene);
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.stderr).toContain('0 made, 3 already there or paid for');
  expect(
    again.stdout
      .trim()
      .split('\n')
      .every((path) => existsSync(path)),
  ).toBe(true);
  expect(workspace.emulator.ledger.submissions).toBe(3);

  const more = await workspace.quickRun([...scene, '--object', '梯子：一架木梯子']);
  expect(more.stderr).toContain('1 made, 3 already there or paid for');
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 4, accepted: 4 });
});

it('makes the views that are asked for, counts them in the plan, and refuses them where they cannot be made', async () => {
  const object = ['scene', text, '--object', 'lamp: brass desk lamp', '--views', 'front,left'];
  const plan = await workspace.quickRun([...object, '--dry-run']);
  expect(plan.stdout).toContain('Images to make: 3. Estimated cost: about 0.6 CNY.');
  const run = await workspace.quickRun([...object, '--json']);
  expect(run, run.stderr).toMatchObject({ exitCode: 0 });
  expect(run.json().map(({ assetId }) => assetId)).toEqual(['scene-reference', 'card/lamp', 'card/lamp/left']);
  const { folder, manifest } = manifestAt(run.stderr);
  expect(manifest.assets.map(({ path }) => path)).toEqual(['scene-ref.png', 'cards/lamp.png', 'views/lamp/left.png']);
  expect(existsSync(join(folder, 'views', 'lamp', 'left.png'))).toBe(true);
  const [, , view] = workspace.emulator.ledger.entries;
  expect(view?.references).toHaveLength(2);
  expect((await workspace.quickRun([...object, '--dry-run'])).stdout).toContain('Images to make: 0.');

  const half = { HOLODECK_JUDGE_URL: 'http://127.0.0.1:9/v1' };
  expect((await workspace.quickRun(object, half)).stderr).toContain('Set HOLODECK_JUDGE_MODEL');
  const legacy = { HUNYUAN_API: '2023-09-01' };
  for (const further of [['--dry-run'], []]) {
    const refused = await workspace.quickRun([...object, '--session', 'other', ...further], legacy);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toMatch(/cannot make views: each needs 2 pictures to follow/);
  }
  expect((await workspace.quickRun([...object.slice(0, -1), 'left'])).stderr).toContain('The views have no "front"');
  expect(workspace.emulator.ledger.submissions).toBe(3);
});

it('draws with Hy-Image 3.5, and the manifest has its price', async () => {
  const { apiKey } = workspace.emulator.credentials;
  const env = { HUNYUAN_API: 'hy-image-3.5', HUNYUAN_API_KEY: apiKey };
  const plan = await workspace.quickRun([...scene, '--dry-run'], env);
  expect(plan.stdout).toContain('Images to make: 3. Estimated cost: about 0.45 CNY.');
  const run = await workspace.quickRun(scene, env);
  expect(run, run.stderr).toMatchObject({ exitCode: 0 });
  const { manifest } = manifestAt(run.stderr);
  expect(manifest).toMatchObject({
    backend: 'hunyuan',
    model: 'hy-image-v3.5-preview',
    cost: { paidSubmissions: 3, amounts: [{ currency: 'CNY', amount: expect.closeTo(0.45, 10) as number }] },
  });
  expect(workspace.emulator.ledger.accepted).toBe(3);
});

it('makes no card after a failed scene reference, unless --without-reference allows it', async () => {
  const refusal = {
    kind: 'refuse',
    code: 'OperationDenied.TextIllegalDetected',
    operation: 'submit',
    times: 2,
  } as const;
  workspace.emulator.setFaults([refusal]);
  expect((await workspace.quickRun([...scene, '--json'])).json()).toMatchObject([
    { error: { kind: 'content-policy' } },
  ]);
  const allowed = await workspace.quickRun([...scene, '--without-reference', '--json']);
  expect(allowed.json()).toMatchObject([{ success: false }, { success: true }, { success: true }]);
  expect(allowed.exitCode).toBe(1);
  expect(allowed.stderr.match(/without a scene reference/g)).toHaveLength(2);
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 4, accepted: 2 });
});

it('makes only the reference without objects; sessions shows its state', async () => {
  expect(await workspace.quickRun(['scene', text, '--session', 'attic'])).toMatchObject({ exitCode: 0 });
  const list = await workspace.quickRun(['sessions', '--json']);
  expect(list.json()).toMatchObject([{ sessionId: 'attic', state: 'locked', backend: 'hunyuan', images: 1 }]);
  const show = await workspace.quickRun(['sessions', 'show', 'attic']);
  expect(show.stdout).toContain('scene-reference: current');
  const refused = await workspace.quickRun(['sessions', 'release', 'attic']);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain('--discard-assets');
  expect(await workspace.quickRun(['sessions', 'release', 'attic', '--discard-assets'])).toMatchObject({ exitCode: 0 });
  const free = await workspace.quickRun(['sessions', '--json']);
  expect(free.json()).toMatchObject([{ sessionId: 'attic', state: 'free' }]);
});

it('--dry-run shows backend, prompts, images and cost, and sends nothing', async () => {
  const plan = await workspace.quickRun([...scene, '--dry-run']);
  expect(plan).toMatchObject({ exitCode: 0 });
  expect(plan.stdout).toMatch(/Backend: hunyuan/);
  expect(plan.stdout).toMatch(/card\/书架: .*高大的橡木书架/);
  expect(plan.stdout).toContain('Images to make: 3. Estimated cost: about 0.6 CNY.');
  expect(existsSync(join(workspace.folder, 'output'))).toBe(false);
  expect(workspace.emulator.ledger.submissions).toBe(0);
  await workspace.quickRun(scene);
  const after = await workspace.quickRun([...scene, '--object', '梯子：一架木梯子', '--dry-run']);
  expect(after.stdout).toContain('Images to make: 1.');
  expect(workspace.emulator.ledger.submissions).toBe(3);
});

it('--max-cost stops before it is exceeded, and says so once for all cards', async () => {
  const more = ['--object', 'rug: woven rug', '--object', 'desk: oak desk'];
  const run = await workspace.quickRun([...scene, ...more, '--max-cost', '0.45']);
  expect(run.exitCode).toBe(1);
  expect(run.stderr.match(/^error: .*budget/gm)).toHaveLength(2);
  expect(run.stderr).toMatch(/^error: 2 more were not sent/m);
  expect(workspace.emulator.ledger.accepted).toBe(2);
});

it('takes objects from a file', async () => {
  const objects = [{ id: 'kettle', name: 'Kettle', description: 'a copper kettle', seed: 5 }];
  writeFileSync(join(workspace.folder, 'objects.json'), `\uFEFF${JSON.stringify({ objects })}`);
  const run = await workspace.quickRun(['scene', text, '--objects', 'objects.json', '--json']);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.json()[1]).toMatchObject({ assetId: 'card/kettle', objectId: 'kettle', seed: 5, success: true });
});

it('says that no backend is configured', async () => {
  const run = await workspace.quickRun(scene, { HUNYUAN_SECRET_ID: undefined, HUNYUAN_SECRET_KEY: undefined });
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toMatch(/HUNYUAN_SECRET_ID.*\n.*OPENAI_API_KEY.*\n.*COMFYUI_URL/);
});

it('fails with 3 if the backend is down, and leaves the session free', async () => {
  const reference = ['scene', text];
  const run = await workspace.quickRun(reference, { HUNYUAN_ENDPOINT: 'http://127.0.0.1:9' });
  expect(run.exitCode).toBe(3);
  expect(await workspace.quickRun(reference)).toMatchObject({ exitCode: 0 });
});
