import { byNodeId } from './workflow.ts';
import { resolveInput } from './input-path.ts';
import type { InputAddress } from './input-path.ts';
import type { ResolvedBinding } from './workflow-binding.ts';
import type { Graph } from '../wire/comfyui-wire.ts';

/** What one job puts into a workflow. */
export interface FillValues {
  /** Becomes the file name's prefix. */
  readonly key: string;
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly seed?: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly checkpoint?: string;
  /** Names of uploaded files, for the binding's references in order; undefined leaves the workflow's own. */
  readonly references: readonly (string | undefined)[];
  /** Any other input by its path. */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** A graph that is ready to be posted. */
export interface FilledGraph {
  readonly graph: Graph;
  /** See `resultPrefixes`. */
  readonly prefixes: readonly string[];
}

/**
 * A copy of a workflow with a job's values in it; the workflow itself stays as it is. Every saving node gets a file name
 * prefix of this job's own: equal graphs are answered from the server's cache with the old file's name, even when that file
 * is gone, and a name of its own tells whose file it is.
 */
export function fillWorkflow(template: Graph, binding: ResolvedBinding, values: FillValues): FilledGraph {
  // As deep as anything is changed: a clone of all takes longer than the rest of this function.
  const graph = Object.fromEntries(
    Object.entries(template).map(([id, node]) => [
      id,
      { ...node, inputs: { ...node.inputs } as Record<string, unknown> },
    ]),
  );
  const put = (addresses: readonly InputAddress[], value: unknown): void => {
    for (const { node, input } of addresses) {
      graph[node]!.inputs[input] = value;
    }
  };
  put(binding.prompt, values.prompt);
  put(binding.width, values.width);
  put(binding.height, values.height);
  put(binding.batchSize, values.count);
  if (values.negativePrompt !== undefined) {
    put(binding.negativePrompt, values.negativePrompt);
  }
  if (values.seed !== undefined) {
    put(binding.seed, values.seed);
  }
  if (values.checkpoint !== undefined) {
    put(binding.checkpoint, values.checkpoint);
  }
  for (const [index, name] of values.references.entries()) {
    const reference = binding.references[index];
    if (name !== undefined && reference !== undefined) {
      put([reference.address], name);
    }
  }
  const savers = savingNodes(template, binding);
  for (const [index, id] of savers.entries()) {
    graph[id]!.inputs['filename_prefix'] = prefixAt(index, values.key);
  }
  for (const [path, value] of Object.entries(values.inputs ?? {})) {
    put([resolveInput(template, path)], value);
  }
  return { graph, prefixes: resultPrefixes(template, binding, values.key) };
}

/**
 * The file name prefixes of the result's nodes, in the result's order. None where one of them keeps no file under a prefix, such
 * as a preview: the whole result cannot be found by them.
 */
export function resultPrefixes(graph: Graph, binding: ResolvedBinding, key: string): readonly string[] {
  const savers = savingNodes(graph, binding);
  const bySocket = Object.keys(graph).filter((id) => graph[id]!.class_type === 'SaveImageWebsocket');
  const results = binding.outputs ?? [...savers, ...bySocket].sort(byNodeId);
  const places = results.map((id) => savers.indexOf(id));
  return places.includes(-1) ? [] : places.map((place) => prefixAt(place, key));
}

function prefixAt(place: number, key: string): string {
  return place === 0 ? key : `${key}-${place + 1}`;
}

/** Nodes that write files under a prefix; those whose images are the result come first. */
function savingNodes(graph: Graph, binding: ResolvedBinding): string[] {
  const savers = Object.keys(graph).filter(
    (id) => Object.hasOwn(graph[id]!.inputs, 'filename_prefix') || graph[id]!.class_type === 'SaveImage',
  );
  const first = (binding.outputs ?? []).filter((id) => savers.includes(id));
  return [...first, ...savers.filter((id) => !first.includes(id))];
}
