import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fluxGraph, plainGraph, standardGraph } from '../../test/support/graphs.ts';
import { fillWorkflow } from './workflow-fill.ts';
import { loadWorkflow } from './workflow.ts';
import { resolveBinding } from './workflow-binding.ts';

const at = (node: string, input: string): { node: string; input: string } => ({ node, input });

describe('loading a workflow', () => {
  it('reads a file with a byte-order mark, and the body of a POST', () => {
    const folder = mkdtempSync(join(tmpdir(), 'workflow-'));
    const file = join(folder, 'graph.json');
    writeFileSync(file, `\uFEFF${JSON.stringify({ prompt: plainGraph(), client_id: 'x' })}`);
    expect(Object.keys(loadWorkflow(file))).toEqual(['1', '2']);
    writeFileSync(file, 'not json');
    expect(() => loadWorkflow(file)).toThrow(/graph\.json is not JSON.*Export \(API\)/);
    rmSync(folder, { recursive: true });
    expect(() => loadWorkflow(file)).toThrow(/cannot be read \(ENOENT\)/);
  });

  it.each([
    [{ nodes: [], links: [], last_node_id: 3 }, /format of ComfyUI's page.*convertWorkflow.*Export \(API\)/],
    [{}, /has no nodes/],
    [{ '1': { inputs: {} } }, /entry "1" is not a node/],
    [{ '1': { class_type: 'SaveImage' } }, /node "1" \(SaveImage\) has no inputs/],
  ])('explains what is wrong with %j', (graph, message) => {
    expect(() => loadWorkflow(graph)).toThrow(message);
  });
});

describe('binding', () => {
  it('guesses the standard graph', () => {
    expect(resolveBinding(standardGraph())).toEqual({
      prompt: [at('6', 'text')],
      negativePrompt: [at('7', 'text')],
      seed: [at('3', 'seed')],
      width: [at('5', 'width')],
      height: [at('5', 'height')],
      batchSize: [at('5', 'batch_size')],
      checkpoint: [at('4', 'ckpt_name')],
      references: [],
    });
  });

  it('guesses Flux through guider and guidance, without a negative prompt', () => {
    expect(resolveBinding(fluxGraph())).toMatchObject({
      prompt: [at('6', 'text')],
      negativePrompt: [],
      seed: [at('25', 'noise_seed')],
      width: [at('27', 'width')],
      batchSize: [at('27', 'batch_size')],
      checkpoint: [],
    });
  });

  it('does not bind a negative prompt that has no effect', () => {
    const cfgOne = standardGraph();
    cfgOne['3']!.inputs['cfg'] = 1;
    expect(resolveBinding(cfgOne).negativePrompt).toEqual([]);
    const zeroed = standardGraph();
    zeroed['7'] = { class_type: 'ConditioningZeroOut', inputs: { conditioning: ['6', 0] } };
    expect(resolveBinding(zeroed)).toMatchObject({ prompt: [at('6', 'text')], negativePrompt: [] });
    const shared = standardGraph();
    shared['3']!.inputs['negative'] = ['6', 0];
    expect(resolveBinding(shared).negativePrompt).toEqual([]);
  });

  it('follows links to value nodes and through nodes that carry both conditionings', () => {
    const graph = standardGraph();
    graph['6']!.inputs['text'] = ['30', 0];
    graph['30'] = { class_type: 'PrimitiveStringMultiline', inputs: { value: 'words' } };
    graph['3']!.inputs['seed'] = ['31', 0];
    graph['31'] = { class_type: 'PrimitiveInt', inputs: { value: 3 } };
    graph['32'] = {
      class_type: 'ControlNetApplyAdvanced',
      inputs: { positive: ['6', 0], negative: ['7', 0], strength: 1 },
    };
    graph['3']!.inputs['positive'] = ['32', 0];
    graph['3']!.inputs['negative'] = ['32', 1];
    expect(resolveBinding(graph)).toMatchObject({
      prompt: [at('30', 'value')],
      negativePrompt: [at('7', 'text')],
      seed: [at('31', 'value')],
    });
  });

  it('finds the texts of loaders that encode them, and of wildcard nodes', () => {
    const graph = standardGraph();
    graph['30'] = { class_type: 'Efficient Loader', inputs: { ckpt_name: 'a', positive: 'p', negative: 'n' } };
    graph['3']!.inputs['positive'] = ['30', 1];
    graph['3']!.inputs['negative'] = ['30', 2];
    expect(resolveBinding(graph)).toMatchObject({
      prompt: [at('30', 'positive')],
      negativePrompt: [at('30', 'negative')],
    });
    const wild = standardGraph();
    wild['6']!.inputs['text'] = ['31', 0];
    wild['31'] = { class_type: 'ImpactWildcardProcessor', inputs: { wildcard_text: 'p', populated_text: 'p' } };
    expect(resolveBinding(wild).prompt).toEqual([at('31', 'wildcard_text')]);
  });

  it('binds one LoadImage as a picture to start from or to follow; several stay unbound', () => {
    const graph = standardGraph();
    graph['20'] = { class_type: 'LoadImage', inputs: { image: 'example.png' } };
    graph['21'] = { class_type: 'VAEEncode', inputs: { pixels: ['20', 0], vae: ['4', 2] } };
    graph['3']!.inputs['latent_image'] = ['21', 0];
    delete graph['5'];
    expect(resolveBinding(graph)).toMatchObject({
      references: [{ address: at('20', 'image'), role: 'init' }],
      width: [],
      batchSize: [],
    });
    graph['22'] = { class_type: 'IPAdapter', inputs: { image: ['20', 0], model: ['4', 0] } };
    graph['3']!.inputs['model'] = ['22', 0];
    expect(resolveBinding(graph).references[0]?.role).toBe('style');
    graph['23'] = { class_type: 'LoadImage', inputs: { image: 'second.png' } };
    graph['22'].inputs['mask'] = ['23', 1];
    expect(resolveBinding(graph).references).toEqual([]);
  });

  it('reads titles, which win over the guess', () => {
    const graph = standardGraph();
    graph['7']!._meta = { title: 'words @prompt' };
    graph['5']!._meta = { title: '@size @batch' };
    graph['20'] = {
      class_type: 'EmptyImage',
      inputs: { width: 8, height: 8, batch_size: 1, color: 0 },
      _meta: { title: '@seed.color' },
    };
    graph['9']!._meta = { title: 'mail@example.com @output' };
    expect(resolveBinding(graph)).toMatchObject({
      prompt: [at('7', 'text')],
      seed: [at('20', 'color')],
      width: [at('5', 'width')],
      batchSize: [at('5', 'batch_size')],
      outputs: ['9'],
    });
    graph['8']!._meta = { title: '@seed' };
    expect(() => resolveBinding(graph)).toThrow(/Node "8" \(VAEDecode\) is titled "@seed".*"@seed\.samples"/);
  });

  it('takes explicit paths by id or title, which win over titles', () => {
    const graph = standardGraph();
    graph['6']!._meta = { title: 'Positive' };
    graph['7']!._meta = { title: '@prompt' };
    const binding = resolveBinding(graph, {
      prompt: 'positive.text',
      seed: [],
      outputs: '9',
      references: [{ input: '4.inputs.ckpt_name', role: 'style' }],
    });
    expect(binding).toMatchObject({
      prompt: [at('6', 'text')],
      seed: [],
      outputs: ['9'],
      references: [{ address: at('4', 'ckpt_name'), role: 'style' }],
    });
    expect(() => resolveBinding(graph, { prompt: '66.text' })).toThrow(/no node "66".*3 \(KSampler\)/);
    expect(() => resolveBinding(graph, { prompt: 'text' })).toThrow(/not an input path/);
    expect(() => resolveBinding(graph, { outputs: ['90'] })).toThrow(/output "90"/);
    expect(() => resolveBinding(graph, { promt: '6.text' } as never)).toThrow(/no field "promt"/);
  });
});

describe('filling', () => {
  it('does not change the workflow, and gives each saver its own prefix', () => {
    const graph = standardGraph();
    graph['12'] = { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'other' } };
    const before = structuredClone(graph);
    const filled = fillWorkflow(graph, resolveBinding(graph, { outputs: ['12', '9'] }), {
      key: 'key',
      prompt: '夜',
      negativePrompt: 'blur',
      seed: 5,
      width: 640,
      height: 320,
      count: 2,
      references: [],
      inputs: { 'KSampler.steps': 30, '4.ckpt_name': 'x.safetensors' },
    });
    expect(graph).toEqual(before);
    expect(filled.prefixes).toEqual(['key', 'key-2']);
    expect(filled.graph).toMatchObject({
      '3': { inputs: { seed: 5, steps: 30, cfg: 8, model: ['4', 0] } },
      '4': { inputs: { ckpt_name: 'x.safetensors' } },
      '5': { inputs: { width: 640, height: 320, batch_size: 2 } },
      '6': { inputs: { text: '夜' } },
      '7': { inputs: { text: 'blur' } },
      '12': { inputs: { filename_prefix: 'key' } },
      '9': { inputs: { filename_prefix: 'key-2' } },
    });
  });
});
