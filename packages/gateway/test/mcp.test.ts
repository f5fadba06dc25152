import { join } from 'node:path';
import { readLabels } from '@holodeck/core/labels';
import { openStoreForFolder } from '@holodeck/core/stores';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { commandLine } from '../../../test/support/command-line.ts';
import { compileCache } from '../../../test/support/compile-cache.ts';
import { until } from '../../../test/support/until.ts';
import { openJobService } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
let services: Services;

beforeAll(async () => {
  services = await startServices({ jobMs: 300 });
});
afterAll(async () => {
  await services.close();
  await folders.remove();
});

interface Job {
  readonly job: string;
  readonly scene?: string;
  readonly status: string;
  readonly images: readonly { readonly asset?: string; readonly at: string }[];
  readonly errors: readonly { readonly message: string }[];
}

function environment(folder: string, backend: 'hunyuan' | 'comfyui' = 'hunyuan'): Record<string, string> {
  const { secretId, secretKey } = services.hunyuan.credentials;
  const variables =
    backend === 'hunyuan'
      ? { HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey, HUNYUAN_ENDPOINT: services.hunyuan.url }
      : { COMFYUI_URL: services.comfyui.url };
  return { PATH: process.env['PATH'] ?? '', ...compileCache, HOME: folder, XDG_STATE_HOME: folder, ...variables };
}

async function connect(folder: string, ...args: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [...commandLine, 'mcp', '--out', join(folder, 'output'), ...args],
      env: environment(folder),
      cwd: folder,
      stderr: 'ignore',
    }),
  );
  return client;
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}): Promise<Job> {
  const result = await client.callTool({ name, arguments: input });
  if (result.isError === true) throw new Error(JSON.stringify(result.content));
  return result.structuredContent as unknown as Job;
}

async function ended(client: Client, job: string): Promise<Job> {
  let found = await call(client, 'wait', { job });
  while (['queued', 'running'].includes(found.status)) found = await call(client, 'wait', { job });
  return found;
}

test('an agent plans a scene, makes it, is killed in the middle, and the next one finds it', async () => {
  const folder = await folders.make();
  const client = await connect(folder);
  const tools = (await client.listTools()).tools;
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['plan_scene', 'start_scene', 'add_cards', 'make_image', 'wait', 'get_image', 'resume']),
  );
  const scene = { text: '雨夜的面馆', objects: ['高脚凳', '汤锅'] };
  const before = services.hunyuan.ledger.snapshot().accepted;
  const plan = await client.callTool({ name: 'plan_scene', arguments: scene });
  expect(plan.structuredContent).toMatchObject({
    backend: 'hunyuan',
    images: [{ asset: 'scene-reference' }, { asset: 'card/高脚凳' }, { asset: 'card/汤锅' }],
    cost: [{ currency: 'CNY' }],
  });
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(before);
  const started = await call(client, 'start_scene', scene);
  expect((await call(client, 'start_scene', scene)).job).toBe(started.job);
  const messages: (string | undefined)[] = [];
  const waiting = client.callTool(
    { name: 'wait', arguments: { job: started.job } },
    { onprogress: ({ message }) => messages.push(message) },
  );
  waiting.catch(() => undefined);
  await until(() => messages.some((message) => message?.endsWith('accepted') === true));
  const { transport } = client;
  process.kill((transport as StdioClientTransport).pid ?? 0, 'SIGKILL');

  const next = await connect(folder);
  expect((await call(next, 'resume')) as unknown).toMatchObject({ jobs: [{ job: started.job }] });
  const done = await ended(next, started.job);
  expect(done).toMatchObject({ status: 'succeeded', images: [{ asset: 'scene-reference' }, {}, {}] });
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(before + 3);
  const { content } = await next.callTool({ name: 'get_image', arguments: { job: started.job, number: 2 } });
  expect(content).toMatchObject([
    { type: 'image', mimeType: 'image/webp' },
    { type: 'text', text: done.images[1]?.at },
  ]);
  const { data = '' } = content[0] as { data?: string };
  const { digitalSourceType } = readLabels(Buffer.from(data, 'base64'));
  expect(digitalSourceType).toMatch(/compositeWithTrainedAlgorithmicMedia$/);
  const { resources } = await next.listResources();
  expect(resources).toMatchObject([{ uri: `holodeck://scenes/${encodeURIComponent(started.scene ?? '')}` }]);
  const manifest = await next.readResource({ uri: resources[0]?.uri ?? '' });
  expect(JSON.parse((manifest.contents[0] as { text: string }).text)).toMatchObject({ backend: 'hunyuan' });
  await next.close();
});

test('nothing is spent without --max-cost where it would cost something', async () => {
  const folder = await folders.make();
  const output = join(folder, 'output');
  const { backends } = services;
  const caller = { key: '', maxCost: 0, budget: 'test' };
  const store = await openStoreForFolder(output);
  const service = await openJobService({ backends, outputDir: output, store, callerOf: () => caller });
  const before = services.hunyuan.ledger.snapshot().submissions;
  const image = await service.start(caller, { kind: 'image', prompt: 'x', backend: 'hunyuan', count: 1 });
  expect(await service.wait(caller, image.id, 600_000)).toMatchObject({
    status: 'failed',
    failures: [{ error: { kind: 'budget', message: expect.stringContaining('spend limit') } }],
  });
  // A dot in its name makes a session nobody else's.
  const scene = await service.startScene(caller, { kind: 'scene', session: 'a.b', text: 'a room', objects: [] });
  expect(await service.wait(caller, scene.id, 600_000)).toMatchObject({
    status: 'failed',
    failures: [{ error: { kind: 'budget' } }],
  });
  expect(services.hunyuan.ledger.snapshot().submissions).toBe(before);
  await service.close();
  await store.close();
});

test('over HTTP the tools are the same', async () => {
  const gateway = await startTestGateway(services, await folders.make());
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`)));
  const { tools } = await client.listTools();
  // Every tool says whether it may pay, and gives its answer a type, except the one that shows a picture.
  const paying = tools.filter(({ annotations }) => annotations?.readOnlyHint === false).map(({ name }) => name);
  expect(paying).toEqual(['start_scene', 'add_cards', 'regenerate', 'make_image', 'resume']);
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint !== undefined)).toBe(true);
  expect(tools.filter(({ outputSchema }) => outputSchema === undefined).map(({ name }) => name)).toEqual(['get_image']);
  const started = await call(client, 'make_image', { prompt: 'a lantern', backend: 'openai' });
  expect(await ended(client, started.job)).toMatchObject({
    status: 'succeeded',
    images: [{ at: expect.stringMatching('http') }],
  });
  for (const [name, input] of [
    ['start_scene', { text: '\u200b ' }],
    ['start_scene', { text: 'a room', objects: [' '] }],
    ['plan_scene', { text: ' ' }],
    ['add_cards', { scene: 'a-room', objects: [{ name: '\u200b' }] }],
    ['make_image', { prompt: ' \u200b' }],
  ] as const) {
    const blank = await client.callTool({ name, arguments: input });
    expect(blank).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('is blank') }] });
  }
  const unknown = await client.callTool({ name: 'wait', arguments: { job: 'job_0' } });
  expect(unknown.isError).toBe(true);
  // Not taken for the scene reference, which would be paid for.
  const again = { scene: 'a-room', asset: 'lantern', seed: 1 };
  const refused = await client.callTool({ name: 'regenerate', arguments: again });
  expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('card/<id>') }] });
  await client.close();
  await gateway.close();
});
