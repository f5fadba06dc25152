import { isLink } from '../wire/comfyui-wire.ts';
import type { ReferenceRole } from '@holodeck/core';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';
import type { InputAddress } from './input-path.ts';
import type { PartialBinding } from './workflow-binding.ts';

const textInputs = ['text', 'prompt', 'text_g', 'text_l', 'clip_l', 't5xxl', 'string', 'value', 'wildcard_text'];
const styleClasses = /ipadapter|stylemodel|clipvision|redux|instantid|pulid|photomaker/i;

/** The node behind an input's link. */
function sourceOf(graph: Graph, node: GraphNode, input: string): string | undefined {
  const value = node.inputs[input];
  const id = isLink(value) ? String(value[0]) : undefined;
  return id !== undefined && Object.hasOwn(graph, id) ? id : undefined;
}

/** All nodes that a node depends on, itself included, nearest first. */
function upstream(graph: Graph, start: string): string[] {
  const seen = new Set([start]);
  for (const id of seen) {
    for (const input of Object.keys(graph[id]!.inputs)) {
      const source = sourceOf(graph, graph[id]!, input);
      if (source !== undefined) {
        seen.add(source);
      }
    }
  }
  return [...seen];
}

/** A literal input of the given type, or the literal in the value node that it is linked to. */
function literal(
  graph: Graph,
  id: string,
  input: string,
  type: 'string' | 'number',
  depth = 0,
): InputAddress | undefined {
  const node = graph[id]!;
  const found = typeof node.inputs[input];
  if (found === type || (found === 'bigint' && type === 'number')) {
    return { node: id, input };
  }
  const source = sourceOf(graph, node, input);
  if (source === undefined || depth > 8) {
    return undefined;
  }
  const names = type === 'string' ? textInputs : ['value', 'int', 'number', 'seed'];
  for (const name of names) {
    const behind = Object.hasOwn(graph[source]!.inputs, name) && literal(graph, source, name, type, depth + 1);
    if (behind) {
      return behind;
    }
  }
  return undefined;
}

/** Follows a conditioning link back to the text inputs of the node that encodes it. */
function textsBehind(
  graph: Graph,
  id: string,
  role: 'positive' | 'negative',
  seen: Set<string> = new Set(),
): InputAddress[] {
  if (seen.has(id)) {
    return [];
  }
  seen.add(id);
  const node = graph[id]!;
  if (/zeroout/i.test(node.class_type)) {
    return [];
  }
  const texts = textInputs.flatMap((name) =>
    Object.hasOwn(node.inputs, name) ? (literal(graph, id, name, 'string') ?? []) : [],
  );
  if (texts.length > 0) {
    return texts;
  }
  // A loader that also encodes (Efficient Loader) holds both texts under their roles.
  if (typeof node.inputs[role] === 'string') {
    return [{ node: id, input: role }];
  }
  // A node with both (ControlNetApplyAdvanced) passes each on by its own name.
  const preferred = sourceOf(graph, node, role);
  if (preferred !== undefined) {
    return textsBehind(graph, preferred, role, seen);
  }
  return Object.keys(node.inputs)
    .filter((name) => /conditioning|guider|cond|positive/i.test(name))
    .flatMap((name) => {
      const source = sourceOf(graph, node, name);
      return source === undefined ? [] : textsBehind(graph, source, role, seen);
    });
}

function unique(addresses: readonly InputAddress[]): InputAddress[] {
  return [...new Map(addresses.map((address) => [`${address.node}\n${address.input}`, address])).values()];
}

function isSaver(node: GraphNode): boolean {
  return Object.hasOwn(node.inputs, 'filename_prefix') || /^(?:save|preview)image/i.test(node.class_type);
}

/** Nodes that take part in the results: what the savers depend on. */
function reachable(graph: Graph): string[] {
  const savers = Object.keys(graph).filter((id) => isSaver(graph[id]!));
  const starts = savers.length > 0 ? savers : Object.keys(graph);
  return [...new Set(starts.flatMap((id) => upstream(graph, id)))].sort(byNodeId);
}

function byNodeId(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : 1);
}

