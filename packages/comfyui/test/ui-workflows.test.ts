import { convertWorkflow, createComfyUIBackend } from '@holodeck/comfyui';
import { startComfyUIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator } from '@holodeck/emulators';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, generate } from './support/harness.ts';
import { box, page, standard, standardLinks } from './support/ui-workflows/ui-parts.ts';
import type { Json } from './support/ui-workflows/ui-parts.ts';
import { plainWorkflows } from './support/ui-workflows/plain-workflows.ts';
import { subgraphWorkflows } from './support/ui-workflows/subgraph-workflows.ts';
import { wiredWorkflows } from './support/ui-workflows/wired-workflows.ts';

let emulator: ComfyUIEmulator;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ui-workflows-'));
  emulator = await startComfyUIEmulator({
    jobMs: 0,
    models: {
      checkpoints: ['emulator-checkpoint.safetensors'],
      loras: ['line-art.safetensors'],
      controlnet: ['depth.safetensors'],
    },
  });
  const form = new FormData();
  form.set('image', new Blob(['any bytes: nothing looks at them here']), 'pose.png');
  await fetch(`${emulator.url}/upload/image`, { method: 'POST', body: form });
});

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

const convert = (ui: Json): Promise<unknown> => convertWorkflow(ui, { url: emulator.url });

describe('a workflow of the page', () => {
  it.each([...plainWorkflows, ...wiredWorkflows, ...subgraphWorkflows])(
    'becomes what the page exports, and the server takes it: $name',
    async ({ ui, api }) => {
      const graph = await convert(ui);
      expect(graph).toEqual(api);
      const answer = await fetch(`${emulator.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt: graph }) });
      expect(await answer.json()).toMatchObject({ node_errors: {} });
      expect(answer.status).toBe(200);
    },
  );

  it("makes a picture from the request's prompt", async () => {
    const [first] = plainWorkflows;
    const file = join(folder, 'page.json');
    writeFileSync(file, JSON.stringify(first!.ui));
    const workflow = await convertWorkflow(file, { url: emulator.url });
    const backend = createComfyUIBackend({ url: emulator.url, workflow });
    try {
      const { images } = await generate(backend, { prompt: 'a red door' });
      expect(images.size).toBe(1);
      expect(emulator.ledger.entries.at(-1)).toMatchObject({ prompt: 'a red door' });
    } finally {
      await backend.close();
    }
  });

  it('in API format comes back unchanged, without a request', async () => {
    const graph = plainWorkflows[0]!.api;
    expect(await convertWorkflow(graph, { url: 'http://127.0.0.1:9' })).toEqual(graph);
  });

  it("keeps a seed beyond JavaScript's safe integers", async () => {
    const file = join(folder, 'long.json');
    const text = JSON.stringify(plainWorkflows[0]!.ui).replace('156680208700286', '18446744073709551615');
    writeFileSync(file, text);
    const graph = await convertWorkflow(file, { url: emulator.url });
    expect(graph['3']!.inputs['seed']).toBe(18446744073709551615n);
  });
});

const { 3: sampler, 4: loader, 5: latent, 6: positive, 7: negative, 8: decode, 9: save } = standard;
const others = (): Json[] => [latent(), negative(), sampler(), decode(), save()];

describe('a workflow that only the page can send', () => {
  it.each<[string, Json, RegExp]>([
    [
      'Get and Set nodes',
      page(
        [...others(), loader(), positive(), box(60, 'GetNode', { outputs: [['MODEL', 'MODEL', 1]], values: ['m'] })],
        standardLinks,
      ),
      /node 60 \(GetNode\) works only inside ComfyUI's page.*"File > Export \(API\)"/,
    ],
    [
      'words drawn at random',
      page([...others(), loader(), positive({ widgets_values: ['a {red|green} door'] })], standardLinks),
      /node 6 \(CLIPTextEncode\) draws words at random \(\{red\|green\}\)/,
    ],
    [
      'more values than its class has inputs',
      page([...others(), loader(), positive({ widgets_values: ['a door', { picked: true }] })], standardLinks),
      /the values of node 6 \(CLIPTextEncode\) do not fit/,
    ],
    [
      'a value of another kind than its input',
      page(
        [...others().slice(0, 2), sampler({ widgets_values: ['euler', 20] }), decode(), save(), loader(), positive()],
        standardLinks,
      ),
      /the values of node 3 \(KSampler\) do not fit/,
    ],
    [
      'a required input whose source is muted',
      page([...others(), loader(), positive({ mode: 2 })], standardLinks),
      /the input positive of node 3 \(KSampler\) has no source/,
    ],
    [
      'a subgraph that contains itself',
      page([box(1, 'loop', {})], [], {
        definitions: { subgraphs: [{ id: 'loop', inputs: [], outputs: [], links: [], nodes: [box(1, 'loop', {})] }] },
      }),
      /subgraphs contain each other/,
    ],
    ['nothing but notes', page([box(1, 'Note', { values: ['later'] })], []), /nothing in it is active/],
    ['an entry that is not a node', page([{ id: 4 }], []), /entry 0 of its nodes is not a node/],
  ])('is refused: %s', async (_name, ui, words) => {
    expect(await failure(convert(ui))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-submitted',
      message: expect.stringMatching(words),
    });
  });

  it('names the nodes that the server lacks, with their packs', async () => {
    const ui = page(
      [
        ...others(),
        loader(),
        positive(),
        box(70, 'IPAdapterAdvanced', { more: { properties: { cnr_id: 'comfyui_ipadapter_plus' } } }),
        box(71, 'UnetLoaderGGUF', {}),
        box(72, 'MyOwnNode', {}),
      ],
      standardLinks,
    );
    const error = await failure(convert(ui));
    expect(error).toMatchObject({ kind: 'unsupported', outcome: 'not-submitted', code: 'missing_node_type' });
    expect(error.message).toContain('no node IPAdapterAdvanced (node 70), which is in the pack comfyui_ipadapter_plus');
    expect(error.message).toContain('no node UnetLoaderGGUF (node 71), which is in the pack ComfyUI-GGUF');
    expect(error.message).toContain('no node MyOwnNode (node 72)');
  });

  it('says what to do if no server answers or it was not converted', async () => {
    const { ui } = plainWorkflows[0]!;
    expect(await failure(convertWorkflow(ui, { url: 'http://127.0.0.1:9' }))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('converted with the list of nodes of the server'),
    });
    expect(() => createComfyUIBackend({ workflow: ui })).toThrow(/await convertWorkflow/);
  });
});
