import { isRecord } from '@holodeck/core/backend';
import { readFileSync } from 'node:fs';
import { invalidOptions } from '../comfyui-errors.ts';
import { textOf } from '../wire/comfyui-wire.ts';
import { parseExactJson } from '../wire/exact-json.ts';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';

/**
 * Where a workflow comes from: the path of a JSON file, or the parsed JSON itself. Both in ComfyUI's API format ("Export
 * (API)" in its Workflow menu).
 */
export type WorkflowSource = string | Readonly<Record<string, unknown>>;

const howToExport =
  'In ComfyUI choose "Workflow > Export (API)" (older versions: enable dev mode, then "Save (API Format)") and use that file.';

/**
 * Reads and checks a workflow. The object that is passed in is copied, never changed.
 *
 * @throws ImageError `invalid-request` when the file cannot be read, is no JSON, or is not in API format.
 */
export function loadWorkflow(source: WorkflowSource): Graph {
  if (typeof source !== 'string') {
    return checkWorkflow(structuredClone(source), 'The workflow');
  }
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    const code = isRecord(error) ? textOf(error['code']) : '';
    throw invalidOptions(
      `The workflow file ${source} cannot be read${code === '' ? '' : ` (${code})`}. Check the path.`,
      error,
    );
  }
  let parsed: unknown;
  try {
    parsed = parseExactJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalidOptions(`The workflow file ${source} is not JSON. ${howToExport}`, error);
  }
  return checkWorkflow(parsed, `The workflow file ${source}`);
}

function checkWorkflow(value: unknown, name: string): Graph {
  if (!isRecord(value)) {
    throw invalidOptions(`${name} is not a JSON object. ${howToExport}`);
  }
  if (Array.isArray(value['nodes'])) {
    throw invalidOptions(
      `${name} is in the format of ComfyUI's editor ("nodes" and "links"), which its server does not run. ${howToExport}`,
    );
  }
  // The body of POST /prompt, as some tools save it.
  const inner = value['prompt'];
  const graph = isRecord(inner) && inner['class_type'] === undefined ? inner : value;
  const ids = Object.keys(graph);
  if (ids.length === 0) {
    throw invalidOptions(`${name} has no nodes. ${howToExport}`);
  }
  for (const id of ids) {
    const node = graph[id];
    if (!isRecord(node) || typeof node['class_type'] !== 'string') {
      throw invalidOptions(`${name}: entry "${id}" is not a node (it has no class_type). ${howToExport}`);
    }
    if (!isRecord(node['inputs'])) {
      throw invalidOptions(`${name}: node "${id}" (${node['class_type']}) has no inputs object. ${howToExport}`);
    }
  }
  return graph as Graph;
}

/** A node's title: what its author wrote, or else its class. */
export function titleOf(node: GraphNode): string {
  return node._meta?.title ?? node.class_type;
}