function guessSize(graph: Graph, ids: readonly string[], samplers: readonly string[]): PartialBinding {
  const makesEmpty = (id: string): boolean =>
    /^empty.*(?:latent|image)/i.test(graph[id]!.class_type) && Object.hasOwn(graph[id]!.inputs, 'width');
  const behindSamplers = samplers.flatMap((id) => {
    const source = sourceOf(graph, graph[id]!, 'latent_image');
    const found = source === undefined ? undefined : upstream(graph, source).find(makesEmpty);
    return found === undefined ? [] : [found];
  });
  const candidates = new Set(behindSamplers.length > 0 ? behindSamplers : ids.filter(makesEmpty));
  const [source] = candidates;
  if (source === undefined || candidates.size > 1) {
    return {};
  }
  const width = literal(graph, source, 'width', 'number');
  const height = literal(graph, source, 'height', 'number');
  const batch = literal(graph, source, 'batch_size', 'number');
  return {
    ...(width === undefined || height === undefined ? {} : { width: [width], height: [height] }),
    ...(batch === undefined ? {} : { batchSize: [batch] }),
  };
}

function guessReferences(graph: Graph, ids: readonly string[]): PartialBinding {
  const loaders = ids.filter(
    (id) => graph[id]!.class_type === 'LoadImage' && typeof graph[id]!.inputs['image'] === 'string',
  );
  const [loader] = loaders;
  if (loader === undefined || loaders.length > 1) {
    return {};
  }
  const lookedAt = ids.some(
    (id) =>
      styleClasses.test(graph[id]!.class_type) &&
      Object.keys(graph[id]!.inputs).some((input) => sourceOf(graph, graph[id]!, input) === loader),
  );
  const role: ReferenceRole = lookedAt ? 'style' : 'init';
  return { references: [{ address: { node: loader, input: 'image' }, role }] };
}

/**
 * Guesses a binding for graphs of the usual kinds, by following links rather than by order or names: a sampler's
 * `positive` and `negative` back to the texts that they encode, its `latent_image` back to the empty latent, every literal
 * `seed` or `noise_seed`, one LoadImage, one checkpoint loader. What is ambiguous stays unbound. A negative prompt is not
 * bound where it has no effect (cfg 1, or zeroed conditioning).
 */
export function guessBinding(graph: Graph): PartialBinding {
  const ids = reachable(graph);
  const samplers = ids.filter(
    (id) =>
      ['positive', 'guider'].some((name) => sourceOf(graph, graph[id]!, name)) &&
      Object.hasOwn(graph[id]!.inputs, 'latent_image'),
  );
  const texts = (role: 'positive' | 'negative'): InputAddress[] =>
    unique(
      samplers.flatMap((id) => {
        const guider = sourceOf(graph, graph[id]!, 'guider');
        const holder = guider ?? id;
        const input = role === 'positive' && !Object.hasOwn(graph[holder]!.inputs, 'positive') ? 'conditioning' : role;
        const source = sourceOf(graph, graph[holder]!, input);
        const guided = role === 'positive' || graph[holder]!.inputs['cfg'] !== 1;
        return source === undefined || !guided ? [] : textsBehind(graph, source, role);
      }),
    );
  const prompt = texts('positive');
  const taken = new Set(prompt.map((address) => `${address.node}\n${address.input}`));
  const negative = texts('negative').filter((address) => !taken.has(`${address.node}\n${address.input}`));
  const seeds = ids.flatMap((id) =>
    ['seed', 'noise_seed'].flatMap((name) =>
      Object.hasOwn(graph[id]!.inputs, name) ? (literal(graph, id, name, 'number') ?? []) : [],
    ),
  );
  const loaders = ids.filter((id) => typeof graph[id]!.inputs['ckpt_name'] === 'string');
  return {
    prompt,
    negativePrompt: negative,
    seed: unique(seeds),
    ...guessSize(graph, ids, samplers),
    ...guessReferences(graph, ids),
    ...(loaders.length === 1 ? { checkpoint: [{ node: loaders[0]!, input: 'ckpt_name' }] } : {}),
  };
}
