import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { listNames } from '../list-names.ts';
import { titleOf } from './workflow.ts';
import { fetchNodeInfo, inputNames } from './node-info.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';
import type { Graph } from '../wire/comfyui-wire.ts';

/** One input of one node. */
export interface InputAddress {
  readonly node: string;
  readonly input: string;
}

/**
 * Names an input of a node: `"6.text"` (node id, dot, input name; `"6.inputs.text"` is the same), or by the node's title:
 * `"Positive.text"`.
 */
export type InputPath = string;

function splitPath(path: string): InputAddress | undefined {
  const dot = path.lastIndexOf('.');
  if (dot <= 0 || dot === path.length - 1) {
    return undefined;
  }
  return { node: path.slice(0, dot).replace(/\.inputs$/, ''), input: path.slice(dot + 1) };
}

/** The id of a node that is named by its id or, where there is no such id, by its title (unique, letter case ignored). */
export function findNode(graph: Graph, name: string): string | undefined {
  if (Object.hasOwn(graph, name)) {
    return name;
  }
  const wanted = name.toLowerCase();
  const matches = Object.keys(graph).filter((id) => titleOf(graph[id]!).toLowerCase() === wanted);
  return matches.length === 1 ? matches[0] : undefined;
}

function listOfNodes(graph: Graph): string {
  return listNames(Object.keys(graph).map((id) => `${id} (${titleOf(graph[id]!)})`));
}

/** A message when the path names nothing in the graph, else the address. */
export function locateInput(graph: Graph, path: string): InputAddress | Message {
  const parts = splitPath(path);
  if (parts === undefined) {
    return say('input-path', { path });
  }
  const node = findNode(graph, parts.node);
  if (node === undefined) {
    return say('input-node', { path, node: parts.node, nodes: listOfNodes(graph) });
  }
  return { node, input: parts.input };
}

/**
 * The address behind a path.
 *
 * @throws ImageError `invalid-request` when there is no such node.
 */
export function resolveInput(graph: Graph, path: string): InputAddress {
  const found = locateInput(graph, path);
  if ('message' in found) {
    throw invalidOptions(found);
  }
  return found;
}

/**
 * Asks the server about inputs that a graph does not set itself: a misspelt one would have no effect.
 *
 * @throws ImageError `invalid-request` naming the node's inputs.
 */
export async function checkInputs(
  graph: Graph,
  paths: readonly string[],
  http: ComfyUIHttp,
  signal: AbortSignal,
): Promise<void> {
  for (const path of paths) {
    const { node, input } = resolveInput(graph, path);
    const { class_type: type, inputs } = graph[node]!;
    if (Object.hasOwn(inputs, input)) continue;
    const info = (await fetchNodeInfo(http, [type], signal)).get(type);
    const known = info === undefined ? [input] : inputNames(info);
    if (!known.includes(input)) {
      throw invalidOptions(say('input-unknown', { path, input, node, type, inputs: known.join(', ') }));
    }
  }
}
